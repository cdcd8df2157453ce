"""The verbs of the chat as commands: each asks a Shipmate that runs."""

from typing import Annotated

import typer

from bot.cli.ending import fail, span
from bot.command.forms import Verb
from bot.command.verbs import VERBS
from bot.errors import ShipmateError
from bot.settings import read_remote

LOCAL = frozenset({"audit", "doctor", "help"})
"""Verbs that the command line has a command of its own for."""


def add(app: typer.Typer) -> None:
    """Add a command for each verb that the command line has none of its own for."""
    for verb in VERBS:
        if verb.name not in LOCAL:
            _add(app, verb)


def _add(app: typer.Typer, verb: Verb) -> None:
    """Add the command that asks a Shipmate that runs for one verb."""
    words = {"ignore_unknown_options": True, "allow_interspersed_args": True}

    @app.command(
        verb.name, context_settings=words, help=f"{verb.summary}\n\nThe form is: {verb.form}"
    )
    def ask(
        words: Annotated[
            list[str] | None, typer.Argument(metavar=verb.form.partition(" ")[2])
        ] = None,
        *,
        wait: Annotated[
            bool, typer.Option("--wait", help="Until the run is over: exit code 0 if it succeeded.")
        ] = False,
        timeout: Annotated[
            str, typer.Option("--timeout", help="With --wait: for how long at most (30m, 2h).")
        ] = "",
        yes: Annotated[
            bool, typer.Option("--yes", help="Of a rollback: do it, without asking first.")
        ] = False,
        output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
        server: Annotated[
            str, typer.Option("--server", help="Base URL of the Shipmate that is asked.")
        ] = "",
    ) -> None:
        from bot.remote.commands import How, perform  # noqa: PLC0415 - as in `run`

        if output not in {"text", "json"}:
            fail(f"--output is text or json, not {output}", 2)
        how = How(
            wait=wait,
            seconds=span(timeout) if timeout else None,
            as_json=output == "json",
            yes=yes,
        )
        try:
            settings = read_remote(server)
        except ShipmateError as error:
            fail(str(error), 2)
        raise typer.Exit(int(perform(settings, verb.name, words or [], how)))
