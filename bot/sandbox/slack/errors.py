"""How the Web API says no: a code, and for some codes more fields (docs.slack.dev, each method's errors)."""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """Answer the JSON of the answer."""
        return {"ok": False, "error": self.code, **self.fields}


class RateLimitedError(Exception):
    """Too many calls: HTTP 429 with `Retry-After`."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


def invalid(complaints: Sequence[str], code: str = "invalid_arguments") -> ApiError:
    """Make the error whose details say what is wrong with the arguments."""
    messages = [f"[ERROR] {each}" for each in complaints]
    if code == "invalid_blocks":
        return ApiError(code, errors=list(complaints), response_metadata={"messages": messages})
    return ApiError(code, response_metadata={"messages": messages})
