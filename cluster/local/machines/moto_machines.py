"""What moto must do differently when its instances really boot. The launcher calls patch() before the server starts.

Everything here follows what AWS does; without a follower (the process that runs the machines) instances behave as in plain moto.
"""

import json
import os
import threading
import time
from urllib.parse import parse_qs, urlparse

from moto_launches import launch_templates, public_addresses
from moto_replace import replace
from moto_roles import authorise_machines

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
            if state == "terminated":
                # Again, for what goes with an instance only when it is gone.
                instance.terminate()
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
