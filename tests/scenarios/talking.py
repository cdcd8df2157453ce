"""A step type that has a lot to say, as another package would bring it, and a workflow that uses it."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typing_extensions import override

from bot.catalog.model import Target
from bot.events import Log
from bot.steps.contract import Done, Failed, Need, Outcome, StepContext, StepType
from bot.steps.parameters import Parameters, read, schema_of
from tests.scenarios.company import ROOT

WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: talking
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - {name: migrate, type: talk, meta: {alias: Migrate the database}, properties: {lines: 120}}
  - {name: tell, type: notification, properties: {slack: {message: {text: "The tables are new."}}}}
  - {name: approval, type: suspend, properties: {message: "Go on?", approvers: [sre]}}
  - {name: smoke, type: talk, meta: {alias: Smoke test}, properties: {lines: 60, fails: true}}
"""
MIGRATED = "≡ shop-prod-1-migrate-1.log (120 lines)"
SMOKED = "≡ shop-prod-1-smoke-1.log (60 lines)"


class TalkParameters(Parameters):
    """What a file can say."""

    lines: int
    fails: bool = False


class Talk(StepType):
    """Says many lines, and that it is done or that it is not."""

    name = "talk"
    needs: frozenset[Need] = frozenset()
    summary = "Says many lines."
    schema = schema_of(TalkParameters)

    @override
    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Look at the properties."""
        read(TalkParameters, properties)

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Talk."""
        found = read(TalkParameters, properties)
        said = [f"{number:03} {context.step} goes on" for number in range(1, found.lines + 1)]
        log = Log(name=f"{context.step}.log", text="\n".join(said))
        if found.fails:
            return Failed(message="it broke", retryable=False, details=tuple(said[-3:]), log=log)
        return Done(details=tuple(said[-3:]), log=log)


@contextmanager
def talking(folder: Path) -> Iterator[Path]:
    """Install the step type as a package in `folder`; answer workflows that use it."""
    info = folder / "talking-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: talking\nVersion: 1.0\n")
    points = "[shipmate.steps]\ntalk = tests.scenarios.talking:Talk\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    workflows = folder / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    sys.path.append(str(folder))
    try:
        yield workflows
    finally:
        sys.path.remove(str(folder))
