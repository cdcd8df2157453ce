"""`shipmate token` and `shipmate trigger token`: who may come in by HTTP."""

import sys
from typing import Annotated

import typer

from bot.cli.ending import configured, span, telling
from bot.clock import SystemClock

tokens = typer.Typer(
    help="Tokens of people and service accounts for the API.", no_args_is_help=True
)
trigger = typer.Typer(help="Triggers of CI systems and registries.", no_args_is_help=True)
_of_triggers = typer.Typer(help="Tokens of triggers.", no_args_is_help=True)
trigger.add_typer(_of_triggers, name="token")


def _token_commands(group: typer.Typer, kind: str) -> None:
    """Add the commands on the tokens of one kind."""

    @group.command("create")
    def create(name: str) -> None:
        """Make a token and print it, once: it is kept nowhere."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - the store takes a moment to load

        with telling():
            print(tokens.create(configured("warning"), SystemClock(), kind, name))

    @group.command("rotate")
    def rotate(
        name: str,
        keep: Annotated[
            str, typer.Option("--keep", help="For how long the old one holds, too: 30m, 2h.")
        ] = "",
    ) -> None:
        """Make another token and print it; the old one ends now, or after a while."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with telling():
            settings, lasting = configured("warning"), span(keep)
            text, before = tokens.rotate(settings, SystemClock(), kind, name, keep=lasting)
        print(text)
        ends = f"ends in {keep}" if keep else "opens nothing any more"
        print(f"{before or 'no'} token before it {ends}", file=sys.stderr)

    @group.command("revoke")
    def revoke(name: str) -> None:
        """End all tokens of a name."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with telling():
            ended = tokens.revoke(configured("warning"), SystemClock(), kind, name)
        print(f"{ended or 'no'} token of {name} ended")

    @group.command("list")
    def there_are() -> None:
        """List whose tokens there are, since when and until when."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with telling():
            lines = tokens.listed(configured("warning"), SystemClock(), kind)
        print("\n".join(lines) or "There is no token.")


_token_commands(tokens, "api")
_token_commands(_of_triggers, "trigger")
