"""URLs that a step calls: written out, or kept as a secret that the file only names.

`{value: https://…}` or `{fromSetting: NAME}`, which is the setting `SHIPMATE_SECRET_NAME`, so that a URL that is
itself a credential (an incoming webhook) is in no file, no store and no chat.
"""

from collections.abc import Callable

from pydantic import Field, model_validator

from bot.errors import Permanent
from bot.steps.parameters import Parameters, is_expression

Secrets = Callable[[str], str | None]
"""Answers the value of `SHIPMATE_SECRET_<NAME>`; None when it is not set."""


class Endpoint(Parameters):
    """Where to send: exactly one of the two."""

    value: str | None = None
    from_setting: str | None = Field(default=None, alias="fromSetting")

    @model_validator(mode="after")
    def _one_of_two(self) -> "Endpoint":
        if (self.value is None) == (self.from_setting is None):
            raise ValueError("exactly one of value and fromSetting")
        if self.value is not None and not is_expression(self.value):
            _require_url(self.value)
        return self

    def resolve(self, secrets: Secrets) -> str:
        """Answer the URL. Raises Permanent when a setting is missing or what it holds is no URL."""
        url = self.value if self.from_setting is None else secrets(self.from_setting)
        if url is None:
            raise Permanent(f"the setting SHIPMATE_SECRET_{self.from_setting} is not set")
        try:
            _require_url(url)
        except ValueError as error:
            what = f"SHIPMATE_SECRET_{self.from_setting}" if self.from_setting else "the url"
            raise Permanent(f"{what} holds no http or https URL") from error
        return url


def _require_url(text: str) -> None:
    if not text.startswith(("http://", "https://")) or len(text) > 3000:
        raise ValueError("an http or https URL")
