"""What people read of approvals that take more than one yes, word for word."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.catalog.approving import Requirement
from bot.chat.language import LANGUAGES, speaking
from bot.chat.presenters import replies
from bot.operations.results import EnvironmentList
from tests.chat.agreements import pages
from tests.chat.story import CATALOG, read

GOLDEN = Path(__file__).parent / "golden"
"""What was agreed; written anew by `python -m tests.chat.agreements [LANGUAGE]`."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_approval_reads_as_it_was_agreed(language: str) -> None:
    agreed = GOLDEN / language / "agreements.txt"
    with speaking(language):
        assert pages() == agreed.read_text(encoding="utf-8")


def test_a_list_of_environments_says_how_many_have_to_say_yes() -> None:
    environment = replace(
        CATALOG.environments["prod"],
        approvals=(
            Requirement(roles=("sre",), count=2),
            Requirement(roles=("security",), count=1),
        ),
    )
    result = EnvironmentList(environments=((environment, ("dev",), ("sre", "sre2", "claire")),))

    shown = replies.reply(result, CATALOG)

    assert shown is not None
    assert "approve: 2 of sre and 1 of security (sre, sre2, claire)" in read(shown)
