"""Reads what was typed in a shell as a request, by the grammar of the chat. Pure."""

from collections.abc import Sequence

from bot.command.grammar import parse
from bot.command.requests import Misunderstood, Request
from bot.command.words import quote


def read_words(verb: str, words: Sequence[str]) -> Request | Misunderstood:
    """Answer the request that words of a shell make: what the shell has kept together is one word."""
    return parse(" ".join([verb, *map(_word, words)]))


def _word(word: str) -> str:
    """Write a word so that the grammar reads it as the shell had it."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return f"{name}={quote(value)}" if equals else name
    name, equals, value = word.partition("=")
    if equals and name.replace("-", "").isalnum():
        return f"{name}={quote(value)}"
    return quote(word)


def explained(problem: Misunderstood) -> str:
    """Say what was not understood, and the right form."""
    said = [str(problem.problem)]
    if problem.corrected:
        said.append(f"Did you mean: shipmate {problem.corrected}")
    if problem.form:
        said.append(f"The form is: shipmate {problem.form}")
    return "\n".join(said)
