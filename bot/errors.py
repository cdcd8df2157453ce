"""The failures that Shipmate's own code raises.

    ShipmateError
    ├── UserError           what was asked or written cannot be done; its text is safe to show to the person
    │   ├── SettingsError   the settings are wrong or incomplete
    │   └── CatalogError    a file of workflows/ is wrong (all complaints together)
    ├── Temporary           the outside world failed in a way that may pass: trying again is sensible
    │   └── TakenOver       another process does it now: leave it to that one
    ├── Permanent           the outside world refused for good: trying again as it stands is senseless
    └── Conflict            the store holds something newer than what the caller decided on

An expected refusal (not allowed, already decided) is no exception: see `bot.policy.refusals`. Each edge
translates the exceptions of its library into these, with the original as the cause.
"""


class ShipmateError(Exception):
    """Root of what our code raises."""


class UserError(ShipmateError):
    """What was asked or written cannot be done; the text says what and is safe to show."""


class SettingsError(UserError):
    """The settings are wrong or incomplete; the text lists every problem."""


class CatalogError(UserError):
    """A file of workflows/ is wrong; the text lists every complaint."""


class Temporary(ShipmateError):  # noqa: N818 - the word says what the caller needs to know
    """It may work later. `retry_after` is in seconds, when the other side said how long to wait."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TakenOver(Temporary):
    """Another process does this now: nothing was stored, and that process finds what is left to do in the store."""


class Permanent(ShipmateError):  # noqa: N818 - as above
    """It will not work however often it is tried. `code` is the other side's own word for why."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Conflict(ShipmateError):  # noqa: N818 - as above
    """The stored state is newer than what the change was decided on: load again and decide again."""
