"""URLs that a step calls: written out, or kept as a secret that the file only names.

`{value: https://…}`, KubeVela's `{secretRef: {name, key}}`, or `{fromSetting: NAME}`. A secret is the setting
`SHIPMATE_SECRET_NAME`, a secretRef's is `SHIPMATE_SECRET_<NAME>_<KEY>` in capitals, so that a URL that is itself a
credential (an incoming webhook) is in no file, no store and no chat.
"""

import re
from collections.abc import Callable

from pydantic import Field, model_validator

from bot.errors import Permanent
from bot.steps.contract import NotSupported
from bot.steps.parameters import Parameters, is_expression

Secrets = Callable[[str], str | None]
"""Answers the value of `SHIPMATE_SECRET_<NAME>`; None when it is not set."""


class SecretRef(Parameters):
    """A key of a Secret, as KubeVela's files name it."""

    name: str
    key: str

    @property
    def setting(self) -> str:
        """The name of the setting that holds it."""
        return re.sub(r"[^A-Z0-9]+", "_", f"{self.name}_{self.key}".upper())


class Endpoint(Parameters):
    """Where to send: exactly one of the three."""

    value: str | None = None
    secret_ref: SecretRef | None = Field(default=None, alias="secretRef")
    from_setting: str | None = Field(default=None, alias="fromSetting")

    @model_validator(mode="after")
    def _one_of_three(self) -> "Endpoint":
        given = (self.value, self.secret_ref, self.from_setting)
        if sum(each is not None for each in given) != 1:
            raise ValueError("exactly one of value, secretRef and fromSetting")
        return self

    @property
    def setting(self) -> str:
        """The name of the setting that holds the URL; empty when it is written out."""
        return self.secret_ref.setting if self.secret_ref else self.from_setting or ""

    def check(self, *path: str) -> None:
        """Raise NotSupported when what is written out can be no URL; a file may hold the place of one."""
        if self.value is not None and not is_expression(self.value) and not is_url(self.value):
            said = f"expected an http or https URL, found {self.value!r}"
            raise NotSupported((*path, "value"), said)

    def resolve(self, secrets: Secrets) -> str:
        """Answer the URL. Raises Permanent when a setting is missing or what it holds is no URL."""
        setting = self.setting
        url = reveal(setting, secrets) if setting else self.value
        if url is None or not is_url(url):
            what = f"SHIPMATE_SECRET_{setting}" if setting else "the url"
            raise Permanent(f"{what} holds no http or https URL")
        return url


def reveal(setting: str, secrets: Secrets) -> str:
    """Answer a secret's value. Raises Permanent when its setting is missing."""
    value = secrets(setting)
    if value is None:
        raise Permanent(f"the setting SHIPMATE_SECRET_{setting} is not set")
    return value


def is_url(text: str) -> bool:
    """Say whether a text can be called: http or https."""
    return text.startswith(("http://", "https://")) and len(text) <= 3000
