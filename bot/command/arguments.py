"""Arguments and options that several verbs have in common."""

from typing import Final

from bot.command.forms import Argument, Option
from bot.command.values import Kind
from bot.wording import N_

APPLICATION: Final = Argument(
    field="application", kind=Kind.APPLICATION, label="APP", required=True
)
ENVIRONMENT: Final = Argument(
    field="environment", kind=Kind.ENVIRONMENT, label="ENV", required=True
)
RUN: Final = Argument(field="run", kind=Kind.RUN, label="RUN", required=True)
NOTE: Final = Option(name="note", field="note", kind=Kind.TEXT, label="TEXT")
PLAN: Final = Option(name="plan", field="plan", kind=Kind.FLAG)
AT: Final = Option(
    name="at",
    field="at",
    kind=Kind.MOMENT,
    label="TIME",
    excludes=("plan",),
    why_not=N_("--at says when to begin, and --plan begins nothing."),
)
SHOW: Final = Option(name="show", field="show", kind=Kind.PART)
"""Which part of a long answer is to be shown as a whole: the answer says so where it is one."""
APP: Final = Option(name="app", field="application", kind=Kind.APPLICATION, label="APP")
OPTIONAL_REASON: Final = Argument(field="reason", kind=Kind.TEXT, label="[REASON]")
GATE: Final = (
    Option(name="step", field="step", kind=Kind.STEP),
    Option(name="attempt", field="attempt", kind=Kind.NUMBER),
)
SHOWN: Final = Option(name="shown", field="shown", kind=Kind.DIGEST)
"""What the button was shown with: an answer is to exactly that."""

CODE: Final = tuple(
    Option(name=each, field=each, kind=Kind.TEXT) for each in ("branch", "author", "message")
)
"""What a CI system says of the commit."""
