"""As much of Terraform's language as says what a module takes: its `variable` blocks. Pure.

Reads tokens and brackets, not the grammar: what stands in resources and expressions is Terraform's business, and a module
that Terraform takes is never refused here. Only a text that is not closed is no module.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

PIECE = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
    |<<-?[ \t]*(?P<heredoc>[^\W\d][\w-]*)[ \t]*\r?\n
    |(?P<quote>")
    |(?P<name>[^\W\d][\w-]*)
    |(?P<open>[{\[(])
    |(?P<close>[}\])])
    |(?P<line>\n)
    |(?P<other>[^\s])""",
    re.VERBOSE | re.DOTALL,
)
IN_TEXT = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
IN_TEMPLATE = re.compile(r'[{}"]')
CLOSES = {"{": "}", "[": "]", "(": ")"}
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
DEEPEST = 40
"""Texts in templates in texts."""
ATTRIBUTES = ("type", "default", "sensitive")


class HclError(Exception):
    """A text is no module: something in it is not closed. `line` counts from 1."""

    def __init__(self, said: str, line: int) -> None:
        super().__init__(said)
        self.line = line


class Token(NamedTuple):
    """A piece of the text: its kind, what it is, and where it begins. Texts and heredocs are one piece each."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a module takes. `type` is as its author wrote it, without blanks; empty: he did not."""

    name: str
    type: str = ""
    default: str | None = None
    """The expression; None: it has none, so that a value is required."""
    sensitive: bool = False

    @property
    def required(self) -> bool:
        """Whether the module cannot do without a value."""
        return self.default is None


@lru_cache(maxsize=200)
def variables(text: str) -> tuple[Variable, ...]:
    """Find the variables of a module, in its order. Raises HclError."""
    tokens = tuple(_balanced(text))
    found: list[Variable] = []
    depth = 0
    for at, token in enumerate(tokens):
        name, brace = (*tokens[at + 1 : at + 3], None, None)[:2]
        begins = not depth and token == ("name", "variable", token.at)
        if begins and name and brace and brace.text == "{" and name.kind in {"name", "text"}:
            found.append(_variable(name.text.strip('"'), tokens, at + 3))
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
    return tuple(found)


def _variable(name: str, tokens: Sequence[Token], begin: int) -> Variable:
    """Read the attributes of a block whose inside begins at `begin`, until it is closed."""
    given: dict[str, str] = {}
    depth, key = 0, ""
    for at in range(begin, len(tokens)):
        token = tokens[at]
        if token.kind == "close" and not depth:
            break
        if token.kind == "line":
            key = key if depth else ""
        elif not depth and not key and token.kind == "name" and tokens[at + 1].text == "=":
            key = token.text
            given[key] = ""
        elif key and not (token.text == "=" and not given[key]):
            given[key] += token.text
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
    kind, default, sensitive = (given.get(each) for each in ATTRIBUTES)
    return Variable(
        name=name,
        type=(kind or "").strip('"'),
        default=default,
        sensitive=sensitive == "true",
    )


def expected(type: str, value: Any) -> str:  # noqa: A002 - Terraform's word
    """Say what a variable of a type takes, when a value is nothing that Terraform would take for it; else nothing.

    As Terraform converts: a number is a text, too, and the other way round where it reads as one. What is inside an
    object or a tuple, and what the type is not known of, is left to Terraform.
    """
    outer, _, inner = type.removesuffix(")").partition("(")
    match outer:
        case "string":
            fits, said = isinstance(value, str | int | float), "a text"
        case "number":
            fits, said = _is_number(value), "a number"
        case "bool":
            fits = isinstance(value, bool) or value in ("true", "false")
            said = "true or false"
        case "list" | "set" | "tuple":
            fits, said = isinstance(value, list | tuple), "a list"
        case "map" | "object":
            fits, said = isinstance(value, Mapping), "a map"
        case _:
            return ""
    if not fits:
        return said
    within = {"list": value, "set": value, "map": value.values() if outer == "map" else ()}
    return next((f"{said} ({type})" for each in within.get(outer, ()) if expected(inner, each)), "")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None


def _balanced(text: str) -> Iterator[Token]:
    """Yield the tokens. Raises HclError where a bracket is not closed, or closes nothing."""
    opened: list[Token] = []
    for token in _tokens(text):
        if token.kind == "open":
            opened.append(token)
        closes = CLOSES[opened.pop().text] if token.kind == "close" and opened else ""
        if token.kind == "close" and closes != token.text:
            raise HclError(f"a {token.text} closes nothing", _line(text, token.at))
        yield token
    if opened:
        raise HclError(f"a {opened[-1].text} is not closed", _line(text, opened[-1].at))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while found := PIECE.search(text, at):
        at = found.end()
        begin = found.start()
        kind = str(found.lastgroup)
        if kind == "comment":
            continue
        if kind == "heredoc":
            end = re.compile(rf"^[ \t]*{found['heredoc']}[ \t]*\r?$", re.MULTILINE).search(text, at)
            if end is None:
                raise HclError(
                    f"the text until {found['heredoc']} is not closed", _line(text, begin)
                )
            kind, at = "text", end.end()
        elif kind == "quote":
            kind, at = "text", _end_of_text(text, at)
        yield Token(kind, text[begin:at], begin)


def _end_of_text(text: str, at: int, depth: int = 0) -> int:
    """Find where a text ends that begins before `at`. Raises HclError."""
    begin = at
    if depth > DEEPEST:
        raise HclError(f"a text is nested deeper than {DEEPEST}", _line(text, begin))
    while found := IN_TEXT.search(text, at):
        at = found.end()
        if found[0] == '"':
            return at
        if found[0] in {"${", "%{"}:
            at = _end_of_template(text, at, depth)
    raise HclError("a text is not closed", _line(text, begin))


def _end_of_template(text: str, at: int, depth: int) -> int:
    """Find where a `${ }` ends that begins before `at`; there may be texts in it. Raises HclError."""
    begin, braces = at, 1
    while found := IN_TEMPLATE.search(text, at):
        at = found.end()
        if found[0] == '"':
            at = _end_of_text(text, at, depth + 1)
        else:
            braces += 1 if found[0] == "{" else -1
        if not braces:
            return at
    raise HclError("a ${ is not closed", _line(text, begin))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
