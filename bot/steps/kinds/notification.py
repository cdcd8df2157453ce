"""`notification`: says something in Slack, in groups of DingTalk and Lark, and by e-mail, as KubeVela's step of that name.

Any number at once: each of `slack`, `dingding`, `lark` and `email` is a notice or a list of them. All are sent at the same
time, each is judged by the answer it gets, which KubeVela does not look at, and each is delivered once.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

from bot.catalog.model import Application, Environment, Target
from bot.clock import Clock, SystemClock
from bot.errors import Permanent
from bot.steps.channels.dingding import DingNotice
from bot.steps.channels.email import EmailNotice
from bot.steps.channels.lark import LarkNotice
from bot.steps.channels.reading import Given, beside, given_in, inside
from bot.steps.channels.sending import Sending
from bot.steps.channels.slack import SlackNotice
from bot.steps.concealed import Vault, check_refs, said_without
from bot.steps.contract import Need, Outcome, PropertyError, StepContext
from bot.steps.endpoints import Secrets
from bot.steps.notices import Notice, Send, send_all
from bot.steps.parameters import Parameters, known, read, schema_of

NUMBERED = ("Slack's incoming webhook", "DingTalk", "Lark")
"""What several notices may be for: their numbers tell them apart."""


class NotificationParameters(Parameters):
    """What a file can say."""

    slack: SlackNotice | list[SlackNotice] | None = None
    dingding: DingNotice | list[DingNotice] | None = None
    lark: LarkNotice | list[LarkNotice] | None = None
    email: EmailNotice | list[EmailNotice] | None = None
    failure_policy: Literal["fail", "ignore"] = "fail"


class Policy(Parameters):
    """What is said beside the notices."""

    failure_policy: Literal["fail", "ignore"] = "fail"


class Notification:
    """The step type. `secrets` resolves `fromSetting`; the `clock` is for signatures."""

    name = "notification"
    needs = frozenset({Need.NOTICES, Need.HTTP, Need.MAIL, Need.ROBOTS, Need.CLUSTERS})
    summary = "Says something in the run's thread, in a channel of Slack, in groups of DingTalk and Lark, and by e-mail."
    schema = schema_of(NotificationParameters)

    def __init__(self, secrets: Secrets, clock: Clock | None = None) -> None:
        self._secrets = secrets
        self._clock = clock or SystemClock()

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        known(Policy, beside(properties))
        for each in given_in(properties):
            with inside(each.place):
                found = known(each.model, each.said)
                if found is not None:
                    found.check()

    def check_in(
        self,
        properties: Mapping[str, Any],
        application: Application,  # noqa: ARG002 - the contract
        environment: Environment,
    ) -> None:
        """Raise PropertyError for a secretRef where there is no cluster to read it from."""
        check_refs(properties, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Say it all once and wait until it stands there."""
        properties = said_without(properties, context.clean)
        policy = read(Policy, beside(properties))
        vault = Vault.of(context, self._secrets)
        sending = Sending(context=context, vault=vault, now=self._clock.now())
        notices = [_notice(sending, each) for each in given_in(properties)]
        return await send_all(context, notices, must_arrive=policy.failure_policy == "fail")


def _notice(sending: Sending, given: Given) -> Notice:
    """Make a notice; one that says what cannot be meant fails alone."""
    kind, *at = given.place
    number = f"/{int(at[0]) + 1}" if at else ""
    suffix = number if kind == "slack" else f"/{kind}{number}"
    try:
        with inside(given.place):
            found = read(given.model, given.said)
            found.check()
    except PropertyError as error:
        said = f"properties.{'.'.join(str(each) for each in error.path)}: {error}"
        return Notice(to=f"{kind}{number.replace('/', ' ')}", send=_fails(said), suffix=suffix)
    called = found.called()
    return Notice(
        to=f"{called}{number.replace('/', ' ')}" if called in NUMBERED else called,
        send=partial(found.send, sending),
        suffix=suffix,
        by_us=found.is_by_us(),
    )


def _fails(said: str) -> Send:
    async def send(keys: Sequence[str]) -> None:  # noqa: ARG001 - a `Send`
        raise Permanent(said)

    return send
