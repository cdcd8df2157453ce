"""Expressions: CEL by a library, over nothing but the values they are given. Pure.

`${{ … }}` in any text of a step's properties, and `if` and `valueFrom` as they stand. Bounded in length, in
what they may return, and in depth, since CEL itself has no loops but those over its values.
"""

import re
from collections.abc import Mapping
from typing import Any

import cel

PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
LONGEST = 2000
"""Characters of an expression."""
LARGEST = 100_000
"""Characters of a text that an expression may make."""

Scope = Mapping[str, Any]


class ExpressionError(Exception):
    """An expression cannot be read or has no value; the text says why."""


def check(expression: str) -> None:
    """Raise ExpressionError when `expression` is no CEL."""
    if len(expression) > LONGEST:
        raise ExpressionError(f"it is longer than {LONGEST} characters")
    try:
        cel.compile(expression)
    except ValueError as error:
        raise ExpressionError(_said(error)) from error


def check_text(text: str) -> None:
    """Raise ExpressionError when a `${{ }}` in `text` is no CEL, or is not closed."""
    for expression in PLACE.findall(text):
        check(expression.strip())
    if "${{" in PLACE.sub("", text):
        raise ExpressionError("a ${{ is not closed by }}")


def evaluate(expression: str, scope: Scope) -> Any:
    """Answer the value of `expression`. Raises ExpressionError."""
    check(expression)
    try:
        value = cel.evaluate(expression, dict(scope))
    except (ValueError, TypeError, RuntimeError, KeyError, AttributeError, OverflowError) as error:
        raise ExpressionError(f"{expression}: {_said(error)}") from error
    if isinstance(value, str) and len(value) > LARGEST:
        raise ExpressionError(f"{expression}: its value is longer than {LARGEST} characters")
    return value


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
    if isinstance(value, str):
        return _fill_in_text(value, scope)
    if isinstance(value, Mapping):
        return {key: fill_in(each, scope) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill_in(each, scope) for each in value]
    return value


def _fill_in_text(text: str, scope: Scope) -> Any:
    alone = PLACE.fullmatch(text.strip())
    if alone is not None and "}}" not in alone[1]:
        return evaluate(alone[1].strip(), scope)
    return PLACE.sub(lambda found: _as_text(evaluate(found[1].strip(), scope)), text)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _said(error: Exception) -> str:
    """Answer the first line of what the library says."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
