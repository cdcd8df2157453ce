"""What the bot can say: every sentence of its code, and what the catalogues have of them.

`python -m tests.chat.sentences` writes the catalogues anew: sentences that are new stand in them without a
translation, those that are gone are gone.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.languages import ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "bot" / "chat" / "locale"
KEYWORDS = {"_": 1, "N_": 1, "line": 1, "Sentence": 1, "ngettext": 2, "nline": 2}
"""Functions that say something, and how many of their arguments are forms of it."""
SPEAKING = (
    "bot/chat",
    "bot/command",
    "bot/operations",
    "bot/policy",
    "bot/forecast",
    "bot/placement",
    "bot/run",
    "bot/bootstrap/doctor.py",
    "bot/steps/examining.py",
    "bot/store/examining.py",
)
"""Where sentences for people are worded."""
QUIET = frozenset({"startswith", "strip", "strftime", "Icon", "TypeVar"})
"""Functions whose texts nobody reads."""
WORDED = ("bot/chat/presenters",)
"""Where nothing is said but by these functions."""


def files(*folders: str) -> Iterator[Path]:
    """Answer the modules in folders, and those that are named."""
    for folder in folders:
        path = ROOT / folder
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def said() -> Catalog:
    """Answer every sentence that stands in the code."""
    found = Catalog()
    for path in files(*SPEAKING):
        for node in ast.walk(ast.parse(path.read_text())):
            texts = _texts(node)
            if texts:
                where = [(str(path.relative_to(ROOT)), 0)]
                found.add(texts if len(texts) > 1 else texts[0], locations=where)
    return found


def _texts(node: ast.AST) -> tuple[str, ...]:
    """Answer what a call says, by all its forms; nothing for anything else."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args) if name in KEYWORDS:
            forms = args[: KEYWORDS[name]]
            return tuple(
                each.value
                for each in forms
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
        case _:
            return ()


def known(language: str) -> Catalog:
    """Read the catalogue of a language."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    """Answer where the catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "shipmate.po"


def others() -> tuple[str, ...]:
    """Answer the languages that have a catalogue."""
    return tuple(each for each in LANGUAGES if each != ENGLISH)


def first(message: Message) -> str:
    """Answer the text that a message is found by."""
    return forms(message.id)[0]


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Answer a text, or all forms of one that has forms of the plural."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def unworded() -> Iterator[str]:
    """Answer texts in presenters that look like something said and are in no catalogue."""
    for path in files(*WORDED):
        tree = ast.parse(path.read_text())
        yield from (f"{path.name}:{at}: {text!r}" for at, text in _loose(tree))


def _loose(node: ast.AST) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if _speaks(child.value):
                yield child.lineno, child.value
        elif not _is_silent(child):
            yield from _loose(child)


def _is_silent(node: ast.AST) -> bool:
    """Say whether what is in a node is no sentence, or is one that a catalogue has."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.Raise() | ast.Compare():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in KEYWORDS or name in QUIET
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in QUIET
        case ast.keyword(arg=name):
            return name in {"command", "action"}
        case _:
            return False


def _speaks(text: str) -> bool:
    """Say whether a text has a word of a language in it: not a key, a path, a format or a code."""
    words = [each.strip(".,:;!?()“”…`") for each in text.split()]
    letters = [each for each in words if each.isalpha() and each.isascii()]
    letters = [each for each in letters if not each.isupper() or len(each) == 1]
    return len(letters) > 1 or (bool(letters) and (text != text.strip() or text[:1].isupper()))


def main() -> None:
    """Write the catalogues anew."""
    there = said()
    for language in others():
        path = path_of(language)
        before = known(language) if path.exists() else Catalog(locale=language)
        after = Catalog(locale=language, project="Shipmate", fuzzy=False)
        for message in there:
            if not message.id:
                continue
            old = before.get(first(message)) or before.get(message.id)
            after.add(message.id, old.string if old else "", locations=message.locations)
        with path.open("wb") as file:
            write_po(
                file, after, width=0, omit_header=True, include_lineno=False, sort_by_file=True
            )


if __name__ == "__main__":
    main()
