"""The `shipmate` command: a module for each group of its commands, and one for how they end.

Commands load what takes seconds to load when they are run, not when they are listed.
"""

from bot.cli import remote
from bot.cli.commands import app
from bot.cli.database import db
from bot.cli.tokens import tokens, trigger

__all__ = ["app", "main"]

app.add_typer(db, name="db")
app.add_typer(tokens, name="token")
app.add_typer(trigger, name="trigger")
remote.add(app)


def main() -> None:
    """Run the command line."""
    app()
