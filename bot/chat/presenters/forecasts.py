"""What would become of the objects of clusters, as a phone shows it: what is the same in several targets is said once.

What fails comes first, then what others have changed, then the rest. There is room for so much; what is left out is
counted, and a name shows it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.chat.language import _, line, ngettext
from bot.chat.message import Block, Bold, Code, Icon, Line, Preformatted, Text
from bot.chat.presenters.fields import View, changed, kept, worded
from bot.chat.presenters.words import names
from bot.forecast.fates import Fate, FieldKept, ObjectForecast
from bot.operations.forecasts import TargetForecast
from bot.wording import N_

SILENT = frozenset({Fate.SAME, Fate.STANDS, Fate.READ})
"""What only counts, unless someone asks for it."""
BULLET = "• "


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
        said = _("There is nothing called {name} in it.", name=looked.show)
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
        where = Bold(names(tuple(places), "and"))
        if unknown:
            said_why = line("{where} cannot be shown: {what}", where=where, what=what)
            yield (Icon("warning"), " ", *said_why)
        else:
            yield line("{where}: {what}", where=where, what=what)


def _counts(objects: Sequence[ObjectForecast], view: View) -> str:
    found = Counter(Fate.SAME if each.fate in SILENT else each.fate for each in objects)
    if view is View.LIVE:
        added = sum(each.fate is Fate.SAME and bool(_hand_made(each)) for each in objects)
        words = {
            Fate.CHANGED: _("{n} changed by others", n=found[Fate.CHANGED] + added),
            Fate.NEW: _("{n} missing", n=found[Fate.NEW]),
            Fate.REFUSED: _("{n} would be refused now", n=found[Fate.REFUSED]),
            Fate.SAME: _("{n} as sent", n=found[Fate.SAME] - added),
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
        parts.append(_("{n} would fail", n=failing))
    return _(", ").join(parts) or _("nothing is delivered")


def _numbered(found: Counter[Fate]) -> dict[Fate, str]:
    return {
        Fate.CHANGED: ngettext("{n} changes", "{n} change", found[Fate.CHANGED]),
        Fate.NEW: _("{n} new", n=found[Fate.NEW]),
        Fate.GONE: ngettext("{n} goes", "{n} go", found[Fate.GONE]),
        Fate.AGAIN: ngettext("{n} runs again", "{n} run again", found[Fate.AGAIN]),
        Fate.LEFT: ngettext("{n} is left", "{n} are left", found[Fate.LEFT]),
        Fate.REFUSED: _("{n} refused", n=found[Fate.REFUSED]),
        Fate.SAME: ngettext("{n} stays as it is", "{n} stay as they are", found[Fate.SAME]),
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
        return _(" · everywhere")
    return _(" · in {targets}", targets=names(tuple(where), "and"))


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
        lines.append((_only(where, group), *changed(change, looked.view, looked.at)))
        if change.excerpt:
            excerpt = "\n".join(map(worded, change.excerpt))
            blocks += [Text(lines=tuple(lines)), Preformatted(text=excerpt)]
            lines = []
    lines += _more(len(changes) - room.fields, N_("… and {n} more that change"))
    claims = _by_field((where, each.claims) for where, each in group.items())
    lines += [
        (_only(where, group), *_claimed(field, manager))
        for (field, manager), where in claims.items()
    ]
    stays = _by_field((where, each.stays) for where, each in group.items())
    lines += [
        (_only(where, group), *kept(each, looked.view, looked.at))
        for each, where in list(stays.items())[: room.fields]
    ]
    lines += _more(len(stays) - room.fields, N_("… and {n} more that others have set"))
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
    if len(where) == len(group):
        return BULLET
    return f"{BULLET}{_('in {targets}: ', targets=names(tuple(where), 'and'))}"


def _more(count: int, text: str) -> list[Line]:
    return [(f"{BULLET}{_(text, n=count)}",)] if count > 0 else []


def _claimed(field: str, manager: str) -> Line:
    return line(
        "{manager} owns {field}: the delivery would fail", manager=manager, field=Code(field)
    )


def _title(each: ObjectForecast, where: str, view: View) -> Line:
    title = Bold(each.title + (f" ({each.namespace})" if each.namespace else ""))
    if each.fate is Fate.REFUSED:
        return (Icon("warning"), " ", *_refused(each, title, where))
    if each.fate is Fate.CHANGED:
        return (Icon("warning"), " ", title, where) if each.fails else (title, where)
    if view is View.LIVE and each.fate in {Fate.NEW, Fate.SAME}:
        return _as_it_is(each, title, where)
    return _becomes(each, title, where)


def _refused(each: ObjectForecast, title: Bold, where: str) -> Line:
    why = _behind(each.said)
    if "immutable" not in each.said:
        return line("{title} would be refused{where}{why}", title=title, where=where, why=why)
    return line(
        "{title} would be refused{where}{why}; it would have to be deleted and made anew",
        title=title,
        where=where,
        why=why,
    )


def _as_it_is(each: ObjectForecast, title: Bold, where: str) -> Line:
    """Say whether an object that was sent is there."""
    if each.fate is Fate.NEW:
        what = _behind(each.summary)
        return line("{title} is missing{where}{what}", title=title, where=where, what=what)
    if each.stays:
        return (title, where)
    return line("{title} is as it was sent{where}", title=title, where=where)


def _becomes(each: ObjectForecast, title: Bold, where: str) -> Line:
    """Say what becomes of an object as a whole."""
    what, why = _behind(each.summary), _behind(each.said)
    match each.fate:
        case Fate.NEW if each.missing:
            return line(
                "{title} is new{where}{what}; it was sent before and is not there",
                title=title,
                where=where,
                what=what,
            )
        case Fate.NEW:
            return line("{title} is new{where}{what}", title=title, where=where, what=what)
        case Fate.GONE:
            aside = _(" ({aside})", aside=each.said) if each.said else ""
            return line(
                "{title} goes away{where}{what}{aside}",
                title=title,
                where=where,
                what=what,
                aside=aside,
            )
        case Fate.LEFT:
            return line(
                "{title} is left where it is{where}{why}", title=title, where=where, why=why
            )
        case Fate.READ:
            return line("{title} is only read{where}", title=title, where=where)
        case Fate.SAME:
            return line("{title} stays as it is{where}{why}", title=title, where=where, why=why)
        case _:
            return (title, f"{where}{why}")


def _behind(text: str) -> str:
    """Say what is told after a colon; empty: nothing is."""
    return _(": {what}", what=text) if text else ""


def _cost(block: Block) -> tuple[int, int]:
    """Count the lines and characters of a block."""
    if isinstance(block, Preformatted):
        return block.text.count("\n") + 1, len(block.text)
    assert isinstance(block, Text), "objects are told in texts"
    spans = [each for row in block.lines for each in row]
    texts = [each if isinstance(each, str) else getattr(each, "text", "") for each in spans]
    return len(block.lines), sum(map(len, texts))
