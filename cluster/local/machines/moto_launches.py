"""What an instance is launched with on AWS, and in moto is not: its template's fields, and an address that is nobody's."""

import random

from moto_replace import replace


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
