"""Expressions: CEL by a library, over nothing but the values they are given. Pure.

`${{ … }}` in any text of a step's properties, and `if` and `valueFrom` as they stand. Bounded in length, in what they may
return, and in what they may cost over the values that they are given (bot/workflow/costs.py), for they are evaluated where
everyone waits.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import cel
from cel.stdlib import STDLIB_FUNCTIONS

from bot.workflow.costs import MOST, TooCostly, estimate, loop_names, loops, pruned
from bot.workflow.cue import in_cel
from bot.workflow.syntax import Call, Name, Node, UnknownSyntax, parse, walk

TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\}\}|[{}]", re.DOTALL)
"""What decides where a `${{` is closed: texts, and braces outside of them."""
SYNTAX = re.compile(r"ERROR: <input>:\d+:(\d+): ([^\n]+)")
"""How the library says where an expression ends to be one."""
LOOPS = 2
"""In one expression; inside each other they multiply."""
LONGEST = 2000
"""Characters of an expression."""
LARGEST = 100_000
"""Characters of a text that an expression may make."""
LARGEST_OF_ALL = 1_000_000
"""Characters that all expressions in the properties of a step may make together."""

BUILT_IN = frozenset(
    [
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "string",
        "int",
        "uint",
        "double",
        "bytes",
        "timestamp",
        "duration",
        "type",
        "dyn",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
        "of",
        "value",
        "orValue",
        "hasValue",
        "ofNonZeroValue",
        "none",
    ]
)
"""Functions of the language itself (checked against common-expression-language 0.6)."""
ADDED: Mapping[str, Callable[..., Any]] = {
    # CUE's name of `size`, so that conditions of KubeVela mean the same here; an output that is not there is empty.
    "len": lambda value: 0 if value is None else len(value),
    **{
        name: STDLIB_FUNCTIONS[name]
        for name in ("join", "split", "trim", "substring", "indexOf", "lowerAscii", "upperAscii")
    },
}
TYPES = frozenset(("bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"))
IN_CONDITIONS = ("context", "inputs", "parameter", "status")
"""What an `if` can speak of."""
IN_TEXTS = ("context", "inputs", "outputs", "parameter", "status")
"""What the `${{ }}` of a property can speak of."""

Scope = Mapping[str, Any]


class ExpressionError(Exception):
    """An expression cannot be read or has no value; the text says why."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An expression as it was read."""

    program: cel.Program
    tree: Node


@dataclass(slots=True)
class _Purse:
    """What expressions that are evaluated together may still cost and make."""

    units: int = MOST
    chars: int = LARGEST_OF_ALL

    def pay(self, units: int, chars: int) -> None:
        """Take what one has used. Raises ExpressionError when there is not as much left."""
        self.units -= units
        self.chars -= chars
        if self.chars < 0:
            raise ExpressionError(
                f"the expressions make texts of more than {LARGEST_OF_ALL} characters together"
            )


def check(expression: str, known: Collection[str] = ()) -> None:
    """Raise ExpressionError when `expression` is no CEL, or speaks of what is not in `known` (empty: anything)."""
    read = _compiled(expression)
    program = read.program
    for name in program.functions():
        if name.isidentifier() and name not in BUILT_IN and name not in ADDED:
            raise ExpressionError(f"there is no function {name}{in_cel(expression, reads)}")
    own = loop_names(read.tree) | TYPES
    for name in program.variables() if known else ():
        if name not in known and name not in own:
            said = f"there is no {name} (known: {', '.join(known)})"
            raise ExpressionError(said + in_cel(expression, reads))


def check_text(text: str, known: Collection[str] = IN_TEXTS) -> None:
    """Raise ExpressionError when a `${{ }}` in `text` is no CEL, speaks of what is not `known`, or is not closed."""
    for expression in list(_split(text))[1::2]:
        check(expression, known)


def reads(expression: str) -> bool:
    """Say whether `expression` is CEL that can be evaluated here."""
    try:
        check(expression)
    except ExpressionError:
        return False
    return True


def evaluate(expression: str, scope: Scope) -> Any:
    """Answer the value of `expression`. Raises ExpressionError."""
    return _evaluate(expression, scope, _Purse())


def _evaluate(expression: str, scope: Scope, purse: _Purse) -> Any:
    read = _compiled(expression)
    try:
        units = estimate(read.tree, scope, purse.units)
    except TooCostly as error:
        said = f"{expression}: {error} may take longer than everyone can wait"
        more = "" if purse.units == MOST else ", with the expressions before it"
        raise ExpressionError(f"{said}{more}: take less, or let a step do it") from error
    value, chars = _executed(read, expression, scope)
    purse.pay(units, chars)
    return value


def _executed(read: _Read, expression: str, scope: Scope) -> tuple[Any, int]:
    """Answer the value of an expression, and how many characters it has."""
    values = cel.Context()
    for name, function in ADDED.items():
        values.add_function(name, function)
    try:
        for name, value in pruned(read.tree, scope).items():
            values.add_variable(name, value)
        value = read.program.execute(values)
    except (
        ValueError,
        TypeError,
        RuntimeError,
        LookupError,
        AttributeError,
        ArithmeticError,
    ) as error:
        raise ExpressionError(f"{expression}: {_said(error)}") from error
    return _plain(value, expression)


@lru_cache(maxsize=2000)
def _compiled(expression: str) -> _Read:
    if len(expression) > LONGEST:
        raise ExpressionError(f"it is longer than {LONGEST} characters")
    try:
        program = cel.compile(expression)
    except ValueError as error:
        raise ExpressionError(_said(error) + in_cel(expression, reads)) from error
    tree = _tree(expression, program)
    if loops(tree) > LOOPS:
        raise ExpressionError(f"it has more than {LOOPS} loops (map, filter, all, exists)")
    return _Read(program, tree)


def _tree(expression: str, program: cel.Program) -> Node:
    """Read what the library has taken. What the two do not read alike has no cost that is known."""
    try:
        tree = parse(expression)
    except UnknownSyntax as error:
        raise ExpressionError(f"it is not written plainly enough near {error}") from error
    names = {each.name for each in walk(tree) if isinstance(each, Name)}
    calls = {each.name for each in walk(tree) if isinstance(each, Call)}
    functions = {each for each in program.functions() if each.isidentifier()}
    if not (
        names | {""} >= {each.lstrip(".") for each in program.variables()} and calls >= functions
    ):
        raise ExpressionError("it is not written plainly enough")
    return tree


def _plain(value: Any, expression: str) -> tuple[Any, int]:
    """Answer a value as JSON has it, for what comes of it is stored, and how long it is."""
    try:
        written = json.dumps(value, default=_time_as_text, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise ExpressionError(f"{expression}: its value is none of JSON") from error
    if len(written) > LARGEST:
        raise ExpressionError(f"{expression}: its value is longer than {LARGEST} characters")
    plain = json.loads(written)
    if isinstance(value, Mapping) and value.keys() != plain.keys():
        raise ExpressionError(f"{expression}: its value is a map with keys that are no text")
    return plain, len(written)


def _time_as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    raise TypeError(type(value).__name__)


def evaluate_condition(expression: str, scope: Scope) -> bool:
    """Answer the yes or no of `expression`. Raises ExpressionError when it is neither."""
    value = evaluate(expression, scope)
    if not isinstance(value, bool):
        raise ExpressionError(f"{expression}: expected true or false, found {value!r}")
    return value


def fill_in(value: Any, scope: Scope) -> Any:
    """Replace every `${{ }}` in a JSON value; a text that is one expression alone keeps the value's type.

    Raises ExpressionError.
    """
    return _fill_in(value, scope, _Purse())


def _fill_in(value: Any, scope: Scope, purse: _Purse) -> Any:
    if isinstance(value, str):
        return _fill_in_text(value, scope, purse)
    if isinstance(value, Mapping):
        return {key: _fill_in(each, scope, purse) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_fill_in(each, scope, purse) for each in value]
    return value


def has_expressions(value: Any) -> bool:
    """Say whether there is a `${{` in a JSON value."""
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, Mapping):
        return any(has_expressions(each) for each in value.values())
    return isinstance(value, list | tuple) and any(has_expressions(each) for each in value)


def _fill_in_text(text: str, scope: Scope, purse: _Purse) -> Any:
    parts = list(_split(text))
    if len(parts) == 3 and not (parts[0] + parts[2]).strip():
        return _evaluate(parts[1], scope, purse)
    filled = [
        _as_text(_evaluate(each, scope, purse)) if at % 2 else each for at, each in enumerate(parts)
    ]
    return "".join(filled)


def _split(text: str) -> Iterator[str]:
    """Yield the text around expressions and the expressions, by turns. Raises ExpressionError."""
    at = 0
    while (begin := text.find("${{", at)) >= 0:
        yield text[at:begin]
        end = _closing(text, begin + 3)
        yield text[begin + 3 : end].strip()
        at = end + 2
    yield text[at:]


def _closing(text: str, at: int) -> int:
    """Find the `}}` that closes an expression; braces and texts inside of it are its own."""
    depth, end = 0, at + LONGEST + 2  # what is longer is refused: looking on would take for ever
    while found := TOKEN.search(text, at, end):
        piece = found[0]
        if piece == "{":
            depth += 1
        elif piece[0] == "}" and depth:
            depth -= 1
            at = found.start() + 1
            continue
        elif piece == "}}":
            return found.start()
        at = found.end()
    within = f" within {LONGEST} characters" if end < len(text) else ""
    raise ExpressionError(f"a ${{{{ is not closed by }}}}{within}")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # The library keeps maps in no order; the same value is to be the same text.
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _said(error: Exception) -> str:
    """Answer the first line of what the library says, without what only repeats the expression."""
    lines = str(error).strip().splitlines()
    if not lines:
        return type(error).__name__
    found = SYNTAX.search(str(error))
    if found:
        said = found[2].partition(" expecting ")[0].removeprefix("Syntax error: ")
        return f"at character {found[1]}: {said}"
    return lines[0]
