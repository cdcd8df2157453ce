"""The Slack manifest asks for what the code uses: not less, so that it works; not more, so that it is trusted."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.chat.slack.examining import WANTED
from bot.command.verbs import SLASH_VERBS, find
from tests.scenarios.company import ROOT

MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
SLACK = ROOT / "bot" / "chat" / "slack"

SCOPES_OF_METHODS = {
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_getPermalink": set[str](),
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read", "users:read.email"},  # the email is what it is asked for
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set[str](),
    "views_push": set[str](),
    "views_update": set[str](),
    "views_publish": set[str](),
}
"""Per method of slack_sdk's client; source: docs.slack.dev, reference/methods, “Required scopes”."""

SCOPES_OF_EVENTS = {
    "app_home_opened": set[str](),
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "subteam_members_changed": {"usergroups:read"},
    "subteam_updated": {"usergroups:read"},
}
"""Source: docs.slack.dev, reference/events."""


def called(name: str) -> set[str]:
    """Name the Web API methods that the code calls on its client."""
    tree = ast.parse((SLACK / name).read_text(encoding="utf-8"))
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "self._client"
    }


def listened() -> set[str]:
    """Name the events that have a listener."""
    source = (SLACK / "app.py").read_text(encoding="utf-8")
    return set(re.findall(r'app\.event\("([a-z_]+)"\)', source))


def test_the_doctor_looks_for_the_scopes_of_the_manifest() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == WANTED


def test_every_scope_is_used_and_every_use_has_its_scope() -> None:
    methods = called("gateway.py") | called("app.py")
    needed = {"commands"}.union(
        *(SCOPES_OF_METHODS[each] for each in methods), *SCOPES_OF_EVENTS.values()
    )
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_every_event_has_a_listener_and_every_listener_its_event() -> None:
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert set(subscribed) == set(SCOPES_OF_EVENTS)
    assert {each.partition(".")[0] for each in subscribed} == listened()


def test_the_slash_commands_are_those_that_the_grammar_knows() -> None:
    commands = {each["command"] for each in MANIFEST["features"]["slash_commands"]}
    assert commands == {f"/{each}" for each in SLASH_VERBS} | {"/shipmate"}


def test_every_shortcut_has_a_listener_and_every_listener_its_shortcut() -> None:
    source = (SLACK / "app.py").read_text(encoding="utf-8")
    listened = set(re.findall(r'app\.(message|global)_shortcut\("([a-z_]+)"\)', source))
    shortcuts = MANIFEST["features"]["shortcuts"]
    assert {(each["type"], each["callback_id"]) for each in shortcuts} == listened
    assert all(len(each["name"]) <= 24 for each in shortcuts)


@pytest.mark.parametrize("name", sorted(SLASH_VERBS))
def test_the_hint_of_a_slash_command_is_its_form(name: str) -> None:
    verb = find(name)
    assert verb is not None
    hints = {each["command"]: each["usage_hint"] for each in MANIFEST["features"]["slash_commands"]}
    assert hints[f"/{name}"] == verb.form.removeprefix(f"{name} ")


def test_the_package_carries_the_manifest_and_the_example() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in ("manifest.yml", "workflows"):
        assert Path(ROOT / name).exists()
        assert f'"{name}" = "bot/' in project or f'{name} = "bot/' in project
