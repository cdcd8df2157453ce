"""What strangers may send: any text, any JSON, and right things in which something is wrong."""

import copy
import os
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES: Final = int(os.environ.get("SHIPMATE_FUZZ_EXAMPLES", "30"))  # noqa: TID251 - a test's own settings

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,  # also in CI: each run looks elsewhere
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Of each test here: so many examples, and how to repeat the one that fails."""

over_sockets = settings(fuzzed, max_examples=max(EXAMPLES // 3, 1))
"""Of a test that asks a server: fewer, for each costs more."""

ODD: Final = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e",
    "²",
    "٣",
    "-1",
    "9" * 400,
    "9" * 5000,
    "1e999",
    "~nobody/x",
    "<@U1|x>",
    "${{ x }}",
    "{{",
    "=",
    "[" * 1200,
    '{"a":' * 1200,
    "é" * 50,
)
"""Texts that have surprised somebody's reader before."""
TEXT: Final = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=10),
)
"""Any text, also one that no encoding has."""
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
    max_leaves=6,
)
ASCII: Final = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place in a value."""
    found = [path] if path else []
    if isinstance(value, Mapping):
        for key, each in value.items():
            found += places(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            found += places(each, (*path, at))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Answer a value with something else in one place."""
    made = copy.deepcopy(value)
    here = made
    for each in path[:-1]:
        here = here[each]
    here[path[-1]] = new
    return made


def taken_out(value: Any, path: tuple[Any, ...]) -> Any:
    """Answer a value without one of its places."""
    made = copy.deepcopy(value)
    here = made
    for each in path[:-1]:
        here = here[each]
    del here[path[-1]]
    return made


def spoilt(*whole: Any) -> st.SearchStrategy[Any]:
    """Draw one of some values, with one of its places taken by anything, or empty."""
    found = [(value, path) for value in whole for path in places(value)]
    return st.one_of(
        st.builds(lambda at, new: put(at[0], at[1], new), st.sampled_from(found), JSON),
        st.builds(lambda at: taken_out(at[0], at[1]), st.sampled_from(found)),
    )


def bent(*whole: str) -> st.SearchStrategy[str]:
    """Draw one of some texts, in which a piece is gone, comes twice or is another one."""

    def made(text: str, begin: int, length: int, new: str, times: int) -> str:
        at = begin % (len(text) + 1)
        piece = text[at : at + length]
        return text[:at] + new + piece * times + text[at + length :]

    return st.builds(
        made,
        st.sampled_from(whole),
        st.integers(0, 100_000),
        st.integers(0, 12),
        TEXT,
        st.integers(0, 2),
    )
