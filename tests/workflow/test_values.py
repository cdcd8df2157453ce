"""How values come into the properties of a step and what it leaves behind."""

from typing import Any

import pytest

from bot.catalog.model import Input, Output
from bot.workflow.expressions import ExpressionError
from bot.workflow.generated import generated_workflow
from bot.workflow.values import input_values, put, resolve_outputs, resolve_properties
from tests.builders import a_step, an_environment

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
    found = input_values(a_step("x", inputs=inputs), CONTEXT, {"url": "u", "answer": {"id": 7}})
    assert found == {"url": "u", "answer.id": 7, "context.images": {"web": "x:v1"}, "gone": None}


def test_outputs_are_read_from_what_the_step_left() -> None:
    step = a_step("call", outputs=(Output(name="id", value_from="output.response.id"),))
    assert resolve_outputs(step, {"response": {"id": 7}}, CONTEXT) == {"id": 7}


def test_an_output_that_is_not_there_is_an_error() -> None:
    step = a_step("call", outputs=(Output(name="id", value_from="output.nothing"),))
    with pytest.raises(ExpressionError):
        resolve_outputs(step, {}, CONTEXT)


def test_what_a_step_left_cannot_stand_for_the_context() -> None:
    step = a_step("call", outputs=(Output(name="v", value_from="context.version"),))
    assert resolve_outputs(step, {"context": {"version": "forged"}}, CONTEXT) == {"v": "v1"}


def test_without_a_file_each_target_gets_a_step_in_order() -> None:
    workflow = generated_workflow("shop", an_environment("prod"))
    assert (workflow.name, workflow.generated) == ("workflow-prod", True)
    assert [(each.name, each.type, each.title) for each in workflow.steps] == [
        ("hangzhou", "deploy2env", "Deploy to hangzhou"),
        ("frankfurt", "deploy2env", "Deploy to frankfurt"),
    ]
    assert [dict(each.properties) for each in workflow.steps] == [
        {"env": "hangzhou"},
        {"env": "frankfurt"},
    ]
