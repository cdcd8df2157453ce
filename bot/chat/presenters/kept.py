"""Sentences that a run keeps as text, in the reader's language where they are the core's own.

A run stores in English why something ended: `stopped by dev: it was the wrong version`. What steps and clusters say
is passed on as it is, in any language.
"""

import re
from functools import cache
from string import Formatter
from typing import Final

from bot.chat.language import _
from bot.wording import N_

SENTENCES: Final = (
    N_("stopped by {by}: {reason}"),
    N_("stopped by {by}"),
    N_("rejected by {by}: {reason}"),
    N_("rejected by {by}"),
    N_("skipped by {by}: {reason}"),
    N_("skipped by {by}"),
    N_("approved by {by}"),
    N_("ended because {step} was {what}"),
    N_("the run was stopped"),
    N_("the run took longer than its timeout"),
    N_("it took longer than its timeout"),
    N_("its group {group} took longer than its timeout"),
    N_("its group was skipped"),
    N_("all its steps were skipped"),
    N_("nobody answered in time"),
    N_("the time was over"),
    N_("its `if` says no"),
    N_("{step} did not succeed"),
)
"""What `bot.run` words, the more telling first."""


ENDED: Final = {
    N_("stopped by {by}"): N_("Stopped"),
    N_("rejected by {by}"): N_("Rejected"),
}
"""How a message begins that says who ended a run, and the verb for it."""


def ended_by(text: str) -> tuple[str, str] | None:
    """Answer the verb and the rest of a stored text that says who ended a run; None: it says something else."""
    for template, verb in ENDED.items():
        found = _pattern(template).fullmatch(text)
        if found is not None:
            return _(verb), found["by"]
    return None


def kept(text: str) -> str:
    """Answer a stored text in the language that is spoken."""
    for template in SENTENCES:
        found = _pattern(template).fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            if "what" in parts:
                parts["what"] = kept(parts["what"])
            return _(template, **parts) if parts else _(template)
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Make what finds the parts of a text that was made of a template: all but the last have no space in them."""
    parts = list(Formatter().parse(template))
    names = [name for __, name, ___, ____ in parts if name]
    made = ""
    for literal, name, _spec, _conversion in parts:
        made += re.escape(literal)
        if name:
            free = name == names[-1] and name != "step"
            made += f"(?P<{name}>{'.+' if free else '[^ :]+'})"
    return re.compile(made, re.DOTALL)
