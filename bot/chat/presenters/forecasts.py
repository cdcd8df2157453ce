"""What would become of the objects of clusters, as a phone shows it: what is the same in several targets is said once.

What fails comes first, then what others have changed, then the rest. There is room for so much; what is left out is
counted, and a name shows it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.chat.message import Block, Bold, Code, Icon, Line, Preformatted, Text
from bot.chat.presenters.words import names
from bot.operations.forecasts import TargetForecast
from bot.rendering.forecast import Fate, FieldChange, FieldKept, ObjectForecast, Why

SILENT = frozenset({Fate.SAME, Fate.STANDS, Fate.READ})
"""What only counts, unless someone asks for it."""
BULLET = "• "


class View(StrEnum):
    """What is looked at."""

    PLAN = "plan"
    """What would be changed in the clusters."""
    LIVE = "live"
    """What others have changed there."""
    REVISIONS = "revisions"
    """What one revision says otherwise than another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much there is room for."""

    lines: int
    characters: int
    fields: int
    """Of one object."""


BRIEF = Room(lines=36, characters=3200, fields=10)
WHOLE = Room(lines=110, characters=8500, fields=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What there is room for."""

    blocks: tuple[Block, ...]
    left_out: int = 0
    """How many objects it leaves out."""
    where: tuple[str, ...] = ()
    """The targets of which it leaves out something: objects, or fields."""
    fails: bool = False
    """Whether others own a field of what is asked for, so that its delivery fails."""
    differs: bool = False
    """Whether there is anything to tell but how many objects there are."""


_Group = dict[str, ObjectForecast]
"""An object in each of the targets where it fares the same, by their names."""
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is looked at, when, and which part of it is asked for."""

    targets: tuple[TargetForecast, ...]
    at: datetime
    view: View = View.PLAN
    show: str = ""


def shown(looked: Looked) -> Shown:
    """Show what becomes of objects: a line a target, then the objects, as far as there is room."""
    targets = _asked_for(looked.targets, looked.show)
    room = WHOLE if looked.show else BRIEF
    blocks: list[Block] = [Text(lines=tuple(_counted(targets, looked.view)))] if targets else []
    if looked.show and not targets:
        said = f"There is nothing called {looked.show} in it."
        return Shown(blocks=(Text(lines=((said,),)),))
    lines, characters = room.lines, room.characters
    groups = _folded(targets, everything=bool(looked.show))
    left: list[_Group] = []
    cut: list[_Group] = []
    for group in groups:
        made = _told(group, targets, looked, room)
        needs = [_cost(one) for one in made]
        lines -= sum(one for one, _ in needs)
        characters -= sum(one for _, one in needs)
        if (lines < 0 or characters < 0) and len(blocks) > 1:
            left.append(group)
            continue
        blocks += made
        if any(len(each.changes) > room.fields for each in group.values()):
            cut.append(group)
    return Shown(
        blocks=tuple(blocks),
        left_out=len(left),
        where=tuple(dict.fromkeys(name for group in (*left, *cut) for name in group)),
        fails=any(
            one.fails and one.fate is not Fate.REFUSED for each in targets for one in each.objects
        ),
        differs=bool(groups) or any(each.unknown for each in targets),
    )


def _asked_for(targets: Sequence[TargetForecast], show: str) -> list[TargetForecast]:
    """Choose the target, or the objects by their component or name, that are called `show`; empty: all."""
    if not show or any(each.name == show for each in targets):
        return [each for each in targets if show in {"", each.name}]
    found = [
        TargetForecast(
            name=each.name,
            cluster=each.cluster,
            objects=tuple(one for one in each.objects if show in {one.component, one.name}),
            unknown=each.unknown,
        )
        for each in targets
    ]
    return [each for each in found if each.objects or each.unknown]


def _counted(targets: Sequence[TargetForecast], view: View) -> Iterator[Line]:
    """Yield a line for each target, or for several of which the same is said."""
    said: dict[tuple[str, bool], list[str]] = {}
    for each in targets:
        what = each.unknown or _counts(each.objects, view)
        place = f"{each.name} ({each.cluster})" if each.cluster != each.name else each.name
        said.setdefault((what, bool(each.unknown)), []).append(place)
    for (what, unknown), places in said.items():
        if unknown:
            yield (
                Icon("warning"),
                " ",
                Bold(names(tuple(places), "and")),
                f" cannot be shown: {what}",
            )
        else:
            yield (Bold(names(tuple(places), "and")), f": {what}")


def _counts(objects: Sequence[ObjectForecast], view: View) -> str:
    found = Counter(Fate.SAME if each.fate in SILENT else each.fate for each in objects)
    if view is View.LIVE:
        added = sum(each.fate is Fate.SAME and bool(_hand_made(each)) for each in objects)
        words = {
            Fate.CHANGED: f"{found[Fate.CHANGED] + added} changed by others",
            Fate.NEW: f"{found[Fate.NEW]} missing",
            Fate.REFUSED: f"{found[Fate.REFUSED]} would be refused now",
            Fate.SAME: f"{found[Fate.SAME] - added} as sent",
        }
        found = Counter(
            {
                **found,
                Fate.CHANGED: found[Fate.CHANGED] + added,
                Fate.SAME: found[Fate.SAME] - added,
            }
        )
    else:
        words = _numbered(found)
    parts = [words[each] for each in words if found[each]]
    failing = sum(each.fails and each.fate is not Fate.REFUSED for each in objects)
    if failing and view is View.PLAN:
        parts.append(f"{failing} would fail")
    return ", ".join(parts) or "nothing is delivered"


def _numbered(found: Counter[Fate]) -> dict[Fate, str]:
    def number(fate: Fate, one: str, more: str) -> str:
        return f"{found[fate]} {one if found[fate] == 1 else more}"

    return {
        Fate.CHANGED: number(Fate.CHANGED, "changes", "change"),
        Fate.NEW: f"{found[Fate.NEW]} new",
        Fate.GONE: number(Fate.GONE, "goes", "go"),
        Fate.AGAIN: number(Fate.AGAIN, "runs again", "run again"),
        Fate.LEFT: number(Fate.LEFT, "is left", "are left"),
        Fate.REFUSED: f"{found[Fate.REFUSED]} refused",
        Fate.SAME: number(Fate.SAME, "stays as it is", "stay as they are"),
    }


def _folded(targets: Sequence[TargetForecast], *, everything: bool) -> list[_Group]:
    """Put objects together that are called the same and fare the same in several targets; what matters most comes first."""
    found: dict[ObjectForecast, _Group] = {}
    for target in targets:
        for each in target.objects:
            if everything or each.fate not in SILENT or _hand_made(each) or each.claims:
                alike = replace(each, changes=(), stays=(), claims=())
                found.setdefault(alike, {})[target.name] = each
    return sorted(found.values(), key=lambda group: min(map(_rank, group.values())))


def _rank(each: ObjectForecast) -> int:
    ranks = (
        each.fails,
        each.drifted,
        each.fate is Fate.CHANGED,
        each.fate is Fate.AGAIN,
        each.fate is Fate.NEW,
        each.fate is Fate.GONE,
        each.fate is Fate.LEFT,
        bool(_hand_made(each)),
    )
    return next((at for at, applies in enumerate(ranks) if applies), len(ranks))


def _hand_made(each: ObjectForecast) -> tuple[FieldKept, ...]:
    """Answer the fields that a person has set and that stay."""
    return tuple(one for one in each.stays if not one.automatic)


def _where(where: Sequence[str], targets: Sequence[TargetForecast]) -> str:
    if len(targets) < 2:
        return ""
    if len(where) == len(targets) and len(where) > 2:
        return " · everywhere"
    return f" · in {names(tuple(where), 'and')}"


def _told(
    group: _Group, targets: Sequence[TargetForecast], looked: Looked, room: Room
) -> list[Block]:
    """Tell one object: its title, then a line a field; what is so in some of its targets only says where."""
    any_fails = next((each for each in group.values() if each.fails), None)
    title = _title(
        any_fails or next(iter(group.values())), _where(list(group), targets), looked.view
    )
    lines: list[Line] = [title]
    blocks: list[Block] = []
    changes = _by_field((where, each.changes) for where, each in group.items())
    for change, where in list(changes.items())[: room.fields]:
        lines.append((_only(where, group), *_change(change, looked)))
        if change.excerpt:
            blocks += [Text(lines=tuple(lines)), Preformatted(text="\n".join(change.excerpt))]
            lines = []
    lines += _more(len(changes) - room.fields, "that change")
    claims = _by_field((where, each.claims) for where, each in group.items())
    lines += [
        (_only(where, group), f"{manager} owns ", Code(field), ": the delivery would fail")
        for (field, manager), where in claims.items()
    ]
    stays = _by_field((where, each.stays) for where, each in group.items())
    lines += [
        (_only(where, group), *_kept(each, looked))
        for each, where in list(stays.items())[: room.fields]
    ]
    lines += _more(len(stays) - room.fields, "that others have set")
    return [*blocks, Text(lines=tuple(lines))] if lines else blocks


def _by_field(found: Iterable[tuple[str, Iterable[Said]]]) -> dict[Said, list[str]]:
    """Put together what is said, with the targets of which it is."""
    said: dict[Said, list[str]] = {}
    for where, each in found:
        for one in each:
            said.setdefault(one, []).append(where)
    return said


def _only(where: Sequence[str], group: _Group) -> str:
    """Begin a line, with the targets that it is about where these are not all of the object's."""
    only = "" if len(where) == len(group) else f"in {names(tuple(where), 'and')}: "
    return f"{BULLET}{only}"


def _more(count: int, what: str) -> list[Line]:
    return [(f"{BULLET}… and {count} more {what}",)] if count > 0 else []


def _title(each: ObjectForecast, where: str, view: View) -> Line:
    title = Bold(each.title + (f" ({each.namespace})" if each.namespace else ""))
    what = f": {each.summary}" if each.summary else ""
    said = f": {each.said}" if each.said else ""
    if each.fate is Fate.REFUSED:
        anew = "; it would have to be deleted and made anew" if "immutable" in each.said else ""
        return (Icon("warning"), " ", title, f" would be refused{where}{said}{anew}")
    if each.fate is Fate.CHANGED:
        return (Icon("warning"), " ", title, where) if each.fails else (title, where)
    lost = "; it was sent before and is not there" if each.missing else ""
    rest = {
        Fate.NEW: f" is new{where}{what}{lost}",
        Fate.GONE: f" goes away{where}{what}{said and f' ({each.said})'}",
        Fate.LEFT: f" is left where it is{where}{said}",
        Fate.READ: f" is only read{where}",
        Fate.SAME: f" stays as it is{where}{said}",
    }
    if view is View.LIVE:
        same = where if each.stays else f" is as it was sent{where}"
        rest |= {Fate.NEW: f" is missing{where}{what}", Fate.SAME: same}
    return (title, rest.get(each.fate, f"{where}{said}"))


def _change(change: FieldChange, looked: Looked) -> Line:
    if looked.view is View.LIVE:
        return _changed_since(change, looked.at)
    start: Line = (f"{change.field}: ",)
    if change.excerpt:
        values: Line = ("changes",)
    elif not change.before:
        back = change.why is Why.DRIFT
        values = ("comes back, " if back else "new, ", Code(change.after))
    elif not change.after:
        values = ("goes away, was ", Code(change.before))
    else:
        values = (Code(change.before), " → ", Code(change.after))
    return (*start, *values, *_because(change, looked.at))


def _because(change: FieldChange, at: datetime) -> Line:
    """Say whose doing a change is, where it is not only this delivery's."""
    line: list[str] = []
    if change.why is not Why.REVISION:
        also = "drift" if change.why is Why.DRIFT else "drift, too"
        there = bool(change.before or change.excerpt)
        line.append(f"{also}: {_setter(change.by, change.at, at, there=there)}")
    if change.contested:
        line.append(f"{change.by} owns it, the delivery would fail")
    return (f" ({'; '.join(line)})",) if line else ()


def _changed_since(change: FieldChange, at: datetime) -> Line:
    """Say what someone has made of a field that was sent."""
    start = f"{change.field}: "
    there = bool(change.before or change.excerpt)
    who = f" ({_setter(change.by, change.at, at, there=there)})"
    if change.excerpt:
        return (f"{start}differs from what was sent", who, "; - is there, + was sent")
    if not change.before:
        return (start, "gone, sent was ", Code(change.after), who)
    if not change.after:
        return (start, Code(change.before), ", not sent", who)
    return (start, Code(change.before), " there, sent was ", Code(change.after), who)


def _setter(manager: str, then: datetime | None, at: datetime, *, there: bool) -> str:
    verb = "set it" if there else "took it away"
    return f"{manager or 'someone'} {verb}{_ago(then, at)}"


def _kept(kept: FieldKept, looked: Looked) -> Line:
    """Say what others have set and a delivery leaves."""
    who = f"{kept.by}{_ago(kept.at, looked.at)}" if kept.by and not kept.automatic else "by scaling"
    sent: Line = (", sent was ", Code(kept.sent)) if kept.sent else ()
    start = "added" if looked.view is View.LIVE and not kept.sent else "stays"
    return (f"{start}: {kept.field} ", Code(kept.value), *sent, f" ({who})")


def _ago(then: datetime | None, at: datetime) -> str:
    """Say how long ago something was: ` 2 hours ago`; empty when nobody knows."""
    if then is None:
        return ""
    passed = max(timedelta(), at - then)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(passed.total_seconds() // length)
        if count:
            return f" {count} {unit}{'s' * (count > 1)} ago"
    return " just now"


def _cost(block: Block) -> tuple[int, int]:
    """Count the lines and characters of a block."""
    if isinstance(block, Preformatted):
        return block.text.count("\n") + 1, len(block.text)
    assert isinstance(block, Text), "objects are told in texts"
    spans = [each for line in block.lines for each in line]
    texts = [each if isinstance(each, str) else getattr(each, "text", "") for each in spans]
    return len(block.lines), sum(map(len, texts))
