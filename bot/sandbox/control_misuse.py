"""What the control API refuses, as one error whose text is the answer.

The sentence says what is wrong and what would be right, because the reader is often a program's author who sees
nothing else. It is no part of any platform's behaviour: those have errors of their own.
"""

import difflib
from collections.abc import Iterable


class Misuse(Exception):  # noqa: N818 - it is the caller's, and the text is shown to them
    """A call of the control API that cannot be done as it was asked."""


def unknown(what: str, given: object, known: Iterable[str]) -> Misuse:
    """Make the error for a name that is not known, with the nearest ones first."""
    names = list(known)
    near = difflib.get_close_matches(str(given), names, n=3, cutoff=0.5)
    if near:
        return Misuse(f"there is no {what} {given!r}; did you mean {_listed(near)}?")
    return Misuse(f"there is no {what} {given!r}; there is {_listed(names) or 'none'}")


def _listed(names: list[str]) -> str:
    return ", ".join(repr(each) for each in names)
