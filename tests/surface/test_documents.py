"""Every request, setting, command, step type, property, fault and call is in the documents, and nothing else."""

import ast
import re
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from bot import settings
from bot.bootstrap.equipment import step_types
from bot.cli import app
from bot.command.chinese import OPTIONS as OPTIONS_IN_CHINESE
from bot.command.chinese import VERBS as VERBS_IN_CHINESE
from bot.command.forms import Verb
from bot.command.verbs import VERBS
from bot.rendering.types import COMPONENTS, TRAITS
from bot.sandbox.known_faults import KNOWN_FAULTS
from bot.sandbox.server import Sandbox
from bot.steps.channels.dingding import DingMessage, DingNotice
from bot.steps.channels.email import EmailNotice, MailContent, Sender
from bot.steps.channels.lark import LarkMessage, LarkNotice
from bot.steps.channels.slack import SlackMessage, SlackNotice
from bot.steps.kinds.apply_deployment import ApplyDeploymentParameters
from bot.steps.kinds.apply_job import ApplyJobParameters
from bot.steps.kinds.apply_object import ApplyObjectParameters
from bot.steps.kinds.apply_terraform_config import ApplyTerraformConfigParameters
from bot.steps.kinds.check_resource_ready import CheckResourceReadyParameters
from bot.steps.kinds.clean_jobs import CleanJobsParameters
from bot.steps.kinds.collect_service_endpoints import CollectServiceEndpointsParameters
from bot.steps.kinds.delete_object import DeleteObjectParameters
from bot.steps.kinds.depends_on_app import DependsOnAppParameters
from bot.steps.kinds.deploy2env import Deploy2EnvParameters
from bot.steps.kinds.deploy_cloud_resource import DeployCloudResourceParameters
from bot.steps.kinds.export2config import Export2ConfigParameters
from bot.steps.kinds.export2secret import Export2SecretParameters
from bot.steps.kinds.export_data import ExportDataParameters
from bot.steps.kinds.export_service import ExportServiceParameters
from bot.steps.kinds.generate_jdbc_connection import GenerateJdbcConnectionParameters
from bot.steps.kinds.notification import NotificationParameters
from bot.steps.kinds.older_deliveries import ApplyRemainingParameters, Deploy2RuntimeParameters
from bot.steps.kinds.print_message import PrintMessageParameters
from bot.steps.kinds.read_object import ReadObjectParameters
from bot.steps.kinds.request import RequestParameters
from bot.steps.kinds.share_cloud_resource import ShareCloudResourceParameters
from bot.steps.kinds.suspend import SuspendParameters
from bot.steps.kinds.webhook import WebhookParameters
from bot.steps.providers import CLOUDS
from bot.web.endpoints import ENDPOINTS
from tests.scenarios.company import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
WORKFLOWS = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
DOCUMENTED = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
DINGTALK = (ROOT / "docs" / "dingtalk.md").read_text(encoding="utf-8")
SANDBOX = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """Answer what stands in backticks in the first cell of each row of the tables."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [each for row in rows for each in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_readme_shows_the_form_of_each_request(verb: Verb) -> None:
    assert verb.form in first_cells(README)


def test_the_readme_lists_the_settings_that_there_are() -> None:
    code = ast.parse((ROOT / "bot" / "settings.py").read_text(encoding="utf-8"))
    asked = {
        node.args[0].value
        for node in ast.walk(code)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.args[0], ast.Constant)
    }
    section = README.split("## Settings")[1].split("\n## ")[0]
    assert set(first_cells(section)) == asked | {f"{settings.SECRET_PREFIX}<NAME>"}


def test_the_readme_lists_the_commands_that_there_are() -> None:
    there = {
        each.name or each.callback.__name__ for each in app.registered_commands if each.callback
    }
    there |= {each.name for each in app.registered_groups if each.name}
    section = README.split("## Commands")[1].split("\n## ")[0]
    shown = {each.split()[1] for each in first_cells(section) if each.startswith("shipmate ")}
    assert shown == there


def test_each_step_type_is_described() -> None:
    for name in step_types({}):
        assert name in first_cells(README)
        assert f"### `{name}`\n" in WORKFLOWS


def of_notices() -> set[str]:
    """Name the properties of notices, each by its path."""
    parts: dict[str, tuple[type[BaseModel], set[str]]] = {
        "slack": (SlackNotice, {"message"}),
        "slack.message": (SlackMessage, set()),
        "dingding": (DingNotice, {"message"}),
        "dingding.message": (DingMessage, set()),
        "lark": (LarkNotice, {"message"}),
        "lark.message": (LarkMessage, set()),
        "email": (EmailNotice, {"from", "content"}),
        "email.from": (Sender, set()),
        "email.content": (MailContent, set()),
    }
    return {
        f"{path}.{field.alias or name}"
        for path, (model, below) in parts.items()
        for name, field in model.model_fields.items()
        if (field.alias or name) not in below
    }


@pytest.mark.parametrize(
    ("step", "shape", "prefix"),
    [
        ("deploy2env", Deploy2EnvParameters, ""),
        ("deploy-cloud-resource", DeployCloudResourceParameters, ""),
        ("share-cloud-resource", ShareCloudResourceParameters, ""),
        ("apply-terraform-config", ApplyTerraformConfigParameters, ""),
        ("suspend", SuspendParameters, ""),
        ("notification", NotificationParameters, ""),
        ("webhook", WebhookParameters, ""),
        ("request", RequestParameters, ""),
        ("print-message-in-status", PrintMessageParameters, ""),
        ("apply-object", ApplyObjectParameters, ""),
        ("apply-job", ApplyJobParameters, ""),
        ("check-resource-ready", CheckResourceReadyParameters, ""),
        ("read-object", ReadObjectParameters, ""),
        ("delete-object", DeleteObjectParameters, ""),
        ("clean-jobs", CleanJobsParameters, ""),
        ("apply-deployment", ApplyDeploymentParameters, ""),
        ("export-service", ExportServiceParameters, ""),
        ("generate-jdbc-connection", GenerateJdbcConnectionParameters, ""),
        ("collect-service-endpoints", CollectServiceEndpointsParameters, ""),
        ("depends-on-app", DependsOnAppParameters, ""),
        ("apply-remaining", ApplyRemainingParameters, ""),
        ("deploy2runtime", Deploy2RuntimeParameters, ""),
        ("export2config", Export2ConfigParameters, ""),
        ("export2secret", Export2SecretParameters, ""),
        ("export-data", ExportDataParameters, ""),
    ],
)
def test_each_property_of_a_step_type_is_described(
    step: str, shape: type[BaseModel], prefix: str
) -> None:
    section = WORKFLOWS.split(f"### `{step}`\n")[1].split("\n### ")[0]
    there = {prefix + (field.alias or name) for name, field in shape.model_fields.items()}
    if shape is NotificationParameters:
        there = {"failurePolicy"} | of_notices()
    assert set(first_cells(section)) == there


@pytest.mark.parametrize(
    ("types", "heading"), [(COMPONENTS, "## Component types"), (TRAITS, "## Traits")]
)
def test_each_property_of_a_component_type_and_of_a_trait_is_described(
    types: Mapping[str, Any], heading: str
) -> None:
    section = DOCUMENTED.split(f"{heading}\n")[1].split("\n## ")[0]
    assert set(types) <= set(first_cells(section))
    for kind in types.values():
        for name, field in kind.parameters.model_fields.items():
            assert name == "root" or f"`{field.alias or name}`" in section


def test_each_property_of_a_cloud_is_described() -> None:
    section = WORKFLOWS.split("### `apply-terraform-provider`\n")[1].split("\n### ")[0]
    there = {
        field.alias or name for each in CLOUDS.values() for name, field in each.model_fields.items()
    }
    assert set(first_cells(section)) | {"token"} == there
    assert all(f"`{each}`" in section for each in (*there, *CLOUDS))


def test_each_fault_is_described() -> None:
    for faults in KNOWN_FAULTS.values():
        for fault, fields in faults.items():
            assert f"`{fault}`" in SANDBOX
            for each in fields:
                assert f"`{each}`" in SANDBOX


def test_each_call_of_the_control_api_is_described() -> None:
    there = {f"/control{route.path}" for route in Sandbox(state=None, port=0).control_routes()}
    shown = set(re.findall(r"`(?:GET|POST|DELETE) (/control[\w/-]*)", SANDBOX))
    assert shown == there


def test_what_the_documents_link_to_is_there() -> None:
    pages = [
        (each.read_text(encoding="utf-8"), each.parent) for each in (ROOT / "docs").glob("*.md")
    ]
    for text, folder in ((README, ROOT), *pages):
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert link.startswith("https://") or (folder / link).exists(), link


@pytest.mark.parametrize(
    ("table", "dashes"),
    [(VERBS_IN_CHINESE, ""), (OPTIONS_IN_CHINESE, "--")],
    ids=["verbs", "options"],
)
def test_each_chinese_name_is_described(table: Mapping[str, tuple[str, ...]], dashes: str) -> None:
    rows = [
        re.findall(r"`([^`]+)`", line) for line in DINGTALK.splitlines() if line.startswith("| `")
    ]
    for name, names in table.items():
        assert [dashes + each for each in (name, *names)] in rows


def test_each_call_of_the_api_is_described() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    cells = [each for each in first_cells(page) if each.startswith(("GET ", "POST "))]
    there = {f"{each.method} {each.path}" for each in ENDPOINTS}
    assert set(cells) == there | {"GET /runs/{run}/events"}
