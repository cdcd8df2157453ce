"""What files and the environment say: workflow files, Terraform modules, expressions, settings, stored documents."""

import contextlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.bootstrap.equipment import read_catalog
from bot.catalog.complaints import CatalogProblems
from bot.catalog.documents import YamlProblem, documents
from bot.errors import Permanent, SettingsError
from bot.rendering.cloud.hcl import HclError, expected, variables
from bot.settings import Secret, read, read_remote, require_chat
from bot.store import codec
from bot.workflow.expressions import LARGEST, ExpressionError, check_text, evaluate, fill_in
from bot.workflow.values import put as put_at
from bot.workflow.values import value_from
from tests.builders import a_run
from tests.fuzz.anything import EXAMPLES, JSON, TEXT, bent, fuzzed, spoilt
from tests.scenarios.company import ROOT

WORKFLOWS: Final = ROOT / "workflows"


@cache
def real() -> dict[str, str]:
    """Answer the files that ship."""
    return {
        str(each.relative_to(WORKFLOWS)): each.read_text(encoding="utf-8")
        for each in sorted(WORKFLOWS.rglob("*.yaml"))
    }


@settings(fuzzed, max_examples=max(EXAMPLES // 3, 1))
@given(st.data())
def test_a_changed_file_is_taken_or_complained_about(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(real())))
    text = data.draw(bent(real()[name]))
    for each, as_it_was in real().items():
        file = tmp_path / each
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((text if each == name else as_it_was).encode(errors="replace"))
    with contextlib.suppress(CatalogProblems):
        read_catalog(tmp_path)


@fuzzed
@given(
    st.one_of(TEXT, JSON.map(json.dumps), bent("a: &x [1, *x]\nb: !!map {c: 2026-01-01}\n---\n? d"))
)
def test_yaml_is_values_of_json_or_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(text.encode(errors="surrogatepass"))
    try:
        found = [each.value for each in documents(file)]
    except YamlProblem as problem:
        assert problem.line >= 1
    else:
        json.dumps(found, allow_nan=False)


MODULE: Final = """
variable "name" {
  type        = map(object({a = string}))
  default     = { x = "${"a}"}" }
  description = <<-EOT
    what it is
  EOT
}
variable size { type = number } # a comment
/* and one more */ resource "x" "y" { tags = [for k in var.name : "%{ if k }a%{ endif }"] }
"""


@fuzzed
@given(st.one_of(TEXT, bent(MODULE)))
@example('"${' * 5000)
@example("variable a {}\n" * 20_000)
@example("variable a { b")
def test_a_module_is_read_or_something_in_it_is_not_closed(text: str) -> None:
    try:
        found = variables(text)
    except HclError as error:
        assert error.line >= 1
        return
    for each in found:
        assert expected(each.type, {"a": "b"}) is not None


@fuzzed
@given(st.one_of(TEXT, bent("map(list(object({a=string})))")), JSON)
@example("list(" * 5000, [])
def test_a_value_fits_a_type_or_not(type_: str, value: Any) -> None:
    assert isinstance(expected(type_, value), str)


SCOPE: Final[dict[str, Any]] = {
    "context": {"version": "v1.4.2", "images": {"web": "x:v1"}, "revision": 3},
    "status": {"my-step": {"failed": True}},
    "inputs": {},
    "outputs": {"endpoint": "http://x"},
    "parameter": {},
}
EXPRESSIONS: Final = (
    'status["my-step"].failed && context.version.startsWith("v1")',
    "context.images.map(k, context.images[k] + ':' + k).join(', ')",
    "inputs.exists(x, x == 1) ? timestamp('2026-01-01T00:00:00Z') : duration('1h')",
    "[1, 2u, 3.0, b'x', {'a': null}].filter(x, type(x) == int).size() + 1",
)


@fuzzed
@given(st.one_of(TEXT, bent(*EXPRESSIONS), st.text("(){}[]!-.?:'\"\\1eax,&|", max_size=40)))
@example("(" * 1999)
@example("[" * 1000 + "]" * 999)
@example("!" * 1999 + "x")
@example("-" * 1999)
@example("1?" * 999)
@example("a" + ".a" * 900)
def test_an_expression_has_a_value_of_json_or_says_why_not(text: str) -> None:
    for read_ in (evaluate, value_from):
        try:
            found = read_(text, SCOPE)
        except ExpressionError as error:
            assert str(error)
        else:
            assert len(json.dumps(found, allow_nan=False)) <= 7 * LARGEST


@fuzzed
@given(st.one_of(TEXT, bent(*(f"a ${{{{ {each} }}}} b" for each in EXPRESSIONS)), JSON))
def test_properties_are_filled_in_or_it_is_said_why_not(value: Any) -> None:
    with contextlib.suppress(ExpressionError):
        fill_in(value, SCOPE)
    if isinstance(value, str):
        with contextlib.suppress(ExpressionError):
            check_text(value)


@fuzzed
@given(st.one_of(TEXT, bent('slack.message["text"]', "to[0]", "a[99].b")), JSON)
@example("a[" + "9" * 5000 + "]", 1)
@example("a[" + "9" * 30 + "]", 1)
def test_a_path_of_a_property_is_one_or_refused(path: str, value: Any) -> None:
    properties: dict[str, Any] = {"to": ["a"], "slack": {"message": {}}}
    with contextlib.suppress(ExpressionError):
        put_at(properties, path, value)
        json.dumps(properties)


SET: Final = [
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_SOCKETS",
    "SLACK_HTTP_LISTEN",
    "SLACK_API_URL",
    "DINGTALK_CLIENT_ID",
    "DINGTALK_CLIENT_SECRET",
    "DINGTALK_HTTP_LISTEN",
    "DATABASE_URL",
    "KUBECONFIG",
    "PORT",
    "SHIPMATE_HTTP_LISTEN",
    "SHIPMATE_LOG_LEVEL",
    "SHIPMATE_LOG_FORMAT",
    "SHIPMATE_LANGUAGE",
    "SHIPMATE_STATE",
    "SHIPMATE_WORKFLOWS",
    "SHIPMATE_SECRET_A",
    "SHIPMATE_SERVER",
    "SHIPMATE_TOKEN",
]
LISTEN: Final = st.sampled_from(
    ["off", "[::1]:80", ":80", "a:", "a:²", "a:99999", "a:" + "9" * 5000]
)


@fuzzed
@given(st.dictionaries(st.one_of(st.sampled_from(SET), TEXT), st.one_of(TEXT, LISTEN)))
@example({"PORT": "²"})
@example({"PORT": "9" * 5000})
@example({"SLACK_SOCKETS": "²"})
@example({"SLACK_HTTP_LISTEN": "a:²"})
def test_settings_are_read_or_all_that_is_wrong_is_said(given_: Mapping[str, str]) -> None:
    with contextlib.suppress(SettingsError):
        found = read(given_)
        assert 0 <= found.port <= 65535
        assert 1 <= found.slack.sockets <= 10
        require_chat(found)
    with contextlib.suppress(SettingsError):
        read_remote("", given_)


@fuzzed
@given(st.text(min_size=6, max_size=40).filter(lambda each: each not in "Secret(…) SettingsError"))
def test_a_secret_of_the_environment_never_shows(secret: str) -> None:
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DINGTALK_CLIENT_SECRET")
    try:
        found = read(dict.fromkeys([*names, "SHIPMATE_SECRET_A"], secret))
        said = repr((found.slack, found.dingtalk, found.secrets, Secret(secret)))
        require_chat(found)
    except SettingsError as error:
        said = str(error)
    assert secret not in said


RUN: Final[Any] = json.loads(codec.write(codec.RUN, a_run()))


@fuzzed
@given(st.one_of(spoilt(RUN).map(json.dumps), JSON.map(json.dumps), TEXT))
def test_a_stored_document_is_read_or_is_of_another_version(document: str) -> None:
    adapters: tuple[TypeAdapter[Any], ...] = (codec.RUN, codec.EVENT, codec.LOCK, codec.RECEIVED)
    for adapter in adapters:
        try:
            found = codec.read(adapter, document)
        except Permanent as error:
            assert "the database holds" in str(error)
        else:
            assert codec.read(adapter, codec.write(adapter, found)) == found
