"""What moto must do differently when its instances really boot. The launcher calls patch() before the server starts.

Everything here follows what AWS does; without a follower (the process that runs the machines) instances behave as in plain moto.
"""

import functools
import json
import os
import random
import threading
import time
from urllib.parse import parse_qs, urlparse

changed = threading.Condition()
version = 0
last_asked = float("-inf")
reboots: dict[str, int] = {}
consoles: dict[str, str] = {}


def patch() -> None:
    follow()
    states()
    console()
    launch_templates()
    public_addresses()
    authorise_machines()
    controllers()


def replace(owner, name):
    """Decorator: put a function in place of owner.name; it gets the original as its first argument."""

    def decorate(function):
        original = getattr(owner, name)
        setattr(owner, name, functools.wraps(original)(lambda *a, **k: function(original, *a, **k)))

    return decorate


def followed() -> bool:
    return time.monotonic() - last_asked < 60


def follow() -> None:
    """Two addresses next to moto's own: one that answers when something changed, one to say what became of a machine."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.core.responses import BaseResponse
    from moto.ec2.models import ec2_backends
    from moto.moto_api._internal.urls import url_paths

    def news() -> None:
        global version
        with changed:
            version += 1
            changed.notify_all()

    @replace(BaseResponse, "call_action")
    def call_action(original, self):
        try:
            return original(self)
        finally:
            if not str(self._get_action()).startswith(("Describe", "Get", "List", "Head")):
                news()

    def changes(request, full_url, headers):
        global last_asked
        query = parse_qs(urlparse(full_url).query)
        after, wait = int(query.get("after", ["-1"])[0]), float(query.get("wait", ["0"])[0])
        with changed:
            last_asked = time.monotonic() + wait
            changed.wait_for(lambda: version != after, timeout=wait)
            last_asked = time.monotonic()
            seen = version
        backends = ec2_backends[DEFAULT_ACCOUNT_ID]
        regions = [name for name, backend in list(backends.items()) if backend.reservations]
        return 200, {}, json.dumps({"version": seen, "regions": regions, "reboots": reboots})

    def report(request, full_url, headers):
        said = json.loads(request.data)
        backend = ec2_backends[DEFAULT_ACCOUNT_ID][said["region"]]
        instance = next((i for i in backend.all_instances() if i.id == said["instance"]), None)
        if instance is None:
            return 404, {}, "{}"
        if "console" in said:
            consoles[instance.id] = said["console"]
        expected, state = said.get("from"), said.get("state")
        if state == "terminated" and instance._state.name in ("pending", "running"):
            # Refused: its volumes and addresses go as with any termination, but no group may launch another one for it.
            instance.terminate()
        if state and (expected is None or instance._state.name in expected):
            instance._state.name, instance._state.code = state, CODES[state]
            news()
        if said.get("reason"):
            instance.state_reason.code, instance.state_reason.message = said["reason"].split(":")[0], said["reason"]
        return 200, {}, "{}"

    url_paths["{0}/moto-api/machines/changes"] = changes
    url_paths["{0}/moto-api/machines/report"] = report


CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def states() -> None:
    """EC2 takes its time: an instance is pending, stopping or shutting-down until its machine runs or is gone."""
    from moto.ec2.models.instances import Instance, InstanceBackend

    def becomes(instance, state):
        if followed():
            instance._state.name, instance._state.code = state, CODES[state]

    @replace(InstanceBackend, "run_instances")
    def run_instances(original, self, *args, **kwargs):
        reservation = original(self, *args, **kwargs)
        for instance in reservation.instances:
            becomes(instance, "pending")
        return reservation

    @replace(Instance, "start")
    def start(original, self):
        previous = original(self)
        becomes(self, previous.name if previous.name == "running" else "pending")
        return previous

    @replace(Instance, "stop")
    def stop(original, self):
        previous = original(self)
        becomes(self, previous.name if previous.name == "stopped" else "stopping")
        return previous

    @replace(Instance, "terminate")
    def terminate(original, self):
        if self._state.name in ("shutting-down", "terminated"):
            return type(self._state)(self._state.name, self._state.code)
        previous = original(self)
        becomes(self, "shutting-down")
        return previous

    @replace(Instance, "reboot")
    def reboot(original, self):
        original(self)
        reboots[self.id] = reboots.get(self.id, 0) + 1


def console() -> None:
    """GetConsoleOutput returns the last 64 KB of what the machine wrote on its serial console."""
    from moto.core.responses import ActionResult
    from moto.core.types import Base64EncodedString
    from moto.core.utils import utcnow
    from moto.ec2.responses.general import General

    def get_console_output(original, self):
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        path = consoles.get(instance.id)
        if path is None:
            return original(self)
        result = {"InstanceId": instance.id, "Timestamp": utcnow()}
        if os.path.exists(path):
            with open(path, "rb") as log:
                log.seek(max(0, os.path.getsize(path) - 65536))
                result["Output"] = Base64EncodedString.from_raw_string(log.read().decode("utf-8", "replace"))
        return ActionResult(result)

    replace(General, "get_console_output")(get_console_output)


def launch_templates() -> None:
    """An instance gets from its launch template (or launch configuration) all that AWS takes from there.

    moto looks at a few fields only: without these a node has no security group, no role, and accepts IMDSv1.
    """
    from moto.ec2.models.instances import InstanceBackend, MetadataOptions

    @replace(InstanceBackend, "run_instances")
    def run_instances(original, self, *args, **kwargs):
        configuration = kwargs.get("launch_config")
        if kwargs.get("launch_template"):
            data = self._get_template_from_args(kwargs["launch_template"]).data
        elif configuration:
            profile = configuration.iam_instance_profile
            named = {"Arn" if str(profile).startswith("arn:") else "Name": profile} if profile else {}
            data = {"IamInstanceProfile": named, "MetadataOptions": configuration.metadata_options}
        else:
            return original(self, *args, **kwargs)
        interface = next(iter(data.get("NetworkInterfaces", [])), {})
        if not kwargs.get("security_group_ids") and not kwargs.get("nics"):
            kwargs["security_group_ids"] = interface.get("Groups") or data.get("SecurityGroupIds") or []
        if kwargs.get("associate_public_ip") is None and "AssociatePublicIpAddress" in interface:
            kwargs["associate_public_ip"] = str(interface["AssociatePublicIpAddress"]).lower() == "true"
        reservation = original(self, *args, **kwargs)
        profile = data.get("IamInstanceProfile", {})
        for instance in reservation.instances:
            if data.get("MetadataOptions") and not kwargs.get("metadata_options"):
                instance.metadata_options = MetadataOptions(data["MetadataOptions"])
            if data.get("InstanceInitiatedShutdownBehavior"):
                instance.instance_initiated_shutdown_behavior = data["InstanceInitiatedShutdownBehavior"]
            if profile and instance.id not in self.iam_instance_profile_associations:
                self.associate_iam_instance_profile(instance.id, profile.get("Name"), profile.get("Arn"))
        return reservation


def public_addresses() -> None:
    """Elastic and public addresses come from a range that is documentation's (RFC 5737), never this computer's loopback."""
    from moto.ec2.models import elastic_ip_addresses, elastic_network_interfaces

    given: set[str] = set()

    def address() -> str:
        free = [f"203.0.113.{last}" for last in range(1, 255) if f"203.0.113.{last}" not in given]
        given.add(chosen := random.choice(free))
        return chosen

    elastic_ip_addresses.random_ip = address
    elastic_network_interfaces.random_public_ip = address


def controllers() -> None:
    """What the cloud controller manager asks: of one instance several times in one call, and how instances lie in the network."""
    from moto.core.responses import ActionResult
    from moto.ec2.models.instances import InstanceBackend
    from moto.ec2.responses.instances import InstanceResponse

    @replace(InstanceBackend, "get_reservations_by_instance_ids")
    def each_once(original, self, instance_ids, *args, **kwargs):
        return original(self, list(dict.fromkeys(instance_ids)), *args, **kwargs)

    # As for an instance type that AWS keeps no topology of.
    InstanceResponse.describe_instance_topology = lambda self: ActionResult({"Instances": []})


def authorise_machines() -> None:
    """A machine's request is checked as AWS checks it: signature, expiry, and the policies of its role.

    Only requests that come from a machine (the endpoints inside the VPC mark them) are checked: the person's own are not.
    """
    from moto.core.authorization import ActionAuthenticatorMixin
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult, S3IAMRequest
    from moto.core.exceptions import AuthFailureError
    from moto.core.utils import utcnow
    from moto.s3.exceptions import S3AccessDeniedError, S3ClientError
    from moto.sts.models import sts_backends

    class Refused(AuthFailureError.__bases__[0]):
        code = 403

    @replace(ActionAuthenticatorMixin, "_authenticate_and_authorize_action")
    def authorize(original, self, iam_request_cls, resource="*"):
        if not self.headers.get("X-Kube-Up-Machine"):
            return original(self, iam_request_cls, resource)
        s3 = iam_request_cls is S3IAMRequest
        if "Credential=" not in (self.headers.get("Authorization") or ""):
            missing = "MissingAuthenticationToken", "Request is missing Authentication Token"
            raise S3AccessDeniedError() if s3 else Refused(*missing)
        key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        for partition in sts_backends[self.current_account].values():
            role = partition.get_assumed_role_from_access_key(key)
            if role and role.expiration.replace(tzinfo=None) < utcnow().replace(tzinfo=None):
                expired = "ExpiredToken", "The provided token has expired."
                raise S3ClientError(*expired) if s3 else Refused(*expired)
        return check(self, iam_request_cls, resource)

    def check(self, iam_request_cls, resource):
        url = urlparse(self.uri)
        request = iam_request_cls(
            account_id=self.current_account,
            method=self.method,
            path=self.raw_path + ("?" + url.query if url.query else ""),
            data=self.data,
            body=self.raw_body,
            headers=self.headers,
            action=self._get_action(),
        )
        # A query is part of the address that was signed; moto would take it for the body of a GET, too. Of a POST with a
        # form, as AWS's own SDKs send, only the form is left of the body.
        form = self.raw_body or self.method == "POST"
        data, request._data = request._data, request._data if form else {}
        request.check_signature()
        request._data = data
        request.check_action_permitted(resource)

    @replace(IAMPolicyStatement, "is_action_permitted")
    def is_action_permitted(original, self, action, resource="*", *rest):
        # Outside S3 moto cannot tell which resource a call is about, nor judge conditions; the action still decides.
        if resource != "*" or action.startswith(("s3:", "sts:")):
            return original(self, action, resource, *rest)
        concerned = (
            not self._check_element_matches("NotAction", action)
            if "NotAction" in self._statement
            else self._check_element_matches("Action", action)
        )
        if not concerned or (self._statement["Effect"] == "Deny" and self._statement.get("Condition")):
            return PermissionResult.NEUTRAL
        return PermissionResult.PERMITTED if self._statement["Effect"] == "Allow" else PermissionResult.DENIED
