"""What the installed app may do and offers, read from its manifest (docs.slack.dev, reference/app-manifest).

Without a manifest the app has every scope and event, and any slash command is taken for its own. The other
sections of a manifest are not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command."""

    command: str
    """With its slash."""
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A global or message shortcut."""

    name: str
    type: str
    callback_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The app as it is installed. `None` where everything is granted."""

    commands: tuple[Command, ...] | None = None
    shortcuts: tuple[Shortcut, ...] = ()
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None

    def command(self, name: str) -> Command | None:
        """Find a slash command by its name with the slash."""
        if self.commands is None:
            return Command(command=name)
        return next((each for each in self.commands if each.command == name), None)

    def hears(self, event: str) -> bool:
        """Say whether the app is subscribed to `event`, such as `app_mention` or `message.im`."""
        return self.events is None or event in self.events

    def may(self, scope: str) -> bool:
        """Say whether the bot token has `scope`."""
        return self.scopes is None or scope in self.scopes


def read(path: Path | None) -> Manifest:
    """Read the manifest at `path`; None or no file: everything is granted. Raises ValueError when it is none."""
    if path is None or not path.exists():
        return Manifest()
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, Mapping):
        raise ValueError(f"{path} is no app manifest: expected a mapping at the top")
    features = document.get("features", {})
    return Manifest(
        commands=tuple(_command(each) for each in features.get("slash_commands", ())),
        shortcuts=tuple(
            Shortcut(name=each["name"], type=each["type"], callback_id=each["callback_id"])
            for each in features.get("shortcuts", ())
        ),
        scopes=frozenset(document.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
        events=frozenset(
            document.get("settings", {}).get("event_subscriptions", {}).get("bot_events", ())
        ),
    )


def _command(document: Mapping[str, Any]) -> Command:
    return Command(
        command=document["command"],
        description=document.get("description", ""),
        usage_hint=document.get("usage_hint", ""),
        should_escape=bool(document.get("should_escape", False)),
    )
