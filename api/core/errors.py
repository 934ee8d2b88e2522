"""Errors that carry their HTTP status and say the way out (problem+json, RFC 9457)."""

from typing import Any, ClassVar


class ProblemError(Exception):
    """Base of every error that a caller may see; `detail` says what to do about it.

    Extra keyword arguments become extension members of the problem document.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    def __init__(self, detail: str, **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extensions = extensions

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to the problem."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": str(self.extensions.get("retry_after_s", 5))} if self.status == 503 else {}

    @property
    def type(self) -> str:
        """A stable name for machines: the class name in kebab case, as a relative URI."""
        name = type(self).__name__
        return "/problems/" + "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")

    def document(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extensions,
        }


class NotFound(ProblemError):
    status = 404
    title = "Not found"


class Forbidden(ProblemError):
    status = 403
    title = "Not allowed"


class Unauthorized(ProblemError):
    status = 401
    title = "Sign-in needed"


class Conflict(ProblemError):
    status = 409
    title = "Conflict"


class Unavailable(ProblemError):
    status = 503
    title = "Try again shortly"
