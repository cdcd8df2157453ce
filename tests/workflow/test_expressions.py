"""Expressions have a value or an ExpressionError, never anything else, and see nothing but their scope."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.workflow.expressions import (
    LONGEST,
    ExpressionError,
    check,
    check_text,
    evaluate,
    evaluate_condition,
    fill_in,
)

SCOPE = {
    "context": {"version": "v1.4.2", "images": {"web": "x:v1"}, "revision": 3},
    "status": {"my-step": {"failed": True}, "first": {"succeeded": True}},
    "inputs": {},
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("context.version", "v1.4.2"),
        ("context.revision + 1", 4),
        ('"shop " + context.version', "shop v1.4.2"),
        ("context.images", {"web": "x:v1"}),
        ('status["my-step"].failed', True),
        ("[1, 2].map(x, x * 2)", [2, 4]),
    ],
)
def test_an_expression_has_a_value(expression: str, value: object) -> None:
    assert evaluate(expression, SCOPE) == value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "nobody",
        "context.nothing",
        "nothing()",
        "1 / 0",
        "1 % 0",
        "[1][5]",
        "int('x')",
        "9223372036854775807 + 1",
        "'a'.matches('(')",
        "'a' * 2",
        "1.0 / 0.0",
        "b'bytes'",
        "optional.of(1)",
        "{1: 2}",
        "a" * (LONGEST + 1),
    ],
)
def test_an_expression_without_a_value_of_json_is_an_error(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, SCOPE)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab.[]()'\"+-/%!&|? :0123456789{},_", max_size=40))
def test_no_text_makes_an_expression_raise_anything_else(text: str) -> None:
    with suppress(ExpressionError):
        evaluate(text, {"a": {"b": [1, "x"]}})


def test_times_become_text_that_can_be_stored() -> None:
    assert evaluate("timestamp('2026-11-23T12:00:00Z')", {}) == "2026-11-23T12:00:00+00:00"


@pytest.mark.timeout(30)  # unbounded, it takes hours
def test_an_expression_cannot_keep_everyone_waiting() -> None:
    loop = "[0,1,2,3,4,5,6,7,8,9]"
    deep = "1"
    for name in "abcdefghij":
        deep = f"{loop}.map({name}, {deep})"
    with pytest.raises(ExpressionError, match="loops"):
        evaluate(deep, {})


@pytest.mark.parametrize("expression", ["'yes'", "1", "null"])
def test_a_condition_is_true_or_false(expression: str) -> None:
    with pytest.raises(ExpressionError, match="expected true or false"):
        evaluate_condition(expression, {})


def test_what_is_no_expression_is_found_before_a_run() -> None:
    with pytest.raises(ExpressionError):
        check("status.first.")
    with pytest.raises(ExpressionError, match="not closed"):
        check_text("shop ${{ context.version")
    check("status.first.succeeded")
    check_text("nothing to see {{ here }}")


def test_a_text_that_is_one_expression_keeps_the_type_of_its_value() -> None:
    assert fill_in("${{ context.revision }}", SCOPE) == 3
    assert fill_in({"a": ["${{ context.images }}"]}, SCOPE) == {"a": [{"web": "x:v1"}]}


def test_several_expressions_are_joined_as_text() -> None:
    found = fill_in("v${{ context.revision }} ${{ true }} ${{ null }}${{ ['a', 1] }}", SCOPE)
    assert found == 'v3 true ["a", 1]'


def test_braces_inside_an_expression_belong_to_it() -> None:
    assert fill_in("${{ {'a': {'b': 1}} }}", {}) == {"a": {"b": 1}}
    assert fill_in("${{ '}}' }}!", {}) == "}}!"


def test_a_value_is_not_read_as_an_expression_again() -> None:
    scope = {"context": {"note": "${{ context.secret }}", "secret": "x"}}
    assert fill_in("${{ context.note }}", scope) == "${{ context.secret }}"
    assert fill_in("note: ${{ context.note }}", scope) == "note: ${{ context.secret }}"


def test_a_map_in_a_text_is_the_same_text_every_time() -> None:
    scope = {"inputs": {"of": {"b": 1, "a": {"d": [2], "c": None}}}}

    said = {fill_in("it is ${{ inputs.of }}", scope) for _ in range(20)}

    assert said == {'it is {"a": {"c": null, "d": [2]}, "b": 1}'}
