"""What people read of approvals that take more than one yes, word for word."""

from pathlib import Path

from tests.chat.agreements import pages

GOLDEN = Path(__file__).parent / "golden" / "agreements.txt"


def test_every_state_of_an_approval_reads_as_it_was_agreed() -> None:
    assert pages() == GOLDEN.read_text(encoding="utf-8")
