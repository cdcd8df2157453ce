"""How the fields of an object differ, a line each: what they were and become, whose doing it is, and what stays."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.chat.language import _, line, ngettext
from bot.chat.message import Code, Line
from bot.forecast.fates import FieldChange, FieldKept, Why
from bot.wording import Sentence


class View(StrEnum):
    """What is looked at."""

    PLAN = "plan"
    """What would be changed in the clusters."""
    LIVE = "live"
    """What others have changed there."""
    REVISIONS = "revisions"
    """What one revision says otherwise than another."""


def worded(text: str) -> str:
    """Say what was found out in the language that is spoken; a name or a value stays what it is."""
    return _(text) if isinstance(text, Sentence) else text


def changed(change: FieldChange, view: View, at: datetime) -> Line:
    """Say what becomes of a field, or what someone has made of one that was sent; `at` is when it was looked at."""
    if view is View.LIVE:
        return _changed_since(change, at)
    field = change.field
    before, after = Code(worded(change.before)), Code(worded(change.after))
    if change.excerpt:
        said = line("{field}: changes", field=field)
    elif not change.before:
        back = change.why is Why.DRIFT
        said = (
            line("{field}: comes back, {value}", field=field, value=after)
            if back
            else line("{field}: new, {value}", field=field, value=after)
        )
    elif not change.after:
        said = line("{field}: goes away, was {value}", field=field, value=before)
    else:
        said = line("{field}: {before} → {after}", field=field, before=before, after=after)
    return (*said, *_because(change, at))


def _because(change: FieldChange, at: datetime) -> Line:
    """Say whose doing a change is, where it is not only this delivery's."""
    said: list[str] = []
    if change.why is not Why.REVISION:
        setter = _setter(change, at)
        only = change.why is Why.DRIFT
        said.append(_("drift: {who}", who=setter) if only else _("drift, too: {who}", who=setter))
    if change.contested:
        said.append(_("{manager} owns it, the delivery would fail", manager=change.by))
    return (_aside(_("; ").join(said)),) if said else ()


def _changed_since(change: FieldChange, at: datetime) -> Line:
    """Say what someone has made of a field that was sent."""
    field, who = change.field, _aside(_setter(change, at))
    there, sent = Code(worded(change.before)), Code(worded(change.after))
    if change.excerpt:
        return line(
            "{field}: differs from what was sent{who}; - is there, + was sent", field=field, who=who
        )
    if not change.before:
        return line("{field}: gone, sent was {sent}{who}", field=field, sent=sent, who=who)
    if not change.after:
        return line("{field}: {there}, not sent{who}", field=field, there=there, who=who)
    return line(
        "{field}: {there} there, sent was {sent}{who}",
        field=field,
        there=there,
        sent=sent,
        who=who,
    )


def _setter(change: FieldChange, at: datetime) -> str:
    """Say who has set a field, or taken it away, and how long ago."""
    there = bool(change.before or change.excerpt)
    if change.at is None and not change.by:
        return _("someone set it") if there else _("someone took it away")
    who = change.by or _("someone")
    if change.at is None:
        return _("{who} set it", who=who) if there else _("{who} took it away", who=who)
    then = _ago(change.at, at)
    if there:
        return _("{who} set it {then}", who=who, then=then)
    return _("{who} took it away {then}", who=who, then=then)


def kept(field: FieldKept, view: View, at: datetime) -> Line:
    """Say what others have set and a delivery leaves."""
    who = _("by scaling")
    if field.by and not field.automatic:
        who = f"{field.by} {_ago(field.at, at)}" if field.at else field.by
    sent = line(", sent was {sent}", sent=Code(worded(field.sent))) if field.sent else ()
    name, value, aside = field.field, Code(worded(field.value)), _aside(who)
    if view is View.LIVE and not field.sent:
        return line("added: {field} {value}{who}", field=name, value=value, who=aside)
    return line("stays: {field} {value}{sent}{who}", field=name, value=value, sent=sent, who=aside)


def _aside(text: str) -> str:
    return _(" ({aside})", aside=text)


def _ago(then: datetime, at: datetime) -> str:
    """Say how long ago something was: `2 hours ago`."""
    passed = max(timedelta(), at - then)
    if passed >= timedelta(days=1):
        return ngettext("{n} day ago", "{n} days ago", passed.days)
    minutes = int(passed.total_seconds() // 60)
    if minutes >= 60:
        return ngettext("{n} hour ago", "{n} hours ago", minutes // 60)
    return ngettext("{n} minute ago", "{n} minutes ago", minutes) if minutes else _("just now")
