"""What a row of the table of verbs consists of: a verb, its arguments and its options, and how they are typed."""

from dataclasses import dataclass

from bot.command.requests import Request
from bot.command.values import Kind
from bot.wording import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A positional argument that fills `field` of the request. `label` is how the form shows it."""

    field: str
    kind: Kind
    label: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`--name VALUE`, filling `field`, or `--name` alone (a flag). Without a `label` it is for buttons and no form shows it."""

    name: str
    field: str
    kind: Kind
    label: str = ""
    needs: str = ""
    """Another option of which it only says more: without that one it is a mistake."""
    excludes: tuple[str, ...] = ()
    """Fields that make no sense beside it."""
    why_not: str = ""
    """Why not, in a sentence: `--live is about now and takes no revision.`"""

    @property
    def form(self) -> str:
        """How it is typed; empty: a person does not."""
        if self.kind is Kind.FLAG:
            return f"[--{self.name}]"
        return f"[--{self.name} {self.label}]" if self.label else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One row: what is typed, the request it makes, and how to explain it."""

    name: str
    request: type[Request]
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    summary: str
    example: str
    group: str = N_("Deliver")
    """Under which heading the help has it."""

    @property
    def form(self) -> str:
        """The right form: `rollback APP ENV [vN] [--note TEXT]`."""
        shown = [each.form for each in self.options if each.form]
        return " ".join([self.name, *(each.label for each in self.arguments), *shown])

    def option(self, name: str) -> Option | None:
        """Find an option by its name."""
        return next((each for each in self.options if each.name == name), None)
