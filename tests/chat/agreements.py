"""What people read of approvals that take more than one yes: rules, changes of rules, reminders, emergencies.

`python -m tests.chat.agreements` writes it all: the golden file, to be read before it is committed.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from textwrap import indent

from bot.catalog.approving import Remind, Reminder, Requirement
from bot.catalog.model import Catalog, Person
from bot.chat.language import speaking
from bot.chat.message import Message
from bot.chat.presenters import approving, card, thread
from bot.events import ApprovalRequested, EmergencyDeclared, PersonName
from bot.run.model import Gate
from bot.run.stimuli import (
    Approved,
    GlassBroken,
    ReviewSigned,
    StepSuspended,
    TimePassed,
    VotesVoided,
    VoteWithdrawn,
)
from tests.builders import an_environment
from tests.chat.story import WAITING, YES, Scene, read, story
from tests.operations.company import company

TWO_ROLES = (Requirement(roles=("sre",), count=2), Requirement(roles=("security",)))
GATE = StepSuspended(
    step="approval",
    attempt=1,
    gate=Gate(
        message="Is hangzhou well?",
        approvals=TWO_ROLES,
        self_approval=False,
        reminders=(
            Reminder(after=1800, to=Remind.THREAD),
            Reminder(after=7200, to=Remind.DIRECT),
            Reminder(after=14400, to=Remind.ROLE, role="lead"),
        ),
    ),
)
OPEN = (*WAITING[:2], (42.0, GATE))
FROM_ENVIRONMENT = (
    *WAITING[:2],
    (42.0, StepSuspended(step="approval", attempt=1, gate=Gate(message="Is hangzhou well?"))),
)
STRICTER = replace(an_environment(), approvals=TWO_ROLES, self_approval=False)
BROKEN = GlassBroken(
    step="approval",
    attempt=1,
    by=PersonName("lead"),
    reason="checkout is down",
    via="slack command",
)
SIGNED = ReviewSigned(step="approval", attempt=1, by=PersonName("sre"), note="that was right")
CLAIRE = Approved(step="approval", attempt=1, by=PersonName("claire"), roles=("security",))


def catalog() -> Catalog:
    """Answer the company with a lead and two people of security, of whom one is never mentioned."""
    made = company()
    more = {
        name: Person(name=name, email=f"{name}@shop.example", roles=(role,), notify=notify)
        for name, role, notify in (
            ("lead", "lead", True),
            ("claire", "security", True),
            ("boss", "security", False),
        )
    }
    return replace(made, people={**made.people, **more})


CATALOG = catalog()
SCENES: dict[str, Scene] = {
    "two of one role and one of another": story(*OPEN),
    "one has said yes": story(*OPEN, (60.0, YES)),
    "one took it back": story(
        *OPEN,
        (60.0, YES),
        (90.0, VoteWithdrawn(step="approval", attempt=1, by=PersonName("sre"))),
    ),
    "all have said yes": story(
        *OPEN, (60.0, YES), (70.0, replace(YES, by=PersonName("sre2"))), (80.0, CLAIRE)
    ),
    "the rules changed": story(
        *FROM_ENVIRONMENT, (60.0, VotesVoided(step="approval", attempt=1, environment=STRICTER))
    ),
    "the environment was locked after a yes": story(
        *OPEN,
        (60.0, YES),
        (
            90.0,
            VotesVoided(
                step="approval",
                attempt=1,
                environment=an_environment(),
                locked="the fair, by lead",
            ),
        ),
    ),
    "nobody has answered for hours": story(
        *OPEN, (1842.0, TimePassed()), (7242.0, TimePassed()), (14442.0, TimePassed())
    ),
    "an emergency": story(*OPEN, (60.0, YES), (90.0, BROKEN)),
    "an emergency that was signed": story(*OPEN, (90.0, BROKEN), (900.0, SIGNED)),
}


def messages(scene: Scene) -> Iterator[Message]:
    """Yield the card, and what stands in its thread, in the channel and in direct messages, as the announcer would have it."""
    yield card.card(scene.run, CATALOG)
    for event in scene.events:
        if isinstance(event, ApprovalRequested):
            step = scene.run.step(event.step)
            assert step is not None
            yield thread.approval(scene.run, step, event.attempt, CATALOG)
            if any(each.rung and each.to is Remind.DIRECT for each in step.alarms):
                yield thread.direct(scene.run, step, event.attempt, CATALOG)
        elif isinstance(event, EmergencyDeclared):
            for loud in (False, True):
                yield approving.emergency(scene.run, event.step, event.attempt, CATALOG, loud=loud)
        elif approving.is_told(event):
            assert isinstance(event, approving.Told)
            yield approving.told(scene.run, event, CATALOG)


def pages() -> str:
    """Write everything down."""
    parts: list[str] = []
    for name, scene in SCENES.items():
        parts.append(f"──── {name} ────\n")
        for at_, message in enumerate(messages(scene)):
            text = read(message)
            parts.append(text if at_ == 0 else indent(text, "    "))
    return "\n".join(parts)


if __name__ == "__main__":
    with speaking("".join(sys.argv[1:])):
        sys.stdout.write(pages())
