"""A live Secret as it would be if it were sent again, told without its values. Pure."""

from bot.forecast.alignment import Part
from bot.forecast.ownership import latest_other, owners_of
from bot.rendering.objects import Manifest


def as_sent(live: Manifest, sent: Manifest) -> Manifest:
    """Answer what a live Secret would be if it were sent again, as far as that shows without its values.

    What others have set since, or taken away, has another value then, and the rest is what it is.
    """
    there = dict(live.get("data") or {})
    for key in [*(sent.get("data") or {}), *(sent.get("stringData") or {})]:
        if latest_other(owners_of(live, (Part("data"), Part(key)))) or key not in there:
            there[key] = None
    return {**live, "data": there}
