"""A sentence that says something before it is known in which language: as English text, and as what that was made of.

For what is composed below the presenters (why a command was not understood) and worded there. It is its English text
for everyone who takes it as a text; `bot.chat.language` says it in another language.
"""

from typing import Self


class Sentence(str):
    """English text, with the template and the values that it was made of."""

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill `{name}` in the template with the value of that name; a value may be a Sentence itself."""
        made = super().__new__(cls, template.format(**values))
        made.template = template
        made.values = values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Say what a copy is made of."""
        return (self.template,), self.values


def N_(text: str) -> str:  # noqa: N802 - gettext's name for it, which its tools look for
    """Mark a text that is said later: it stands in the catalogue and is translated where it is used."""
    return text
