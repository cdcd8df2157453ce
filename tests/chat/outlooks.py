"""Plans, drift, differences and proposals in every shape that they can have.

`python -m tests.chat.outlooks` writes what a person reads in all of them: the golden file, to be read before it is
committed.
"""

import sys
from dataclasses import replace
from datetime import timedelta

from bot.catalog.model import Environment, Target
from bot.chat.language import speaking
from bot.chat.message import Message
from bot.chat.presenters.replies import reply
from bot.forecast.fates import Fate, FieldChange, FieldKept, ObjectForecast, Why
from bot.forecast.lasting import Lasting, Remains
from bot.forecast.outlook import Unseen
from bot.operations.forecasts import Forecast, LiveShown, PlanShown, Return, TargetForecast
from bot.operations.results import Change, Difference, Result, RollbackProposed
from bot.run.model import Plan, Revision, RunPhase
from bot.run.waiting import Wish
from tests.builders import NOON, a_plan, a_run, a_step, at
from tests.chat.story import CATALOG, read

STEPS = (
    a_step("hangzhou", "deploy2env", alias="Deploy to hangzhou"),
    a_step("approval", alias="Approval for frankfurt"),
    a_step("frankfurt", "deploy2env", alias="Deploy to frankfurt"),
)
HOURS_AGO = NOON - timedelta(hours=2, minutes=10)


def obj(kind: str, name: str, fate: Fate = Fate.SAME, **fields: object) -> ObjectForecast:
    """Make an object of a component of its own name."""
    return ObjectForecast(kind=kind, name=name, component=name, fate=fate, **fields)  # type: ignore[arg-type] # the page says what it shows


def change(field: str, before: str = "", after: str = "", **fields: object) -> FieldChange:
    return FieldChange(field=field, before=before, after=after, **fields)  # type: ignore[arg-type] # as above


IMAGE = change("image", "v1.4.1", "v1.4.2")
SCALED = change("replicas", "5", "3", why=Why.DRIFT, by="kubectl-edit", at=HOURS_AGO)
WEB = obj("Deployment", "web", Fate.CHANGED, changes=(IMAGE,))
QUIET = (obj("Service", "web"), obj("Deployment", "api"), obj("Service", "api"))
DEBUG = FieldKept(field="env DEBUG", value="1", by="kubectl-edit", at=at(-300))
AUTOSCALED = FieldKept(field="replicas", value="7", by="", automatic=True)
FILE = (" log: info", "-workers: 4", "+workers: 8", " cache:")


def forecast(*objects: ObjectForecast, also: tuple[ObjectForecast, ...] | None = None) -> Forecast:
    """Put objects into hangzhou, and others (or the same) into frankfurt."""
    return Forecast(
        at=NOON,
        targets=(
            TargetForecast(name="hangzhou", cluster="east", objects=objects),
            TargetForecast(
                name="frankfurt", cluster="west", objects=objects if also is None else also
            ),
        ),
    )


def plan(version: str = "v1.4.2") -> Plan:
    return a_plan(*STEPS, version=version, based_on=7)


def revision(number: int, version: str) -> Revision:
    run = a_run(*STEPS, run_id=f"run{number}", number=number)
    return Revision(
        number=number,
        run=run.id,
        run_number=number,
        plan=plan(version),
        by=run.origin.person,
        at=NOON,
        duration=60.0,
    )


def planned(found: Forecast, **fields: object) -> PlanShown:
    """Make a plan, asked for by someone who may deploy."""
    shown = PlanShown(
        plan=plan(),
        base=revision(7, "v1.4.1"),
        forecast=found,
        wish=Wish(version="v1.4.2"),
        may_deploy=True,
    )
    return replace(shown, **fields)  # type: ignore[arg-type] # the page says what it shows


def drifted(found: Forecast, **fields: object) -> LiveShown:
    shown = LiveShown(
        application="shop",
        environment="prod",
        revision=revision(7, "v1.4.1"),
        forecast=found,
    )
    return replace(shown, **fields)  # type: ignore[arg-type] # as above


def going_back(found: Forecast, *lasting: Lasting, show: str = "") -> RollbackProposed:
    return RollbackProposed(
        application="shop",
        environment="prod",
        current=revision(7, "v1.4.2"),
        target=revision(6, "v1.4.1"),
        changes=(Change(component="web", path="image", before="web:v1.4.2", after="web:v1.4.1"),),
        ahead=Return(forecast=found, lasting=lasting, show=show),
        digest="0123456789abcdef",
    )


def many(count: int, targets: tuple[str, ...]) -> Forecast:
    """Make a large plan: `count` Deployments in each of many targets, each with fields of its own."""
    return Forecast(
        at=NOON,
        targets=tuple(
            TargetForecast(
                name=target,
                cluster="east",
                objects=tuple(
                    obj(
                        "Deployment",
                        f"service-{number}",
                        Fate.CHANGED,
                        changes=tuple(
                            change(f"env VARIABLE_{field}", target, "another")
                            for field in range(12)
                        ),
                    )
                    for number in range(count)
                ),
            )
            for target in targets
        ),
    )


CONTESTED = replace(SCALED, contested=True)
BOTH = change("image", "hotfix", "v1.4.2", why=Why.BOTH, by="kubectl-set", at=at(-90))
GONE_BY_HAND = change("env LOG_LEVEL", "", "info", why=Why.DRIFT)
IMMUTABLE = 'Deployment "web" is invalid: spec.selector: Invalid value: … field is immutable'
DOWN = "west cannot be reached: connection refused"
EVERYTHING = forecast(
    replace(WEB, changes=(IMAGE, CONTESTED), stays=(DEBUG,)),
    obj("Deployment", "api", Fate.CHANGED, changes=(BOTH, GONE_BY_HAND), stays=(AUTOSCALED,)),
    obj("ConfigMap", "settings", Fate.CHANGED, changes=(change("data[app.yaml]", excerpt=FILE),)),
    obj("Secret", "db", Fate.CHANGED, changes=(change("data.password", "•••", "•••"),)),
    obj("Deployment", "cache", Fate.NEW, summary="docker.io/library/redis:7.4, 1 replica"),
    obj("Ingress", "web", Fate.NEW, summary="shop.example", missing=True),
    obj("Service", "old", Fate.GONE, summary="port 80"),
    obj("PersistentVolumeClaim", "old", Fate.LEFT, said="its kind is never deleted"),
    obj("Job", "migrate-1", Fate.AGAIN, said="it has failed before, is deleted and runs again"),
    obj("Job", "migrate-0", Fate.STANDS, said="it has succeeded and is not run again"),
    obj("StatefulSet", "store", Fate.REFUSED, said=IMMUTABLE),
    obj("Service", "shared", Fate.SAME, claims=((".spec.type", "helm"),)),
    *QUIET,
    also=(WEB, *QUIET),
)
UNREACHABLE = Forecast(
    at=NOON,
    targets=(
        TargetForecast(name="hangzhou", cluster="east", objects=(WEB, *QUIET)),
        TargetForecast(name="frankfurt", cluster="west", unknown=DOWN),
    ),
    unseen=(
        Unseen(what="Handler", why="it runs only if status.hangzhou.failed"),
        Unseen(
            what="api in hangzhou",
            why="api cannot be rendered: port: expected a number",
            fails=True,
        ),
    ),
)
LASTING = (
    Lasting(how=Remains.RAN, what=tuple(f"migrate-{each}" for each in range(9))),
    Lasting(how=Remains.NOT_AGAIN, what=("migrate-old",)),
    Lasting(how=Remains.CLOUD_CHANGED, what=("db (size, engine)",)),
    Lasting(how=Remains.CLOUD_MADE, what=("queue",)),
    Lasting(how=Remains.CLOUD_LEFT, what=("bucket",)),
    Lasting(how=Remains.EMPTY, what=("PersistentVolumeClaim cache",)),
    Lasting(how=Remains.DATA, what=("the volumes of StatefulSet store",)),
)
UNDER_WAY = replace(a_run(*STEPS, number=12), phase=RunPhase.EXECUTING)
ALONE = Environment(name="dev", targets=(Target(name="dev", cluster="east", namespace="shop-dev"),))
ONE = Forecast(
    at=NOON, targets=(TargetForecast(name="dev", cluster="east", objects=(WEB, *QUIET)),)
)

PAGES: dict[str, Result] = {
    "a plan": planned(forecast(WEB, *QUIET)),
    "a plan of a place where nothing was delivered, for one who may only look": planned(
        forecast(replace(WEB, fate=Fate.NEW, changes=(), summary="web:v1.4.2, 3 replicas")),
        base=None,
        may_deploy=False,
    ),
    "a plan for one target": planned(ONE, plan=replace(plan(), environment=ALONE)),
    "a plan with everything that there can be": planned(EVERYTHING),
    "one object of it": planned(EVERYTHING, show="migrate-0"),
    "one target of it": planned(EVERYTHING, show="frankfurt"),
    "nothing of that name": planned(EVERYTHING, show="wbe"),
    "a plan while a run is under way": planned(forecast(WEB, *QUIET), under_way=UNDER_WAY),
    "a plan of which not all can be known": planned(UNREACHABLE),
    "a plan in which nothing changes": planned(forecast(*QUIET)),
    "a plan that is too long": planned(many(8, ("hangzhou", "frankfurt", "dublin"))),
    "drift": drifted(
        forecast(
            replace(WEB, changes=(SCALED, GONE_BY_HAND), stays=(DEBUG,)),
            obj("Deployment", "api", stays=(replace(DEBUG, sent="0"),)),
            obj("Service", "api", Fate.NEW, missing=True, summary="port 80"),
            obj(
                "ConfigMap",
                "settings",
                Fate.CHANGED,
                changes=(change("data[a]", excerpt=FILE, by="kubectl-edit", why=Why.DRIFT),),
            ),
            also=QUIET,
        )
    ),
    "no drift": drifted(forecast(*QUIET)),
    "nothing that could drift": drifted(Forecast(at=NOON), revision=None),
    "drift after a run that failed": drifted(
        forecast(*QUIET), newest=replace(UNDER_WAY, phase=RunPhase.FAILED)
    ),
    "a rollback": going_back(forecast(replace(WEB, changes=(SCALED,)), *QUIET), *LASTING),
    "a plan of a promotion": planned(
        forecast(WEB, *QUIET),
        plan=replace(plan(), promoted="staging v7"),
        wish=Wish(version="v1.4.2", promoted_from="staging", revision=7),
    ),
    "a rollback while others are there": replace(
        going_back(forecast(replace(WEB, changes=(SCALED,)), *QUIET)),
        under_way=UNDER_WAY,
        waiting=(replace(UNDER_WAY, number=10), replace(UNDER_WAY, number=11)),
    ),
    "a rollback that cannot look into all clusters": going_back(UNREACHABLE),
    "a difference": Difference(
        application="shop",
        environment="prod",
        older=revision(6, "v1.4.1"),
        newer=revision(7, "v1.4.2"),
        targets=forecast(WEB, obj("Service", "new", Fate.NEW, summary="port 80")).targets,
    ),
    "no difference": Difference(
        application="shop",
        environment="prod",
        older=revision(6, "v1.4.1"),
        newer=revision(7, "v1.4.1"),
        targets=forecast(*QUIET).targets,
    ),
    "a difference of an older Shipmate": Difference(
        application="shop",
        environment="prod",
        older=revision(6, "v1.4.1"),
        newer=revision(7, "v1.4.2"),
        changes=going_back(ONE).changes,
    ),
}


def shown(result: Result) -> Message:
    """Answer what is said of a result."""
    made = reply(result, CATALOG)
    assert made is not None
    return made


def pages() -> str:
    """Write everything down."""
    parts: list[str] = []
    for name, result in PAGES.items():
        parts.append(f"──── {name} ────\n\n{read(shown(result))}")
    return "\n".join(parts)


if __name__ == "__main__":
    with speaking("".join(sys.argv[1:])):
        sys.stdout.write(pages())
