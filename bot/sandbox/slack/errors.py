"""How Slack refuses: an error code in a body that says `ok: false`."""

from typing import Any


class SlackRefusal(Exception):  # noqa: N818 - it is an answer
    """The call is refused with a code of the platform's."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.body: dict[str, Any] = {"ok": False, "error": code, **more}
