"""How an expression is put together, as far as its cost depends on it: names, paths, calls, loops. Pure.

The library that evaluates CEL shows no tree of what it has read. This reads only what the library has taken, and is no judge of
what is CEL: operators between the same brackets are one chain, in any order, for their order costs nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LOOPS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
"""Calls that do something for each element; the first thing between their brackets is a name for it."""
TOKEN = re.compile(
    r"""
    (?P<space> [\t\x20\r\n\f]+ | //[^\n]* )
  | (?P<text>  [bB]?[rR](?: \"{3}[\s\S]*?\"{3} | '{3}[\s\S]*?'{3} | "[^"\n\r]*" | '[^'\n\r]*' )
             | [bB]?(?: \"{3}(?:\\[\s\S]|[^\\])*?\"{3} | '{3}(?:\\[\s\S]|[^\\])*?'{3}
                      | "(?:\\.|[^"\\\n\r])*" | '(?:\\.|[^'\\\n\r])*' ) )
  | (?P<number> 0[xX][0-9a-fA-F]+[uU]? | (?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?[uU]? )
  | (?P<name>  [A-Za-z_][A-Za-z0-9_]* )
  | (?P<sign>  && | \|\| | [=!<>]= | [-+*/%<>!?:.,()\[\]{}] )
    """,
    re.VERBOSE,
)
SIGNS = frozenset(["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "in"])
JUDGES = frozenset(["&&", "||", "==", "!=", "<=", ">=", "<", ">", "in"])
"""Signs that make a yes or no of a whole chain, for they bind least."""
ESCAPE = re.compile(r"\\([\s\S])")
BY_NUMBER = frozenset("xXuU01234567")
"""What begins the number of a letter after a backslash."""
PLAIN = {"n": "\n", "t": "\t", "r": "\r"}


class UnknownSyntax(Exception):  # noqa: N818 - it is told as what it is
    """The library has taken what is not understood here."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written out; `text` is None where it is no text, or one with escapes by number."""

    length: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """`of.key`, or `of[key]` where the key is any expression."""

    of: "Node"
    key: "str | Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function; `of` is what stands before the dot, if anything does."""

    name: str
    of: "Node | None"
    given: "tuple[Node, ...]"

    @property
    def is_loop(self) -> bool:
        """Whether something is done for each element."""
        return self.of is not None and self.name in LOOPS and len(self.given) >= 2


@dataclass(frozen=True, slots=True)
class Several:
    """Values beside each other: a list, a map, a chain of operators (`judges`: it makes a yes or no), a choice."""

    kind: str
    parts: "tuple[Node, ...]"
    judges: bool = False


Node = Literal | Name | Part | Call | Several


def parse(expression: str) -> Node:
    """Read an expression that the library has taken. Raises UnknownSyntax."""
    reader = _Reader(list(_tokens(expression)))
    found = reader.choice()
    if reader.kind:
        raise UnknownSyntax(reader.word)
    return found


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all that is below it."""
    yield node
    for each in below(node):
        yield from walk(each)


def below(node: Node) -> Sequence[Node]:
    """Answer what a node is put together of."""
    match node:
        case Part():
            return (node.of,) if isinstance(node.key, str) else (node.of, node.key)
        case Call():
            return node.given if node.of is None else (node.of, *node.given)
        case Several():
            return node.parts
        case _:
            return ()


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(expression):
        found = TOKEN.match(expression, at)
        if found is None:
            raise UnknownSyntax(expression[at : at + 10])
        at = found.end()
        if found.lastgroup != "space":
            yield str(found.lastgroup), found[0]


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def kind(self) -> str:
        """What comes next; empty at the end."""
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def word(self) -> str:
        """The text of what comes next."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def choice(self) -> Node:
        """Read `this ? that : other`, or a chain."""
        first = self._chain()
        if not self._took("?"):
            return first
        yes = self._chain()
        self._expect(":")
        return Several("choice", (first, yes, self.choice()))

    def _chain(self) -> Node:
        parts, judges = [self._unary()], False
        while self.word in SIGNS and self.kind in {"sign", "name"}:
            judges = judges or self.word in JUDGES
            self._at += 1
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else Several("chain", tuple(parts), judges)

    def _unary(self) -> Node:
        while self.kind == "sign" and self.word in {"!", "-"}:
            self._at += 1
        found = self._primary()
        while True:
            if self._took("."):
                name = self._take("name")
                found = (
                    Call(name, found, self._several(")")) if self._took("(") else Part(found, name)
                )
            elif self._took("["):
                found = Part(found, self.choice())
                self._expect("]")
            else:
                return found

    def _primary(self) -> Node:
        if self._took("("):
            found = self.choice()
            self._expect(")")
            return found
        if self._took("["):
            return Several("list", self._several("]"))
        if self._took("{"):
            return Several("map", self._several("}"))
        if self.kind == "text":
            return _literal(self._take("text"))
        if self.kind == "number":
            return Literal(len(self._take("number")))
        self._took(".")
        name = self._take("name")
        if name in {"true", "false", "null"}:
            return Literal(1)
        return Call(name, None, self._several(")")) if self._took("(") else Name(name)

    def _several(self, end: str) -> tuple[Node, ...]:
        """Read values up to `end`; between them are commas, and in maps colons."""
        found: list[Node] = []
        while not self._took(end):
            found.append(self.choice())
            if self.word != end and not (self._took(",") or self._took(":")):
                raise UnknownSyntax(self.word)
        return tuple(found)

    def _took(self, sign: str) -> bool:
        if self.kind != "sign" or self.word != sign:
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise UnknownSyntax(self.word)

    def _take(self, kind: str) -> str:
        if self.kind != kind:
            raise UnknownSyntax(self.word)
        self._at += 1
        return self._tokens[self._at - 1][1]


def _literal(token: str) -> Literal:
    head = re.match(r"[bBrR]*", token)
    prefix = head[0].lower() if head else ""
    quoted = token[len(prefix) :]
    marks = 3 if quoted[:3] in {'"""', "'''"} and len(quoted) >= 6 else 1
    inner = quoted[marks:-marks]
    if "b" in prefix:
        return Literal(len(inner))
    if "r" in prefix:
        return Literal(len(inner), inner)
    if any(each in BY_NUMBER for each in ESCAPE.findall(inner)):
        return Literal(len(inner))
    inner = ESCAPE.sub(lambda found: PLAIN.get(found[1], found[1]), inner)
    return Literal(len(inner), inner)
