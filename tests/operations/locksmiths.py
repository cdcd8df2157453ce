"""An office whose time stands still, where environments get rules: for locks and freezes."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from typing_extensions import override

from bot.catalog.model import Environment
from bot.clock import Clock
from bot.store.database import Store, open_store
from tests.builders import NOON
from tests.operations.office import Office


class Watch(Clock):
    """A clock that goes when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    @override
    def now(self) -> datetime:
        return self.time


class Locksmiths(Office):
    """An office whose time stands still until a test lets it pass."""

    watch: Watch

    def rules(self, name: str = "prod", **changes: object) -> None:
        """Change an environment, as an edited file would."""
        old = self.catalog.environments[name]
        new: Environment = replace(old, **changes)  # type: ignore[arg-type] # the test says what it changes
        self.catalog = replace(self.catalog, environments={**self.catalog.environments, name: new})


def open_locksmiths(folder: Path) -> tuple[Locksmiths, Store]:
    """Open an office on a fresh SQLite file in `folder`."""
    watch = Watch()
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", watch)
    made = Locksmiths(store, watch)
    made.watch = watch
    return made, store
