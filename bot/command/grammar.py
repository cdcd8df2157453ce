"""Text into typed requests, and requests back into text.

`parse` never raises and never guesses: what is not clear becomes a `Misunderstood` that says what was read,
the right form and the nearest words. `unparse` is its exact inverse, so that a button's command and the
audit log say precisely what was asked. Reads the table in `verbs`; decides nothing about permission.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from bot.command.chinese import english_verb, verbs_like
from bot.command.forms import Argument, Option, Verb
from bot.command.requests import Help, Misunderstood, Request
from bot.command.values import Kind, UnclearError, read, write
from bot.command.verbs import SLASH_VERBS, VERBS, find, verb_of
from bot.command.words import PAIR, Word, clean, free, split, unescaped
from bot.operations.moments import goes_on

LONGEST_COMMAND: Final = 2000
"""Characters of a command; also the limit of a Slack button's value."""
VERY_NEAR: Final = 0.8
"""How alike two words are of which one is the other with a slip of a finger, from 0 to 1."""
HALF: Final = 0.5
"""How alike two Chinese words are that share one of two characters."""

_NEEDS: Final[Mapping[str, str]] = {
    "application": "an application",
    "environment": "an environment",
    "origin": "the environment to promote from",
    "run": "a run",
    "step": "a step",
    "reason": "a reason",
}


def parse(text: str) -> Request | Misunderstood:
    """Answer the request that `text` makes, as it was typed or as a button carries it.

    A text that says nothing (but perhaps whom it addresses) asks for help.
    """
    if len(unescaped(text)) > LONGEST_COMMAND:
        return _misunderstood(f"A command has at most {LONGEST_COMMAND} characters.")
    words = _addressed(split(clean(text)))
    if not words:
        return Help()
    name = english_verb(words[0].option or words[0].text.lstrip("/").rstrip(".,:;!?").lower())
    verb = find(name)
    if verb is None:
        return _unknown_verb(name, words[1:])
    if len(words) > 1 and words[1].option == "help":
        return Help(verb=name)
    found: dict[str, Any] = {}
    try:
        _fill(verb, words[1:], found)
        _check_together(verb, found)
    except UnclearError as unclear:
        return _misunderstood(
            unclear.problem,
            verb,
            understood=_write(verb, found),
            nearest=unclear.nearest,
            corrected=_corrected(words, unclear),
        )
    missing = tuple(
        each.field for each in verb.arguments if each.required and _is_empty(found.get(each.field))
    )
    if missing:
        needs = " and ".join(_NEEDS[each] for each in missing)
        return _misunderstood(
            f"{verb.name} needs {needs}.",
            verb,
            understood=_write(verb, found),
            missing=missing,
            given=found,
        )
    return verb.request(**found)


def _is_empty(value: Any) -> bool:
    return not (value.strip() if isinstance(value, str) else value)


def unparse(request: Request) -> str:
    """Answer the text that `parse` makes this request of.

    Raises ValueError for the few values that nobody could type: a second revision without a first.
    """
    values = {each.name: getattr(request, each.name) for each in fields_of(request)}
    return _write(verb_of(request), values)


def from_slash(command: str, text: str) -> Request | Misunderstood:
    """Answer the request of a slash command: `/deploy shop prod`, `/shipmate status`; alone, `/shipmate` is help."""
    name = command.strip().lstrip("/").lower()
    return parse(f"{name} {text}" if name in SLASH_VERBS else text)


def _addressed(words: Sequence[Word]) -> list[Word]:
    """Drop whom the text speaks to, and a full stop where it cannot belong to a value."""
    start = next(
        (index for index, word in enumerate(words) if not word.text.startswith("@")), len(words)
    )
    rest = list(words[start:])
    if rest and not rest[-1].quoted:
        rest[-1] = replace(rest[-1], text=rest[-1].text.removesuffix("."))
    if rest and rest[-1].raw == ".":
        rest.pop()
    return rest


def _fill(verb: Verb, words: Sequence[Word], found: dict[str, Any]) -> None:
    """Read the words after the verb into the fields of its request."""
    queue = deque(words)
    open_arguments = deque(each for each in verb.arguments if each.kind is not Kind.IMAGE)
    images = next((each for each in verb.arguments if each.kind is Kind.IMAGE), None)
    while queue:
        word = queue.popleft()
        if word.option:
            _take_option(verb, word, queue, found)
        elif images is not None and PAIR.match(word.text):
            _take_image(word, found)
        elif not open_arguments:
            raise UnclearError(f"I do not know what to do with “{word.text}”.")
        elif open_arguments[0].kind is Kind.TEXT:
            _take_text(verb, open_arguments.popleft(), word, queue, found)
        else:
            _take_argument(word, open_arguments, found)


def _take_option(verb: Verb, word: Word, queue: deque[Word], found: dict[str, Any]) -> None:
    option = verb.option(word.option)
    if option is None:
        names = [each.name for each in verb.options]
        near = get_close_matches(word.option, names, n=2)
        raise UnclearError(
            f"{verb.name} has no option “--{word.option}”.",
            tuple(f"--{each}" for each in near),
            instead_of=word.head,
        )
    if option.field in found:
        raise UnclearError(f"--{option.name} is given twice.")
    if option.kind is Kind.FLAG:
        if word.assigned:
            raise UnclearError(f"--{option.name} stands alone, without a value.")
        found[option.field] = True
        return
    value = word if word.assigned else _next_value(option, queue)
    if option.kind is Kind.MOMENT and not value.quoted:
        value = _whole_moment(value, queue)
    _check_closed(value)
    is_text = option.kind is Kind.TEXT
    if is_text and not value.quoted and queue and not queue[0].option:
        raise UnclearError(
            f'Put the text after --{option.name} in quotes: --{option.name} "two words".'
        )
    found[option.field] = read(option.kind, _free(value) if is_text else value.text)


def _check_together(verb: Verb, found: Mapping[str, Any]) -> None:
    """Refuse options that make no sense as they stand together."""
    for option in verb.options:
        if option.field not in found:
            continue
        if option.needs and not found.get(option.needs):
            raise UnclearError(f"--{option.name} says more of --{option.needs}: give that, too.")
        if any(found.get(each) for each in option.excludes):
            raise UnclearError(f"--{option.name} {option.why_not}.")


def _next_value(option: Option, queue: deque[Word]) -> Word:
    if not queue or queue[0].option:
        raise UnclearError(f"--{option.name} needs a value after it.")
    return queue.popleft()


def _whole_moment(first: Word, queue: deque[Word]) -> Word:
    """Take what belongs to a moment that was written without quotes: `in 2h`, `18:00 UTC`."""
    text = first.text
    while queue and not queue[0].option and goes_on(text, queue[0].text):
        text = f"{text} {queue.popleft().text}"
    return replace(first, text=text)


def _take_image(word: Word, found: dict[str, Any]) -> None:
    _check_closed(word)
    component, image = read(Kind.IMAGE, word.text)
    images = found.setdefault("images", {})
    if component in images:
        raise UnclearError(f"An image for {component} is given twice.")
    images[component] = image


def _take_argument(word: Word, open_arguments: deque[Argument], found: dict[str, Any]) -> None:
    """Read one positional argument; `shop/prod` stands for two."""
    _check_closed(word)
    argument = open_arguments.popleft()
    application, slash, environment = word.text.partition("/")
    if argument.kind is Kind.APPLICATION and slash and "#" not in environment:
        found[argument.field] = read(argument.kind, application)
        following = open_arguments.popleft()
        found[following.field] = read(following.kind, environment)
        return
    value = read(argument.kind, word.text)
    if argument.kind is Kind.VERB and find(value) is None:
        raise UnclearError(f"I do not know the verb “{value}”.", _nearest_verbs(value))
    found[argument.field] = value


def _take_text(
    verb: Verb, argument: Argument, first: Word, queue: deque[Word], found: dict[str, Any]
) -> None:
    """Read free text to its end: up to the next option that the verb has."""
    words = [first]
    while queue and verb.option(queue[0].option) is None:
        words.append(queue.popleft())
    if len(words) == 1:
        _check_closed(first)
    said = _free(first) if len(words) == 1 else free(_as_typed(words))
    found[argument.field] = read(Kind.TEXT, said)


def _as_typed(words: Sequence[Word]) -> str:
    return " ".join(each.typed for each in words)


def _free(word: Word) -> str:
    """Answer what a single word says as free text: exactly what is quoted, or as it was typed."""
    return word.text if word.quoted else free(word.raw)


def _check_closed(word: Word) -> None:
    if word.unclosed and not word.quoted:
        raise UnclearError(f"The quotation mark at “{word.typed}” is not closed.")


def _write(verb: Verb, values: Mapping[str, Any]) -> str:
    """Write a request, or as much of it as is known."""
    parts = [verb.name]
    gap = ""
    for each in verb.arguments:
        value = values.get(each.field)
        if not value:
            gap = gap or ("" if each.kind is Kind.IMAGE else each.field)
            continue
        if gap and each.kind is not Kind.IMAGE:
            raise ValueError(f"{verb.name} cannot be written with {each.field} but no {gap}")
        parts.append(write(each.kind, value))
    for option in verb.options:
        value = values.get(option.field)
        if value and option.kind is Kind.FLAG:
            parts.append(f"--{option.name}")
        elif value:
            parts.append(f"--{option.name} {write(option.kind, value)}")
    return " ".join(parts)


def _nearest_verbs(name: str) -> tuple[str, ...]:
    """Answer the verbs that come near: one that comes very near is the one that was meant."""
    chinese = verbs_like(name)
    if chinese:
        near = get_close_matches(name, chinese, n=3, cutoff=HALF)
        return tuple(dict.fromkeys(chinese[each] for each in near))
    names = [each.name for each in VERBS]
    very = get_close_matches(name, names, n=2, cutoff=VERY_NEAR)
    return tuple(very if len(very) == 1 else get_close_matches(name, names, n=3))


def _unknown_verb(name: str, rest: Sequence[Word]) -> Misunderstood:
    nearest = _nearest_verbs(name)
    likely = find(nearest[0]) if nearest else None
    problem = f"I do not know the verb “{name[:60]}”."
    corrected = _tried(f"{nearest[0]} {_as_typed(rest)}") if len(nearest) == 1 else ""
    return Misunderstood(
        problem=problem,
        form=likely.form if likely else "VERB …",
        example=likely.example if likely else "help",
        nearest=nearest,
        corrected=corrected,
    )


def _corrected(words: Sequence[Word], unclear: UnclearError) -> str:
    """Answer the request with the one word that comes near in place of the one that was not known."""
    if len(unclear.nearest) != 1 or not unclear.instead_of:
        return ""
    typed = [each.typed for each in words]
    at = next((at for at, each in enumerate(words) if each.head == unclear.instead_of), 0)
    if not at:
        return ""
    equals = "=" if words[at].assigned else ""
    typed[at] = f"{unclear.nearest[0]}{equals}{words[at].raw}"
    return _tried(" ".join(typed))


def _tried(text: str) -> str:
    """Answer the one way to write the request that `text` makes; empty: it makes none."""
    request = parse(text)
    return "" if isinstance(request, Misunderstood) else unparse(request)


def _misunderstood(
    problem: str,
    verb: Verb | None = None,
    *,
    understood: str = "",
    nearest: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    given: dict[str, Any] | None = None,
    corrected: str = "",
) -> Misunderstood:
    return Misunderstood(
        problem=problem,
        understood=understood,
        form=verb.form if verb else "",
        example=verb.example if verb else "help",
        nearest=nearest,
        verb=verb.name if verb else "",
        missing=missing,
        given=given or {},
        corrected=corrected,
    )
