"""What a step type is and what it may use.

A type checks its properties when a file is loaded and does its work as one coroutine that returns an
outcome. The process may die at any moment and then the coroutine is run again with the same attempt and
key, so that what it does must be idempotent. It gets only the capabilities it names in `needs`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.catalog.model import Application, Environment, Step, Target
from bot.cluster.port import Clusters, Manifest
from bot.errors import ShipmateError, UserError
from bot.events import Log
from bot.run.inventory import Inventory
from bot.run.model import Gate, Progress, Restart, Run
from bot.run.ports import Runs
from bot.run.robots import Robots
from bot.workflow.shape import Shape


class Need(StrEnum):
    """A capability that a step type may ask for."""

    CLUSTERS = "clusters"
    INVENTORY = "inventory"
    RUNS = "runs"
    NOTICES = "notices"
    HTTP = "http"
    MAIL = "mail"
    ROBOTS = "robots"


class PropertyError(UserError):
    """A property is wrong: `path` leads to it from `properties`, the text says what was expected."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


class NotSupported(PropertyError):  # noqa: N818 - it is told as what it is
    """A property means something in KubeVela, and this Shipmate does not do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The step did what it was to do."""

    message: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What `valueFrom` expressions of the step can see."""
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The same with the values that are secret in it, where there are some: an output that is taken of these is sealed."""
    details: tuple[str, ...] = ()
    """Lines worth reading in the thread: the last words of a job."""
    log: Log | None = None
    """More of it, as a file."""
    restart: Restart | None = None
    """When the whole run is to be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The step could not. `retryable`: another attempt may succeed without anyone doing something."""

    message: str
    retryable: bool
    details: tuple[str, ...] = ()
    log: Log | None = None
    """More of why, as a file."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What `valueFrom` expressions can see all the same, for the steps that handle the failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the step waits for is not there yet: it is run again after some seconds, and that is no failure.

    Without `after` KubeVela's times: 1 s at first, in the end every minute. Nothing of it stays in memory.
    """

    message: str = ""
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """The step waits for a person or the clock; nothing of it stays in memory."""

    gate: Gate


Outcome = Done | Failed | Waiting | Suspended


class Notices(Protocol):
    """Says something in the conversation of a run."""

    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Post Slack mrkdwn `text` into the run's thread (or a channel of its own) and wait until it stands there.

        Once per `key`, over restarts too. Raises Permanent when the chat refuses it (channel_not_found …).
        """
        ...

    async def became(self, run: Run, key: str) -> str | None:
        """Answer what became of the notice `key`: empty: it was delivered, or why it was refused; None: not known."""
        ...

    async def remember(self, run: Run, key: str, refused: str = "") -> None:
        """Remember, over restarts too, that somebody else has taken the notice `key`, or why it was refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What a server said."""

    status: int
    body: Any
    """Parsed JSON, or the text when it is none."""
    date: datetime | None = None
    """What time it is there, where it says so."""
    redirect: str = ""
    """The host that it sends us to, where we were not to follow."""


Sign = Callable[[bytes], Mapping[str, str]]
"""Answers the headers that sign a body."""


class Http(Protocol):
    """Calls a URL of someone else's."""

    async def send(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        *,
        follow: bool = False,
        sign: Sign | None = None,
    ) -> HttpAnswer:
        """Send JSON; times out after 10 s. Raises Temporary when nothing answered, Permanent when it may not be called.

        `follow`: go where a redirect points on the same server; one to elsewhere is Permanent. `sign` gets the very bytes
        that are sent, empty without a body.
        """
        ...


class Tls(StrEnum):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    """From the first byte on."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server and who we are to it; without a `password` nobody in particular."""

    host: str
    port: int
    tls: Tls
    username: str = ""
    password: str = field(default="", repr=False)


class Mail(Protocol):
    """Hands mail to servers."""

    async def send(
        self, server: MailServer, message: EmailMessage, recipients: Sequence[str]
    ) -> Mapping[str, ShipmateError]:
        """Hand a message over; answer the recipients that were refused, each with why, when others were taken.

        Raises Temporary or Permanent when the message was taken for nobody.
        """
        ...

    async def try_out(self, server: MailServer) -> str:
        """Connect and log in as for a message, send none, and answer what the server calls itself. Raises as `send`."""
        ...


class Report(Protocol):
    """Tells the run how far the step is."""

    async def __call__(self, progress: Sequence[Progress], message: str = "") -> None:
        """Replace what the card shows for the step."""
        ...


class Conceal(Protocol):
    """Is told what is secret."""

    def __call__(self, *values: str, everywhere: bool = False) -> None:
        """Take values out of whatever comes of this attempt; `everywhere`: of all that this process says."""
        ...


def _nobody(*values: str, everywhere: bool = False) -> None:
    """Keep nothing."""


def _nothing(manifest: Manifest) -> str:  # noqa: ARG001 - the contract
    """Say that nothing secret is in an object."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What can be granted; a step sees None for what its type did not ask for."""

    clusters: Clusters | None = None
    inventory: Inventory | None = None
    runs: Runs | None = None
    notices: Notices | None = None
    http: Http | None = None
    mail: Mail | None = None
    robots: Robots | None = None

    def only(self, needs: frozenset[Need]) -> "Capabilities":
        """Keep what is named in `needs`."""
        return Capabilities(
            clusters=self.clusters if Need.CLUSTERS in needs else None,
            inventory=self.inventory if Need.INVENTORY in needs else None,
            runs=self.runs if Need.RUNS in needs else None,
            notices=self.notices if Need.NOTICES in needs else None,
            http=self.http if Need.HTTP in needs else None,
            mail=self.mail if Need.MAIL in needs else None,
            robots=self.robots if Need.ROBOTS in needs else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """One attempt of one step."""

    run: Run
    step: str
    attempt: int
    key: str
    """Idempotency key of the step's effects: the same after a crash and for a retry of the same attempt."""
    granted: Capabilities
    report: Report
    conceal: Conceal = _nobody
    """Call it with each secret that the step has read by itself, before anything can go wrong with it."""
    clean: Callable[[str], str] = str
    """Answers a text without what is secret to this attempt: for what the step says to people by itself."""
    betrays: Callable[[Manifest], str] = _nothing
    """Names the sealed output whose value an object would hold in the clear; empty: none."""

    @property
    def spec(self) -> Step:
        """What the workflow says of the step."""
        return Shape(self.run.plan.workflow).specs[self.step]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the run's environment."""
        return self.run.plan.environment.targets


class StepType(Protocol):
    """One type of step."""

    @property
    def name(self) -> str:
        """What a file calls it: `deploy2env`."""
        ...

    @property
    def needs(self) -> frozenset[Need]:
        """The capabilities it uses."""
        ...

    @property
    def summary(self) -> str:
        """A sentence for the documentation."""
        ...

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of its properties."""
        ...

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError when a run with these properties could only fail.

        A text with `${{ }}` is checked as text only: its value is known when the step runs.
        """
        ...

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Do one attempt, with every `${{ }}` in `properties` replaced by its value.

        Raises Temporary or Permanent for what the outside world did, never anything else on purpose.
        """
        ...


@runtime_checkable
class Local(Protocol):
    """What a step type may have besides: a check of its properties where the application and its targets are known."""

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError when a run there could only fail; a text with `${{ }}` is not known yet."""
        ...
