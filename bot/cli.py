"""The `shipmate` command: run the bot, try it against the sandbox, play the demo, check files.

Turns errors into a sentence and an exit code: 0 done, 1 it went wrong, 2 it was asked for wrongly.
"""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
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
from bot.bootstrap import Shipmate, read_catalog, step_types
from bot.demo.play import play
from bot.demo.world import DemoError
from bot.errors import ShipmateError
from bot.logs import set_up
from bot.sandbox.server import Sandbox
from bot.settings import Secret, Settings, SlackSettings, read, require_slack
from bot.workflow.shape import Shape

app = typer.Typer(
    help="Delivers applications to Kubernetes from chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PATIENCE = 30.0
"""Seconds for the bot to connect to the sandbox."""


@app.command()
def run(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Against the sandbox: needs no Slack and no cluster.")
    ] = False,
) -> None:
    """Run the bot until it is told to end (Ctrl-C)."""
    settings = _settings()
    if sandbox:
        if not settings.workflows.exists():
            settings = replace(settings, workflows=_example())
        _run(lambda: _serve_sandbox(settings))
        return
    try:
        require_slack(settings)
    except ShipmateError as error:
        _fail(str(error), 2)
    _run(lambda: _serve(settings))


@app.command()
def demo() -> None:
    """Play a deployment, an approval, a rollback and a rejection against the sandbox and print it."""
    settings = replace(_settings("warning"), port=0, workflows=_example())

    async def perform() -> None:
        with tempfile.TemporaryDirectory(prefix="shipmate-demo-") as folder:
            quiet = replace(settings, state=Path(folder))
            await _with_sandbox(quiet, lambda world, _: play(world.url))

    try:
        _run(perform)
    except DemoError as error:
        _fail(f"The demo went otherwise: {error}", 1)
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


def _company(folder: Path) -> list[str]:
    """Answer what a whole catalog says. Raises CatalogError with every mistake."""
    catalog = read_catalog(folder)
    generated = len(catalog.applications) * len(catalog.environments) - len(catalog.workflows)
    return [
        *company_lines(catalog),
        "",
        f"{folder} is fine: {_counted(len(catalog.applications), 'application')}, "
        f"{_counted(len(catalog.environments), 'environment')}, "
        f"{_counted(len(catalog.workflows), 'workflow')} (and {generated} generated), "
        f"{_counted(len(catalog.people), 'person', 'people')}.",
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
    set_up(level or settings.log_level)
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


async def _serve(settings: Settings) -> None:
    shipmate = Shipmate(settings)
    try:
        await shipmate.start()
        print("Shipmate is connected. Ctrl-C ends it.", flush=True)
        await asyncio.Event().wait()
    finally:
        await shipmate.stop()


async def _serve_sandbox(settings: Settings) -> None:
    async def wait(world: Sandbox, shipmate: Shipmate) -> None:
        print(
            f"Shipmate is ready: open {world.url}/ and type /deploy shop prod v1.4.2 in #shop-prod.\n"
            f"kubectl: curl -s '{world.url}/control/kubeconfig?cluster=east' > kubeconfig.yaml\n"
            f"State is kept in {settings.state}/. Ctrl-C ends it.",
            flush=True,
        )
        while True:
            await asyncio.sleep(1)
            world.mark_ready(ready=shipmate.ready)

    await _with_sandbox(settings, wait)


async def _with_sandbox(
    settings: Settings, work: Callable[[Sandbox, Shipmate], Awaitable[None]]
) -> None:
    """Start the sandbox and the bot against it, as it would run in production, and do `work`."""
    world = Sandbox(
        state=settings.state, port=settings.port, manifest=_shipped("manifest.yml", "manifest.yml")
    )
    await world.start()
    try:
        shipmate = Shipmate(pointed_at(world, settings))
        try:
            await shipmate.start()
            async with asyncio.timeout(PATIENCE):
                await shipmate.connected()
            world.mark_ready(ready=True)
            await work(world, shipmate)
        finally:
            world.mark_ready(ready=False)
            await shipmate.stop()
    finally:
        await world.stop()


def _example() -> Path:
    """Find the example company."""
    return _shipped("workflows", "default_workflows")


def _shipped(name: str, packaged: str) -> Path:
    """Find what ships with Shipmate: where a wheel puts it, or in the checkout."""
    inside = Path(__file__).parent / packaged
    return inside if inside.exists() else Path(__file__).parents[1] / name


def pointed_at(world: Sandbox, settings: Settings) -> Settings:
    """Answer the settings that make the bot talk to the sandbox."""
    settings.state.mkdir(parents=True, exist_ok=True)
    kubeconfig = settings.state / "kubeconfig.json"
    kubeconfig.write_text(json.dumps(world.kubeconfig()), encoding="utf-8")
    secrets = {
        **settings.secrets,
        "RELEASES_WEBHOOK_URL": Secret(world.webhook_url),
        "PARTNER_URL": Secret(f"{world.url}/webhooks/partner"),
    }
    return replace(
        settings,
        slack=SlackSettings(
            bot_token=Secret(world.slack_bot_token),
            app_token=Secret(world.slack_app_token),
            api_url=world.slack_api_url,
        ),
        kubeconfig=kubeconfig,
        secrets=secrets,
    )


def _fail(text: str, code: int) -> NoReturn:
    print(text, file=sys.stderr)
    raise typer.Exit(code)
