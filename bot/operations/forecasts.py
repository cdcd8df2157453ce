"""What is, and what would become of it: values that `previews` finds out and presenters put into words."""

from dataclasses import dataclass
from datetime import datetime

from bot.forecast.fates import ObjectForecast
from bot.forecast.lasting import Lasting
from bot.forecast.outlook import Unseen
from bot.run.model import Plan, Revision, Run
from bot.run.waiting import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetForecast:
    """What becomes of the objects of one target (or of the control cluster, which is none)."""

    name: str
    cluster: str = ""
    objects: tuple[ObjectForecast, ...] = ()
    unknown: str = ""
    """Why nothing can be said; empty: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What becomes of everything, target by target."""

    at: datetime
    """When it was looked at."""
    targets: tuple[TargetForecast, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    """Steps and components of which nothing can be said yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShown:
    """What a run would change, which was not started. `wish` is the request that would start it."""

    plan: Plan
    base: Revision | None
    """The revision in force."""
    forecast: Forecast
    wish: Wish
    under_way: Run | None = None
    """The run that has not ended: the plan is of what comes after it, and what it does is not in it."""
    may_deploy: bool = False
    """Whether the one who asked may start it."""
    show: str = ""
    """The part that is to be shown as a whole: the name of a target, a component or an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveShown:
    """What is in force against the clusters: what others have changed since it was sent."""

    application: str
    environment: str
    revision: Revision | None
    forecast: Forecast
    newest: Run | None = None
    """A run after that revision, which raised none: what it has sent is looked at, too."""
    show: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What a rollback would do beside the difference of its revisions: in the clusters, and what it does not undo."""

    forecast: Forecast
    lasting: tuple[Lasting, ...] = ()
    show: str = ""
