"""The `shipmate` command: run the bot, try it against the sandbox, play the demo, check files.

Turns errors into a sentence and an exit code: 0 done, 1 it went wrong, 2 it was asked for wrongly.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.authoring.checks import LookingOn, Simulated
from bot.authoring.graph import drawing
from bot.authoring.opening import choose, open_files
from bot.authoring.script import check_names, read_script
from bot.authoring.simulation import simulate as play_through
from bot.authoring.simulation import told
from bot.authoring.tree import company_lines, lines
from bot.bootstrap.equipment import read_catalog, step_types
from bot.clock import SystemClock
from bot.command.forms import Verb
from bot.command.spans import parse_since, parse_span
from bot.command.verbs import VERBS
from bot.errors import ShipmateError
from bot.findings import failed
from bot.logs import set_up
from bot.settings import Settings, read, read_remote, require_chat
from bot.workflow.shape import Shape

LOCAL = frozenset({"audit", "doctor", "help"})
"""Verbs that the command line has a command of its own for."""

app = typer.Typer(
    help="Delivers applications to Kubernetes from chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

db = typer.Typer(
    help="Looks after the database that DATABASE_URL or SHIPMATE_STATE names.", no_args_is_help=True
)
app.add_typer(db, name="db")
tokens = typer.Typer(help="Tokens of people and service accounts for the API.")
trigger = typer.Typer(help="Triggers of CI systems and registries.")
trigger_tokens = typer.Typer(help="Tokens of triggers.")
app.add_typer(tokens, name="token", no_args_is_help=True)
app.add_typer(trigger, name="trigger", no_args_is_help=True)
trigger.add_typer(trigger_tokens, name="token", no_args_is_help=True)


@app.command()
def run(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Against the sandbox: needs no Slack and no cluster.")
    ] = False,
) -> None:
    """Run the bot until it is told to end (Ctrl-C)."""
    from bot import serving  # noqa: PLC0415 - Slack's and Kubernetes' clients take seconds to load

    settings = _settings()
    if sandbox:
        _run(lambda: serving.serve_sandbox(settings))
        return
    try:
        require_chat(settings)
    except ShipmateError as error:
        _fail(str(error), 2)
    _run(lambda: serving.serve(settings))


@app.command()
def demo() -> None:
    """Play a deployment, an approval, a rollback and a rejection against the sandbox and print it."""
    from bot import serving  # noqa: PLC0415 - as in `run`

    settings = _settings("warning")
    _run(lambda: serving.perform(settings))
    print("\nEverything went as it should.")


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; without any, workflows/.")
    ] = None,
    *,
    graph: Annotated[
        Path | None, typer.Option("--graph", help="Write the steps as an SVG picture to this file.")
    ] = None,
) -> None:
    """Find mistakes in workflow files, and print what a run would do: the steps, who waits for what and whom."""
    wanted = paths or [Path("workflows")]
    missing = next((each for each in wanted if not each.exists()), None)
    if missing is not None:
        _fail(f"{missing}: there is no such file or folder", 1)
    try:
        types = step_types({})
        contents = open_files(wanted, LookingOn(types))
        if contents.is_company and len(wanted) == 1:
            shown = [*_company(wanted[0])]
        else:
            shown = lines(contents, types)
    except ShipmateError as error:
        _fail(str(error), 1)
    print("\n".join(shown))
    if graph is not None:
        graph.write_text(drawing([each.workflow for each in contents.opened]), encoding="utf-8")
        print(f"The graph is in {graph}.")


@app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="A Workflow, WorkflowRun or Application.")],
    *,
    script: Annotated[
        Path | None, typer.Option("--script", help="What each step does, and what is asked when.")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    name: Annotated[
        str, typer.Option("--name", help="Which one, where the file has several.")
    ] = "",
) -> None:
    """Play a workflow without any effect, on virtual time, to see what a run of it would do."""
    if output not in {"text", "json"}:
        _fail(f"--output is text or json, not {output}", 2)
    try:
        types = step_types({})
        chosen = choose(open_files([file], Simulated(types)), file, name)
        said = read_script(script)
        check_names(said, Shape(chosen.workflow).specs)
    except ShipmateError as error:
        _fail(str(error), 1)
    played = asyncio.run(play_through(chosen.workflow, said, types, chosen.application))
    if output == "json":
        print(json.dumps(played.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(told(played)))


@app.command()
def audit(
    *,
    since: Annotated[
        str, typer.Option("--since", help="How long ago (2h, 3d), or a day (2026-11-20).")
    ] = "",
    app_name: Annotated[str, typer.Option("--app", help="Of one application only.")] = "",
    env: Annotated[str, typer.Option("--env", help="Of one environment only.")] = "",
    person: Annotated[str, typer.Option("--person", help="What one person asked for.")] = "",
    output: Annotated[str, typer.Option("--output", "-o", help="table or jsonl")] = "table",
) -> None:
    """Print who asked for what and what was answered, oldest first; also while the bot runs."""
    from bot.bootstrap import auditing  # noqa: PLC0415 - the store takes a moment to load

    if output not in auditing.OUTPUTS:
        _fail(f"--output is table or jsonl, not {output}", 2)
    settings = _settings("warning")
    try:
        moment = parse_since(since, SystemClock().now()) if since else None
    except ValueError as error:
        _fail(str(error), 2)
    try:
        for line in auditing.audited(
            settings,
            output=output,
            since=moment,
            application=app_name,
            environment=env,
            person=person,
        ):
            print(line)
    except ShipmateError as error:
        _fail(str(error), 1)
    except BrokenPipeError:  # whoever reads has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def doctor(
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
) -> None:
    """Try out everything that is configured, and say what is wrong and how to mend it; nothing is posted or changed."""
    from bot.bootstrap import examining  # noqa: PLC0415 - as in `run`

    if output not in examining.OUTPUTS:
        _fail(f"--output is text or json, not {output}", 2)
    findings = asyncio.run(examining.examined(_settings("error")))
    print(examining.OUTPUTS[output](findings))
    if failed(findings):
        raise typer.Exit(1)


@db.command()
def current() -> None:
    """Say which version the tables are of."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - the store takes a moment to load

    with _telling():
        print(upkeep.current(_settings("warning")))


@db.command()
def upgrade() -> None:
    """Bring the tables up to date, as the next `shipmate run` would."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - as in `current`

    with _telling():
        print(upkeep.upgrade(_settings("warning")))


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to: a file that is not there yet.")],
) -> None:
    """Copy all of it into a file, also while the bot runs."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - as in `current`

    with _telling():
        print(upkeep.backup(_settings("warning"), file))


def _token_commands(group: typer.Typer, kind: str) -> None:
    """Add the commands on the tokens of one kind."""

    @group.command("create")
    def create(name: str) -> None:
        """Make a token and print it, once: it is kept nowhere."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - the store takes a moment to load

        with _telling():
            print(tokens.create(_settings("warning"), SystemClock(), kind, name))

    @group.command("rotate")
    def rotate(
        name: str,
        keep: Annotated[
            str, typer.Option("--keep", help="For how long the old one holds, too: 30m, 2h.")
        ] = "",
    ) -> None:
        """Make another token and print it; the old one ends now, or after a while."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with _telling():
            settings, lasting = _settings("warning"), _span(keep)
            text, before = tokens.rotate(settings, SystemClock(), kind, name, keep=lasting)
        print(text)
        ends = f"ends in {keep}" if keep else "opens nothing any more"
        print(f"{before or 'no'} token before it {ends}", file=sys.stderr)

    @group.command("revoke")
    def revoke(name: str) -> None:
        """End all tokens of a name."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with _telling():
            ended = tokens.revoke(_settings("warning"), SystemClock(), kind, name)
        print(f"{ended or 'no'} token of {name} ended")

    @group.command("list")
    def there_are() -> None:
        """List whose tokens there are, since when and until when."""
        from bot.bootstrap import tokens  # noqa: PLC0415 - as in `create`

        with _telling():
            lines = tokens.listed(_settings("warning"), SystemClock(), kind)
        print("\n".join(lines) or "There is no token.")


@contextmanager
def _telling() -> Iterator[None]:
    """Turn what whoever asks can mend into a sentence."""
    try:
        yield
    except ShipmateError as error:
        _fail(str(error), 1)


def _span(text: str) -> float:
    try:
        return parse_span(text).total_seconds() if text else 0.0
    except ValueError as error:
        _fail(str(error), 2)


_token_commands(tokens, "api")
_token_commands(trigger_tokens, "trigger")


def _remote_command(verb: Verb) -> None:
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
            _fail(f"--output is text or json, not {output}", 2)
        how = How(
            wait=wait,
            seconds=_span(timeout) if timeout else None,
            as_json=output == "json",
            yes=yes,
        )
        try:
            settings = read_remote(server)
        except ShipmateError as error:
            _fail(str(error), 2)
        raise typer.Exit(int(perform(settings, verb.name, words or [], how)))


for _verb in VERBS:
    if _verb.name not in LOCAL:
        _remote_command(_verb)


def _company(folder: Path) -> list[str]:
    """Answer what a whole catalog says. Raises CatalogError with every mistake."""
    catalog = read_catalog(folder)
    people = sum(not each.machine for each in catalog.people.values())
    generated = len(catalog.applications) * len(catalog.environments) - len(catalog.workflows)
    return [
        *company_lines(catalog),
        "",
        f"{folder} is fine: {_counted(len(catalog.applications), 'application')}, "
        f"{_counted(len(catalog.environments), 'environment')}, "
        f"{_counted(len(catalog.workflows), 'workflow')} (and {generated} generated), "
        f"{_counted(people, 'person', 'people')}.",
    ]


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def main() -> None:
    """Run the command line."""
    app()


def _settings(level: str = "") -> Settings:
    try:
        settings = read()
    except ShipmateError as error:
        _fail(str(error), 2)
    set_up(level or settings.log_level, settings.log_format)
    return settings


def _run(work: Callable[[], Awaitable[None]]) -> None:
    """Run until it is done or told to end; turn what whoever started it can mend into a sentence."""

    async def until_signal() -> None:
        task = asyncio.ensure_future(work())
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(until_signal())
    except ShipmateError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(f"{error.strerror or error} (is something else running on that port? set PORT)", 1)


def _fail(text: str, code: int) -> NoReturn:
    print(text, file=sys.stderr)
    raise typer.Exit(code)
