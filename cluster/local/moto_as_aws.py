"""Starts moto's server as kube-up's AWS on this machine. Where moto answers otherwise than AWS does, it is brought
nearer here, a few lines for each difference. kube-up itself relies on none of this: it works with a plain moto, too."""

import fcntl
import functools
import json
import logging
import os
import socket
import sys
import threading

import xmltodict
from moto import backends, server
from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import AutoScalingBackend
from moto.core import responses
from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import EC2ClientError, VolumeInUseError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.route_tables import Route
from moto.ec2.responses.key_pairs import KeyPairs
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3.models import PublicAccessBlock, S3Backend
from moto.s3.responses import S3Response


def tags_go_with_their_resource() -> None:
    """AWS forgets the tags of what was deleted; moto's DescribeTags remembers them for ever."""
    describe_tags = EC2Backend.describe_tags

    def living(backend: EC2Backend) -> set[str]:
        addresses = {address.allocation_id for address in backend.addresses}
        keys = {pair.id for pair in backend.key_pairs.values()}
        kinds = [backend.vpcs, backend.volumes, backend.internet_gateways, backend.launch_templates, backend.route_tables, backend.enis]
        nested = [*backend.subnets.values(), *backend.groups.values()]
        instances = {one.id for one in backend.all_instances() if one.state != "terminated"}
        return addresses | keys | instances | {key for kind in [*kinds, *nested] for key in kind}

    known = ("vpc-", "vol-", "igw-", "lt-", "rtb-", "eni-", "subnet-", "sg-", "eipalloc-", "key-", "i-")

    def describe(self: EC2Backend, filters=None):
        alive = living(self)
        tags = describe_tags(self, filters)
        return [tag for tag in tags if tag["resource_id"] in alive or not tag["resource_id"].startswith(known)]

    EC2Backend.describe_tags = describe


def associations_go_with_their_subnet() -> None:
    """On AWS a deleted subnet leaves its route table; in moto it stays, and the table cannot be deleted."""
    delete_subnet = EC2Backend.delete_subnet

    def delete(self: EC2Backend, subnet_id: str):
        for table in self.route_tables.values():
            for association in [key for key, subnet in table._associations.items() if subnet == subnet_id]:
                del table._associations[association]
        return delete_subnet(self, subnet_id)

    EC2Backend.delete_subnet = delete


def interfaces_go_with_their_instance() -> None:
    """On AWS a machine's interface and private address are free when it is terminated, and not while it shuts down; moto
    keeps some for ever, and frees others at once."""
    terminate = Instance.terminate

    def terminate_and_free(self: Instance):
        for interface in self.nics.values():
            interface.delete_on_termination = False
        state = terminate(self)
        if self.state != "terminated":
            return state
        for interface in [eni for eni in self.ec2_backend.enis.values() if eni.instance is self]:
            interface.subnet.del_subnet_ip(interface.private_ip_address)
            del self.ec2_backend.enis[interface.id]
        return state

    Instance.terminate = terminate_and_free


def routes_to_what_is_gone_are_blackholes() -> None:
    """A route says that its machine is gone, and the cloud controller manager then makes another; moto calls it active."""
    Route.state = property(lambda self: "blackhole" if self.instance and self.instance.state == "terminated" else "active")


def later_versions_have_user_data() -> None:
    """A launch template's second version is as good as its first; moto's fails as soon as a group launches from it."""
    create_version = LaunchTemplate.create_version

    def create(self: LaunchTemplate, data: dict, description: str):
        if isinstance(data.get("UserData"), str):
            data = {**data, "UserData": Base64EncodedString(data["UserData"])}
        return create_version(self, data, description)

    LaunchTemplate.create_version = create


def buckets_are_tagged_at_birth() -> None:
    """CreateBucket takes tags since 2025; moto 5.2.5 passes over them."""
    put = S3Response._bucket_response_put

    def respond(self: S3Response, request, bucket_name: str, querystring):
        body = xmltodict.parse(self.body) if self.body and not querystring else {}
        tags = ((body.get("CreateBucketConfiguration") or {}).get("Tags") or {}).get("Tag") or []
        answer = put(self, request, bucket_name, querystring)
        if tags:
            pairs = tags if isinstance(tags, list) else [tags]
            self.backend.put_bucket_tagging(bucket_name, {pair["Key"]: pair["Value"] or "" for pair in pairs})
        return answer

    S3Response._bucket_response_put = respond


def buckets_are_private_at_birth() -> None:
    """Since April 2023 S3 makes buckets with public access blocked; moto's are open."""
    create_bucket = S3Backend.create_bucket

    def create(self: S3Backend, *args, **kwargs):
        bucket = create_bucket(self, *args, **kwargs)
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        return bucket

    S3Backend.create_bucket = create


def key_pairs_are_deleted_by_id() -> None:
    """DeleteKeyPair takes an id as well as a name; moto looks at the name alone."""
    delete_key_pair = KeyPairs.delete_key_pair

    def delete(self: KeyPairs):
        wanted = self._get_param("KeyPairId")
        for name in [pair.key_name for pair in self.ec2_backend.key_pairs.values() if pair.id == wanted]:
            self.ec2_backend.delete_key_pair(name)
            return ActionResult({"Return": True, "KeyPairId": wanted})
        return delete_key_pair(self)

    KeyPairs.delete_key_pair = delete


def a_role_that_left_its_profile_is_not_there() -> None:
    """Taking a role out of a profile twice is NoSuchEntity; moto fails in itself."""
    remove_role = IAMBackend.remove_role_from_instance_profile

    def remove(self: IAMBackend, profile_name: str, role_name: str) -> None:
        if self.get_role(role_name) not in self.get_instance_profile(profile_name).roles:
            raise NotFoundException(f"Instance Profile {profile_name} does not have the role {role_name}.")
        remove_role(self, profile_name, role_name)

    IAMBackend.remove_role_from_instance_profile = remove


def a_group_is_made_once() -> None:
    """A second Auto Scaling group of a name is refused; moto launches its machines beside those of the first."""
    create_group = AutoScalingBackend.create_auto_scaling_group

    def create(self: AutoScalingBackend, name: str, *args, **kwargs):
        if name in self.autoscaling_groups:
            raise AutoscalingClientError("AlreadyExists", "AutoScalingGroup by this name already exists")
        return create_group(self, name, *args, **kwargs)

    AutoScalingBackend.create_auto_scaling_group = create


def an_address_is_given_once() -> None:
    """A private address that a machine has is refused to the next one; moto fails in itself, when it has made the machine."""
    # Of the class that has it, for what patches it further to be heard.
    run_instances = InstanceBackend.run_instances

    def run(self: InstanceBackend, *args, **kwargs):
        for nic in kwargs.get("nics", []):
            wanted, subnet = nic.get("PrivateIpAddress"), nic.get("SubnetId")
            if any(eni.private_ip_address == wanted and eni.subnet.id == subnet for eni in self.enis.values()):
                raise EC2ClientError("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
        return run_instances(self, *args, **kwargs)

    InstanceBackend.run_instances = run


def a_volume_is_attached_once() -> None:
    """A volume that a living machine has is refused to the next one; moto takes it away from the first."""
    attach_volume = EC2Backend.attach_volume

    def attach(self: EC2Backend, volume_id: str, instance_id: str, *args, **kwargs):
        attachment = self.get_volume(volume_id).attachment
        if attachment and attachment.instance.state != "terminated":
            raise VolumeInUseError(volume_id, attachment.instance.id)
        return attach_volume(self, volume_id, instance_id, *args, **kwargs)

    EC2Backend.attach_volume = attach


def requests_cost_little() -> None:
    """At every request moto lists its own folders and the methods of its classes, and logs a line: a third of the time that
    it takes to answer."""
    backends.list_of_moto_modules = functools.cache(lambda modules=backends.list_of_moto_modules: frozenset(modules()))
    DomainDispatcherApplication.get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def read_ahead(region: str) -> None:
    """Loads what moto would load at the first call of each kind, a second and more, before anyone asks."""
    from moto.backends import get_backend

    for service in ("iam", "s3", "sts", "autoscaling", "elb", "elbv2"):
        get_backend(service)
    ec2 = get_backend("ec2")["123456789012"][region]
    ec2.describe_instance_type_offerings("availability-zone")
    ec2.describe_images()


def free_port() -> str:
    """Chosen at the last moment, so that hardly anyone can take it in between."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def main(folder: str, port: str, region: str) -> None:
    """Serves on the port, or with 0 on a free one, unless another server of this folder is running: the lock goes with the process that has it."""
    lock = open(os.path.join(folder, "lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for patch in (
        tags_go_with_their_resource,
        associations_go_with_their_subnet,
        routes_to_what_is_gone_are_blackholes,
        later_versions_have_user_data,
        buckets_are_tagged_at_birth,
        buckets_are_private_at_birth,
        key_pairs_are_deleted_by_id,
        a_role_that_left_its_profile_is_not_there,
        a_group_is_made_once,
        an_address_is_given_once,
        a_volume_is_attached_once,
        requests_cost_little,
    ):
        patch()
    threading.Thread(target=read_ahead, args=[region], daemon=True).start()
    machines = os.environ.get("KUBE_LOCAL_MACHINES") == "true"
    if machines:
        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "machines"))
        from moto_machines import patch as let_instances_follow_their_machines

        let_instances_follow_their_machines()
    # The last one, for a machine that boots is first shutting down.
    interfaces_go_with_their_instance()
    if port == "0":
        port = free_port()
    state = os.path.join(folder, "aws.json")
    with open(f"{state}.new", "w") as file:
        json.dump({"pid": os.getpid(), "port": int(port), "machines": machines}, file)
    os.replace(f"{state}.new", state)
    server.main(["--port", port])


if __name__ == "__main__":
    main(*sys.argv[1:])
