"""What people read of approvals that take more than one yes, word for word."""

from pathlib import Path

import pytest

from bot.chat.language import LANGUAGES, speaking
from tests.chat.agreements import pages

GOLDEN = Path(__file__).parent / "golden"
"""What was agreed; written anew by `python -m tests.chat.agreements [LANGUAGE]`."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_approval_reads_as_it_was_agreed(language: str) -> None:
    agreed = GOLDEN / language / "agreements.txt"
    with speaking(language):
        assert pages() == agreed.read_text(encoding="utf-8")
