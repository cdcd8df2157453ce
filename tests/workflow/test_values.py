"""How values come into the properties of a step and what it leaves behind."""

from typing import Any

import pytest

from bot.catalog.model import Input, Output
from bot.workflow.expressions import ExpressionError
from bot.workflow.generated import generated_workflow
from bot.workflow.values import input_values, put, resolve_outputs, resolve_properties
from tests.builders import a_step, an_application, an_environment

CONTEXT = {"version": "v1", "images": {"web": "x:v1"}}


def test_an_input_replaces_the_property_at_its_key() -> None:
    step = a_step(
        "tell",
        properties={"slack": {"message": {"text": "old"}}},
        inputs=(Input(from_="url", parameter_key="slack.message.text"),),
    )
    found = resolve_properties(step, CONTEXT, {"url": "new"}, status={})
    assert found == {"slack": {"message": {"text": "new"}}}
    assert step.properties == {"slack": {"message": {"text": "old"}}}


def test_an_input_is_not_read_as_an_expression() -> None:
    step = a_step("tell", inputs=(Input(from_="answer", parameter_key="text"),))
    found = resolve_properties(step, CONTEXT, {"answer": "${{ context.version }}"}, status={})
    assert found == {"text": "${{ context.version }}"}


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("a", {"a": 1}),
        ("a.b", {"a": {"b": 1}}),
        ("a[1]", {"a": [None, 1]}),
        ("a[0].b", {"a": [{"b": 1}]}),
        ('a["b.c"]', {"a": {"b.c": 1}}),
    ],
)
def test_maps_and_positions_on_the_way_are_made(path: str, made: dict[str, Any]) -> None:
    properties: dict[str, Any] = {}
    put(properties, path, 1)
    assert properties == made


@pytest.mark.parametrize("path", ["", "a..b", "a[", "[0]", "a[999999999]", "a.b.", "a]"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(ExpressionError):
        put({}, path, 1)


def test_inputs_come_from_outputs_and_context() -> None:
    inputs = tuple(Input(from_=each) for each in ("url", "answer.id", "context.images", "gone"))
    outputs = {"url": "u", "answer": {"id": 7}}
    found = input_values(a_step("x", inputs=inputs), {"context": CONTEXT, "outputs": outputs})
    assert found == {"url": "u", "answer.id": 7, "context.images": {"web": "x:v1"}, "gone": None}


def test_outputs_are_read_from_what_the_step_left() -> None:
    step = a_step("call", outputs=(Output(name="id", value_from="output.response.id"),))
    assert resolve_outputs(step, {"response": {"id": 7}}, CONTEXT, {}) == ({"id": 7}, ())


def test_an_output_that_is_not_there_is_null_and_is_told() -> None:
    step = a_step("call", outputs=(Output(name="id", value_from="output.nothing"),))
    assert resolve_outputs(step, {}, CONTEXT, {}) == (
        {"id": None},
        ("failed to get output from output.nothing: there is no output.nothing",),
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("output.$returns.value.data", {"a-b": [1, 2]}),
        ('output.value.data["a-b"][1]', 2),
        ("value.data", {"a-b": [1, 2]}),
        ("parameter.url", "https://x.example"),
        ("context.version", "v1"),
        ('"n: " + string(size(output.value.data["a-b"]))', "n: 2"),
        ("true", True),
    ],
)
def test_value_from_is_a_path_or_an_expression(path: str, value: object) -> None:
    left = {"value": {"data": {"a-b": [1, 2]}}}
    step = a_step("call", outputs=(Output(name="x", value_from=path),))
    found, missing = resolve_outputs(step, left, CONTEXT, {"url": "https://x.example"})
    assert (found, missing) == ({"x": value}, ())


def test_what_a_step_left_cannot_stand_for_the_context() -> None:
    step = a_step("call", outputs=(Output(name="v", value_from="context.version"),))
    left = {"context": {"version": "forged"}}
    assert resolve_outputs(step, left, CONTEXT, {}) == ({"v": "v1"}, ())


def test_without_a_file_each_target_gets_a_step_in_order() -> None:
    workflow = generated_workflow(an_application(), an_environment("prod"))
    assert (workflow.name, workflow.generated) == ("workflow-prod", True)
    assert [(each.name, each.type, each.title) for each in workflow.steps] == [
        ("hangzhou", "deploy2env", "Deploy to hangzhou"),
        ("frankfurt", "deploy2env", "Deploy to frankfurt"),
    ]
    assert [dict(each.properties) for each in workflow.steps] == [
        {"env": "hangzhou"},
        {"env": "frankfurt"},
    ]
