"""A run that no chat asked for, of an environment without a channel, is told nowhere instead of in vain."""

from dataclasses import replace

from bot.chat.announcer import messages_for
from bot.events import Recorded, RunId, RunStarted
from bot.run.model import Run
from tests.builders import NOON, a_run

BEGUN = Recorded(sequence=1, run=RunId("run1"), number=1, event=RunStarted(at=NOON))


def in_channels(environment: str, asked_in: str) -> Run:
    run = a_run()
    plan = replace(run.plan, environment=replace(run.plan.environment, slack_channel=environment))
    return replace(run, plan=plan, origin=replace(run.origin, channel=asked_in))


def test_a_run_is_told_in_its_environment_s_channel_or_where_it_was_asked_for() -> None:
    for environment, asked_in, told_in in (("shop-prod", "C1", "shop-prod"), ("", "C1", "C1")):
        [card] = messages_for(in_channels(environment, asked_in), BEGUN, "slack")
        assert card.channel == told_in


def test_a_run_without_any_channel_is_told_nowhere() -> None:
    assert messages_for(in_channels("", ""), BEGUN, "slack") == []
