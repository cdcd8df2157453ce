"""What is said of a run or a revision that was there and is kept no more: since which rule, and where to go on."""

from collections.abc import Callable

from bot.chat.language import _, ngettext, one_after_the_other
from bot.policy.refusals import Code
from bot.wording import N_

Facts = dict[str, str]


def _run(facts: Facts) -> str:
    named = facts.get("name", "")
    said = (
        _("{run} is not kept any more.", run=named)
        if named
        else _("I do not have this run any more.")
    )
    return one_after_the_other(
        said, _rule_of_runs(facts), _("`runs APP ENV` lists those there are.")
    )


def _rule_of_runs(facts: Facts) -> str:
    days, newest = facts.get("days", ""), facts.get("count", "")
    if days and newest:
        return ngettext(
            "Runs are kept for {n} day after their end, the newest {newest} of each application and "
            "environment for longer (`SHIPMATE_KEEP_RUNS`).",
            "Runs are kept for {n} days after their end, the newest {newest} of each application and "
            "environment for longer (`SHIPMATE_KEEP_RUNS`).",
            int(days),
            newest=newest,
        )
    if days:
        return ngettext(
            "Runs are kept for {n} day after their end (`SHIPMATE_KEEP_RUNS`).",
            "Runs are kept for {n} days after their end (`SHIPMATE_KEEP_RUNS`).",
            int(days),
        )
    if newest:
        return ngettext(
            "Of each application and environment the newest run is kept (`SHIPMATE_KEEP_RUNS`).",
            "Of each application and environment the newest {n} runs are kept (`SHIPMATE_KEEP_RUNS`).",
            int(newest),
        )
    return _(EARLIER)


def _revision(facts: Facts) -> str:
    said = _("{revision} is not kept any more.", revision=facts["name"])
    return one_after_the_other(
        said, _rule_of_revisions(facts), _("`revisions APP ENV` lists those there are.")
    )


def _rule_of_revisions(facts: Facts) -> str:
    days, newest = facts.get("days", ""), facts.get("count", "")
    if days and newest:
        return ngettext(
            "Revisions are kept for {n} day, the newest {newest} of each application and "
            "environment for longer (`SHIPMATE_KEEP_REVISIONS`).",
            "Revisions are kept for {n} days, the newest {newest} of each application and "
            "environment for longer (`SHIPMATE_KEEP_REVISIONS`).",
            int(days),
            newest=newest,
        )
    if days:
        return ngettext(
            "Revisions are kept for {n} day (`SHIPMATE_KEEP_REVISIONS`).",
            "Revisions are kept for {n} days (`SHIPMATE_KEEP_REVISIONS`).",
            int(days),
        )
    if newest:
        return _(
            "Of each application and environment the newest {newest} revisions are kept "
            "(`SHIPMATE_KEEP_REVISIONS`).",
            newest=newest,
        )
    return _(EARLIER)


EARLIER = N_("It was removed under an earlier rule, or by hand.")
TEXTS: dict[Code, str | Callable[[Facts], str]] = {
    Code.RUN_NOT_KEPT: _run,
    Code.REVISION_NOT_KEPT: _revision,
}
