"""What evaluating an expression may cost at most, told before it is evaluated over the values that it is given. Pure.

An expression is evaluated where everyone waits, and the library cannot be stopped once it has begun. So each value is measured,
each part of the expression is given an upper bound for what it makes and what making it takes, and loops multiply. The numbers are
measured (common-expression-language 0.10): it copies the list that `map` and `filter` make at each element, copies values that are
named, and compiles a pattern of `matches` each time. A unit is some 0.1 µs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.workflow.patterns import pattern_units
from bot.workflow.syntax import Call, Literal, Name, Node, Part, Several, below, walk

MOST = 400_000
"""Units of one expression, or of all expressions in the properties of a step: some tens of milliseconds."""
BEGIN = 200
"""Units of an expression that does nothing."""
TAKEN_IN, COPIED, COMPARED, CALLED, GIVEN_BACK, TURN = 30, 3, 6, 20, 6, 6
"""Units for a value: measured here and converted for the library, copied, compared, handed to a function of ours and back; and for a turn of a loop."""
PER_CHARACTER = 200
"""Characters of a text that cost as much as one value."""
BY_US = frozenset(
    {"len", "join", "split", "trim", "substring", "indexOf", "lowerAscii", "upperAscii"}
)
"""Functions that are called in Python (those that are ADDED)."""
SMALL = frozenset(
    [
        "size",
        "len",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "int",
        "uint",
        "double",
        "timestamp",
        "duration",
        "indexOf",
        "hasValue",
        "has",
        "type",
    ]
)
"""Functions whose values are numbers, moments and such, whatever they are given."""
FOR_LETTER = 5
"""Letters that a pattern looks at for a unit."""

UNKNOWN: Any = object()
VALUES = "what it reads of the values"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, as a loop has them."""

    values: tuple[Any, ...]


class TooCostly(Exception):  # noqa: N818 - it is told as what it is
    """It may cost more than anything may; the text says what does."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a value is at most: values in it, characters in it, elements of it; and itself, where it is known."""

    nodes: int = 1
    chars: int = 0
    longest: int = 0
    known: Any = UNKNOWN

    @property
    def weight(self) -> int:
        """How much there is to copy."""
        return self.nodes + self.chars // PER_CHARACTER


ONE = Size()
"""A value that is no text and has no parts."""


def estimate(node: Node, scope: Mapping[str, Any], most: int = MOST) -> int:
    """Answer the units that evaluating takes at most. Raises TooCostly when they are more than `most`."""
    counter = _Counter(scope, most)
    taken = pruned(node, scope)
    for each in taken.values():
        _check_countable(each, most // TAKEN_IN)
        counter.spend(TAKEN_IN * counter.measured(each).weight, VALUES)
    made = counter.size(node, {})
    counter.spend(GIVEN_BACK * made.weight, "what comes of it")
    return counter.spent


def pruned(node: Node, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Answer of the values only what an expression speaks of, so that the rest need not be converted."""
    wanted: dict[str, Any] = {}
    for path in _paths(node):
        if path[0] in scope:
            _keep(wanted, scope, path)
    return wanted


def _check_countable(value: Any, most: int) -> None:
    """Raise TooCostly for a value that is too large to be looked through."""
    left, counted = [value], 0
    while left:
        each = left.pop()
        counted += 1
        if counted > most:
            raise TooCostly(VALUES)
        if isinstance(each, Mapping):
            left.extend(each.values())
        elif isinstance(each, list | tuple):
            left.extend(each)


class _Counter:
    """Goes through an expression and counts."""

    def __init__(self, scope: Mapping[str, Any], most: int) -> None:
        self._scope = scope
        self._most = most
        self._sizes: dict[int, Size] = {}
        self._kept: list[list[str]] = []
        self.spent = BEGIN

    def spend(self, units: int, what: str) -> None:
        """Count units. Raises TooCostly."""
        self.spent += units
        if self.spent > self._most:
            raise TooCostly(what)

    def size(self, node: Node, names: Mapping[str, Size]) -> Size:
        """Answer how large the value of a node is at most; `names` are those of the loops around it."""
        self.spend(1, "it")
        match node:
            case Literal():
                return Size(
                    1, node.length, node.length, UNKNOWN if node.text is None else node.text
                )
            case Name():
                return self._copied(names.get(node.name) or self._known(node.name))
            case Part():
                return self._part(node, names)
            case Call():
                return self._loop(node, names) if node.is_loop else self._call(node, names)
            case Several():
                return self._several(node, names)

    def _known(self, name: str) -> Size:
        return self.measured(self._scope[name]) if name in self._scope else Size()

    def measured(self, value: Any) -> Size:
        """Measure a value, a list or a map once."""
        if isinstance(value, str):
            return Size(1, len(value), len(value), value)
        if not isinstance(value, Mapping | list | tuple):
            return ONE
        if id(value) not in self._sizes:
            parts = value.values() if isinstance(value, Mapping) else value
            inside = [self.measured(each) for each in parts]
            chars = sum(each.chars for each in inside)
            nodes = 1 + sum(each.nodes for each in inside)
            if isinstance(value, Mapping):
                nodes, chars = nodes + len(inside), chars + sum(len(str(each)) for each in value)
            self._sizes[id(value)] = Size(nodes, chars, len(inside), value)
        return self._sizes[id(value)]

    def _copied(self, size: Size) -> Size:
        self.spend(COPIED * size.weight, VALUES)
        return size

    def _part(self, node: Part, names: Mapping[str, Size]) -> Size:
        path = _path(node)
        if path is not None and path[0] not in names:
            return self._copied(self._at(path))
        whole = self.size(node.of, names)
        key = node.key
        if not isinstance(key, str):
            self.size(key, names)
            written = key.text if isinstance(key, Literal) else None
            key = UNKNOWN if written is None else written
        return self._copied(self._below(whole, key))

    def _below(self, whole: Size, key: Any) -> Size:
        """Answer how large what stands at a key is at most, in one value or in any of several."""
        if isinstance(whole.known, Mapping) and isinstance(key, str):
            return self.measured(whole.known.get(key))
        if isinstance(whole.known, OneOf) and isinstance(key, str):
            maps = [each for each in whole.known.values if isinstance(each, Mapping)]
            return self._largest_of([each[key] for each in maps if key in each])
        return self._element(whole, keys=False)

    def _at(self, path: tuple[str, ...]) -> Size:
        here: Any = self._scope
        for key in path:
            if not isinstance(here, Mapping) or key not in here:
                return Size()
            here = here[key]
        return self.measured(here)

    def _element(self, whole: Size, *, keys: bool) -> Size:
        """Answer how large any element is at most; a loop goes over the keys of a map."""
        if isinstance(whole.known, Mapping) and keys:
            return Size(1, max((len(str(each)) for each in whole.known), default=0))
        if isinstance(whole.known, Mapping):
            return self._largest_of(list(whole.known.values()))
        if isinstance(whole.known, list | tuple):
            return self._largest_of(whole.known)
        return replace(whole, known=UNKNOWN, longest=max(whole.longest, whole.nodes))

    def _largest_of(self, values: Sequence[Any]) -> Size:
        largest = _largest([self.measured(each) for each in values])
        return replace(largest, known=OneOf(tuple(values)))

    def _loop(self, node: Call, names: Mapping[str, Size]) -> Size:
        assert node.of is not None
        over = self.size(node.of, names)
        name = node.given[0].name if isinstance(node.given[0], Name) else ""
        turns, before = over.longest, self.spent
        element = self._element(over, keys=True)
        made = [self.size(each, {**names, name: element}) for each in node.given[1:]]
        once = self.spent - before + TURN + COPIED * element.weight
        self.spend(once * max(0, turns - 1), f"its loop {node.name} over {turns} elements")
        if node.name not in {"map", "filter"}:
            return Size()
        each = made[-1] if node.name == "map" else element
        nodes, chars = turns * each.nodes, turns * each.chars
        if node.name == "filter":
            nodes, chars = min(nodes, over.nodes), min(chars, over.chars)
        result = Size(1 + nodes, chars, turns, _elements(node.name, over, each))
        # What there is so far is copied at each turn.
        self.spend(
            COPIED * result.weight * turns // 2, f"its loop {node.name} over {turns} elements"
        )
        return result

    def _call(self, node: Call, names: Mapping[str, Size]) -> Size:
        given = [self.size(each, names) for each in below(node)]
        weight = sum(each.weight for each in given)
        self.spend((CALLED if node.name in BY_US else COPIED) * (1 + weight), f"its {node.name}")
        if node.name == "matches" and given:
            self._matches(given[0], given[-1])
        if node.name in SMALL:
            return Size(1, 40, 40)
        made = self._split(given) if node.name == "split" else None
        made = made or _made(node.name, given)
        self.spend((CALLED if node.name in BY_US else COPIED) * made.weight, f"its {node.name}")
        return made

    def _split(self, given: list[Size]) -> Size | None:
        """Answer the pieces of a text that is known."""
        if len(given) != 2 or not all(isinstance(each.known, str) for each in given):
            return None
        text, by = given[0].known, given[1].known
        self.spend(CALLED * text.count(by), "its split")
        return self.measured(self._keep(text.split(by) if by else list(text)))

    def _keep(self, made: list[str]) -> list[str]:
        """Keep what was made here as long as its measure, which is known by where it is."""
        self._kept.append(made)
        return made

    def _matches(self, text: Size, pattern: Size) -> None:
        if not isinstance(pattern.known, str):
            raise TooCostly("the pattern of its matches, which is known only as it is evaluated,")
        units = pattern_units(pattern.known)
        self.spend(units + text.chars // FOR_LETTER, "the pattern of its matches")

    def _several(self, node: Several, names: Mapping[str, Size]) -> Size:
        parts = [self.size(each, names) for each in node.parts]
        if node.kind == "choice":
            return _largest(parts[1:])
        weight = sum(each.weight for each in parts)
        self.spend(COMPARED * weight if node.kind == "chain" else COPIED * weight, "it")
        if node.judges:
            return Size()
        nodes, chars = sum(each.nodes for each in parts), sum(each.chars for each in parts)
        longest = sum(each.longest for each in parts) if node.kind == "chain" else len(parts)
        return Size(1 + nodes, chars, longest)


def _elements(name: str, over: Size, each: Size) -> Any:
    """Answer a list that has every element of what a loop makes, and maybe more."""
    if name == "filter" and isinstance(over.known, list | tuple):
        return over.known
    if name == "map" and isinstance(each.known, OneOf):
        return list(each.known.values)
    return UNKNOWN


def _made(name: str, given: list[Size]) -> Size:
    """Answer how large what a function makes is at most."""
    nodes, chars = sum(each.nodes for each in given), sum(each.chars for each in given)
    if name == "split" and given:
        return Size(2 + given[0].chars, given[0].chars, given[0].chars + 1)
    if name == "join" and given:
        between = given[1].chars if len(given) > 1 else 0
        return Size(1, given[0].chars + given[0].nodes * between, chars + given[0].nodes * between)
    if name in {"trim", "substring", "lowerAscii", "upperAscii"}:
        text = given[0].known if given else None
        known = text.strip() if name == "trim" and isinstance(text, str) else UNKNOWN
        return Size(1, chars, chars, known)
    if name in {"string", "bytes"}:
        longest = 4 * chars + 40  # what is no letter of UTF-8 is replaced by one
        return Size(1, longest, longest)
    return Size(1 + nodes, chars, max(nodes, chars))


def _largest(sizes: list[Size]) -> Size:
    return Size(
        max((each.nodes for each in sizes), default=1),
        max((each.chars for each in sizes), default=0),
        max((each.longest for each in sizes), default=0),
    )


def _path(node: Node) -> tuple[str, ...] | None:
    """Answer the names that lead to a value from a variable; None: it is found otherwise."""
    if isinstance(node, Name):
        return (node.name,)
    if not isinstance(node, Part):
        return None
    key = node.key.text if isinstance(node.key, Literal) else node.key
    before = _path(node.of) if isinstance(key, str) else None
    return (*before, key) if before is not None and isinstance(key, str) else None


def _paths(node: Node) -> Iterator[tuple[str, ...]]:
    """Yield the paths that an expression speaks of, each as long as it is."""
    path = _path(node)
    if path is not None:
        yield path
        return
    parts = below(node)
    if isinstance(node, Call) and node.is_loop:
        parts = [parts[0], *parts[2:]]  # without the name that the loop gives
    for each in parts:
        yield from _paths(each)


def _keep(wanted: dict[str, Any], scope: Mapping[str, Any], path: tuple[str, ...]) -> None:
    """Put what stands at a path, or as far as it leads, beside what is wanted already."""
    here, there = wanted, scope
    for at, key in enumerate(path):
        if key not in there or (key in here and here[key] is there[key]):
            return
        below_ = there[key]
        if at == len(path) - 1 or not isinstance(below_, Mapping):
            here[key] = below_
            return
        if key not in here:
            here[key] = {}
        here, there = here[key], below_


def loops(node: Node) -> int:
    """Count the loops of an expression."""
    return sum(isinstance(each, Call) and each.is_loop for each in walk(node))


def loop_names(node: Node) -> set[str]:
    """Answer the names that loops give their elements."""
    found = (each.given[0] for each in walk(node) if isinstance(each, Call) and each.is_loop)
    return {each.name for each in found if isinstance(each, Name)}
