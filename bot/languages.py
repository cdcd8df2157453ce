"""The languages that people can be spoken to in, by their codes of ISO 639-1."""

from typing import Final, Literal

ENGLISH: Final = "en"
CHINESE: Final = "zh"
LANGUAGES: Final = (ENGLISH, CHINESE)
Language = Literal["en", "zh"]


def of_locale(locale: str) -> str:
    """Answer the language of a locale as chats write it: `zh-CN`, `en_GB`; empty: we do not speak it."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else ""
