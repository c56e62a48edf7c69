"""A machine may do what its role allows: moto asked to judge, for machines, as AWS does."""

from urllib.parse import urlparse

from moto_replace import replace


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
