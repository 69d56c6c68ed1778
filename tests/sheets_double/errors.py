"""Refusals as Google words them."""

from __future__ import annotations

from typing import Any

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """
    An answer that is not 2xx.

    Attributes:
        status: of HTTP; message: for people; name: Google's word for the status; details: as Google adds them;
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        name: str = "",
        details: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.name = name or STATUS_NAMES.get(status, "UNKNOWN")
        self.details = details
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Give the answer's body."""
        error: dict[str, Any] = {"code": self.status, "message": self.message, "status": self.name}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class Refused(Exception):
    """What one request asks for can't be done; `message` comes without saying which request it was."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def bad_request(message: str) -> ApiError:
    """Give a 400."""
    return ApiError(400, message)


def not_found() -> ApiError:
    """Give the 404 of a spreadsheet that isn't there."""
    return ApiError(404, "Requested entity was not found.")


def not_shared() -> ApiError:
    """Give the 403 of a spreadsheet that isn't shared with the caller."""
    return ApiError(403, "The caller does not have permission")


def not_authenticated(*, missing: bool = False) -> ApiError:
    """Give the 401 of a token that is missing, unknown or expired."""
    what = "is missing required authentication credential." if missing else "had invalid authentication credentials."
    more = (
        "Expected OAuth 2 access token, login cookie or other valid authentication credential."
        " See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return ApiError(
        401, f"Request {what} {more}", headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'}
    )


def unknown_field(name: str, where: str) -> ApiError:
    """Give the 400 of a body that holds a field which isn't known."""
    text = f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
    violation = {"field": where, "description": text}
    return ApiError(
        400,
        text,
        details=[{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}],
    )


PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if"
    " you need to edit."
)
