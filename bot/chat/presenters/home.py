"""The App Home: what waits for my answer, what runs, what is where, what I did, and what I may do."""

from collections.abc import Mapping, Sequence

from bot.catalog.model import Catalog
from bot.chat.language import _, line, ngettext
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Divider,
    Header,
    Icon,
    Line,
    Link,
    Message,
    Span,
    Text,
    Time,
)
from bot.chat.presenters import locks
from bot.chat.presenters.approving import to_sign
from bot.chat.presenters.card import answer_buttons, outcome
from bot.chat.presenters.lists import listed
from bot.chat.presenters.refusals import refusal
from bot.chat.presenters.words import brief, delivered, joined, phase_of, short_title
from bot.events import RunId
from bot.operations.overview import Overview
from bot.operations.results import Place
from bot.policy.refusals import Refusal
from bot.run.model import Run, RunPhase, StepRun

MOST_WAITING = 10
MOST_UNDER_WAY = 12
MOST_PLACES = 40
ICONS = {RunPhase.SUCCEEDED: "done", RunPhase.FAILED: "failed", RunPhase.TERMINATED: "stopped"}

Links = Mapping[RunId, str]
"""Where the cards of runs stand."""


def home(overview: Overview, catalog: Catalog, *, links: Links | None = None) -> Message:
    """Show all of it; `links` lead to the cards of runs."""
    cards = links or {}
    waiting = len(overview.waiting)
    sections = (
        _waiting(overview, cards),
        _under_way(overview, catalog, cards),
        _section(_("To sign"), list(to_sign(overview.unsigned)[:MOST_WAITING])),
        _section(_("Locks and freezes"), list(locks.listed(overview.holds, overview.at))),
        _section(_("What is where"), _places(overview.places)),
        _section(_("My deliveries"), [_mine(each, cards) for each in overview.mine]),
        _section(_("What I may do"), _rights(overview)),
    )
    blocks: list[Block] = [Header(text=_("Shipmate"))]
    for section in filter(None, sections):
        if len(blocks) > 1:
            blocks.append(Divider())
        blocks += section
    summary = ngettext("Shipmate: {n} waits for you", "Shipmate: {n} wait for you", waiting)
    return Message(summary=summary, blocks=tuple(blocks))


def stranger(refused: Refusal) -> Message:
    """Show someone whom nobody has introduced how to be."""
    shown = refusal(refused)
    return Message(summary=shown.summary, blocks=(Header(text=_("Shipmate")), *shown.blocks))


def _section(title: str, lines: list[Line]) -> list[Block]:
    return [Text(lines=((Bold(title),), *lines))] if lines else []


def _waiting(overview: Overview, cards: Links) -> list[Block]:
    """Show each step that this person has to answer, with its buttons."""
    if not overview.waiting:
        return [Text(lines=((Icon("done"), " ", Bold(_("Nothing waits for you."))),))]
    blocks: list[Block] = [Text(lines=((Icon("waiting"), " ", Bold(_("Waiting for you"))),))]
    for run, step in overview.waiting[:MOST_WAITING]:
        blocks.append(Text(lines=_asked(run, step, cards)))
        blocks.append(Actions(buttons=answer_buttons(run, step)))
    if len(overview.waiting) > MOST_WAITING:
        more = len(overview.waiting) - MOST_WAITING
        blocks.append(Text(lines=((_("… and {n} more, on their cards", n=more),),), faint=True))
    return blocks


def _asked(run: Run, step: StepRun, cards: Links) -> tuple[Line, ...]:
    first = joined(_name(run, cards), (short_title(run, step),))
    since: Line = ()
    if step.started:
        since = line("waits since {time}", time=Time(step.started, dated=True))
    by = _("by {person}", person=run.origin.person)
    second = joined(delivered(run.plan, most=3), (by,), since)
    said = step.gate.message if step.gate else ""
    message: tuple[Line, ...] = ((brief(said),),) if said else ()
    return (first, second, *message)


def _under_way(overview: Overview, catalog: Catalog, cards: Links) -> list[Block]:
    title = _("Under way")
    if not overview.under_way:
        return _section(title, [(_("Nothing runs now."),)])
    lines: list[Line] = [
        (*_name(each, cards), " ", *delivered(each.plan, most=3), " ", *outcome(each, catalog))
        for each in overview.under_way[:MOST_UNDER_WAY]
    ]
    more = len(overview.under_way) - MOST_UNDER_WAY
    if more > 0:
        lines.append((_("… and {n} more", n=more),))
    return _section(title, lines)


def _places(places: Sequence[Place]) -> list[Line]:
    """Say for each environment which revision of what is there, and how the last try went."""
    lines = [_place(each) for each in places[:MOST_PLACES]]
    more = len(places) - MOST_PLACES
    if more > 0:
        lines.append((_("… and {n} more: status APP", n=more),))
    return lines or [(_("Nothing was delivered yet."),)]


def _place(place: Place) -> Line:
    there: Line = (
        (f"{place.revision.name} ", *delivered(place.revision.plan, most=3))
        if place.revision
        else (_("nothing yet"),)
    )
    run = place.run
    icon = ICONS.get(run.phase, "running") if run is not None else "pending"
    if run is not None and run.phase is RunPhase.SUSPENDING:
        icon = "waiting"
    last: Line = ()
    if run is not None and run.phase is not RunPhase.SUCCEEDED:
        last = (f"{run.name} {phase_of(run)}",)
    name = f"{place.environment} · {place.application}"
    return (Icon(icon), " ", *joined((Bold(name),), there, last))


def _mine(run: Run, cards: Links) -> Line:
    icon = ICONS.get(run.phase, "running")
    raised: Line = (f"v{run.revision}",) if run.revision else ()
    when: Line = (Time(run.created, dated=True),)
    what = joined(_name(run, cards), delivered(run.plan, most=3), (phase_of(run),), raised, when)
    return (Icon(icon), " ", *what)


def _rights(overview: Overview) -> list[Line]:
    person, nowhere = overview.person, _("no environment")
    roles = listed(person.roles) or _("none")
    deploy = listed(overview.may_deploy) or nowhere
    approve = listed(overview.may_approve) or nowhere
    return [
        (_("I am {name}, with the roles {roles}.", name=person.name, roles=roles),),
        (_("I may deploy in: {environments}.", environments=deploy),),
        (_("I may approve in: {environments}.", environments=approve),),
    ]


def _name(run: Run, cards: Links) -> tuple[Span, ...]:
    return (Link(cards[run.id], run.name),) if run.id in cards else (Bold(run.name),)
