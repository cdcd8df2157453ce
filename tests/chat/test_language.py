"""Every sentence stands in the catalogue of every language, and says the same things."""

from string import Formatter

import pytest

from bot.chat.language import (
    _,
    line,
    ngettext,
    nline,
    one_after_the_other,
    speaking,
)
from bot.chat.message import Bold
from bot.command.verbs import VERBS
from bot.wording import Sentence
from tests.chat.sentences import first, forms, known, others, said, unworded


def test_presenters_say_nothing_that_no_catalogue_can_have() -> None:
    assert list(unworded()) == []


OF_ENGLISH = {"n", "th"}
"""A number that a form of the plural already says, and the ending of an ordinal."""


@pytest.mark.parametrize("language", others())
def test_every_sentence_is_there(language: str) -> None:
    there = {first(each): each.string for each in known(language) if each.id}
    wanted = {first(each) for each in said() if each.id}
    assert sorted(wanted - there.keys()) == [], "python -m tests.chat.sentences adds them"
    assert sorted(there.keys() - wanted) == [], "python -m tests.chat.sentences removes them"
    assert [each for each, text in there.items() if not all(text or ("",))] == []


@pytest.mark.parametrize("language", others())
def test_what_is_filled_in_is_filled_in_in_every_language(language: str) -> None:
    for message in known(language):
        ids, texts = forms(message.id), forms(message.string)
        wanted = set().union(*(_placeholders(each) for each in ids))
        for text in texts:
            assert _placeholders(text) - OF_ENGLISH == wanted - OF_ENGLISH, message.id


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", others())
def test_what_verbs_do_is_explained_in_every_language(language: str) -> None:
    there = {first(each) for each in known(language) if each.id}
    assert [each.name for each in VERBS if {each.summary, each.group} - there] == []


def test_a_sentence_is_said_in_the_language_of_the_reader() -> None:
    assert _("Approve") == "Approve"
    with speaking("zh"):
        assert _("Approve") == "批准"
        with speaking("en"):
            assert _("Approve") == "Approve"
        assert _("Approve") == "批准"


def test_a_language_that_is_not_known_is_english() -> None:
    with speaking("fr"):
        assert _("Approve") == "Approve"


def test_marked_up_parts_stand_where_the_language_has_them() -> None:
    assert line("{who} may not.", who=Bold("dev")) == (Bold("dev"), " may not.")
    assert line("a {x} b", x="c") == ("a c b",)
    assert line("a {x} b", x=(" ", Bold("c"))) == ("a  ", Bold("c"), " b")


def test_a_number_chooses_the_form() -> None:
    assert ngettext("{n} dog", "{n} dogs", 1) == "1 dog"
    assert ngettext("{n} dog", "{n} dogs", 2) == "2 dogs"
    assert nline("{n} dog of {who}", "{n} dogs of {who}", 2, who="dev") == ("2 dogs of dev",)


def test_a_sentence_from_below_is_english_text_and_can_be_translated() -> None:
    composed = Sentence("“{text}” is no {what}.", text="x", what=Sentence("run"))
    assert composed == "“x” is no run."
    assert _(composed) == "“x” is no run."


def test_sentences_stand_one_after_the_other() -> None:
    assert one_after_the_other("One.", "", "Two.") == "One. Two."
    with speaking("zh"):
        assert one_after_the_other("一。", "二。") == "一。二。"
