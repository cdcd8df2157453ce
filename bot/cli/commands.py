"""Run the bot, try it against the sandbox, play the demo, check and simulate files, read the audit log, try out what is configured."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.authoring.checks import LookingOn, Simulated
from bot.authoring.graph import drawing
from bot.authoring.opening import choose, open_files
from bot.authoring.script import check_names, read_script
from bot.authoring.simulation import simulate as play_through
from bot.authoring.simulation import told
from bot.authoring.tree import company_lines, lines
from bot.bootstrap.equipment import read_catalog, step_types
from bot.cli.ending import configured, fail
from bot.clock import SystemClock
from bot.command.spans import parse_since
from bot.errors import ShipmateError
from bot.findings import failed
from bot.settings import Settings, require_chat
from bot.workflow.shape import Shape

app = typer.Typer(
    help="Delivers applications to Kubernetes from chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Against the sandbox: needs no Slack and no cluster.")
    ] = False,
) -> None:
    """Run the bot until it is told to end (Ctrl-C)."""
    from bot import serving  # noqa: PLC0415 - Slack's and Kubernetes' clients take seconds to load

    settings = configured()
    if sandbox:
        _run(lambda: serving.serve_sandbox(settings), settings)
        return
    try:
        require_chat(settings)
    except ShipmateError as error:
        fail(str(error), 2)
    _run(lambda: serving.serve(settings), settings)


@app.command()
def demo() -> None:
    """Play a deployment, an approval, a rollback and a rejection against the sandbox and print it."""
    from bot import serving  # noqa: PLC0415 - as in `run`

    settings = configured("warning")
    _run(lambda: serving.perform(settings), settings)
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
        fail(f"{missing}: there is no such file or folder", 1)
    try:
        types = step_types({})
        contents = open_files(wanted, LookingOn(types))
        if contents.is_company and len(wanted) == 1:
            shown = [*_company(wanted[0])]
        else:
            shown = lines(contents, types)
    except ShipmateError as error:
        fail(str(error), 1)
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
        fail(f"--output is text or json, not {output}", 2)
    try:
        types = step_types({})
        chosen = choose(open_files([file], Simulated(types)), file, name)
        said = read_script(script)
        check_names(said, Shape(chosen.workflow).specs)
    except ShipmateError as error:
        fail(str(error), 1)
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
        fail(f"--output is table or jsonl, not {output}", 2)
    settings = configured("warning")
    try:
        moment = parse_since(since, SystemClock().now()) if since else None
    except ValueError as error:
        fail(str(error), 2)
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
        fail(str(error), 1)
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
        fail(f"--output is text or json, not {output}", 2)
    findings = asyncio.run(examining.examined(configured("error")))
    print(examining.OUTPUTS[output](findings))
    if failed(findings):
        raise typer.Exit(1)


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


def _run(work: Callable[[], Awaitable[None]], settings: Settings) -> None:
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
        fail(settings.secrecy.clean(str(error)), 1)
    except OSError as error:
        fail(f"{error.strerror or error} (is something else running on that port? set PORT)", 1)
