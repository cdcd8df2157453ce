"""Whose turn it is: the order within a thread is kept, approvals get through, a Retry-After is obeyed."""

from dataclasses import replace

from bot.chat.budget import EDIT_BURST, POST_BURST, RESERVE, Budget
from bot.chat.ports import Kind, Shown
from bot.chat.turns import Turns
from bot.events import RunId

CARD = Shown(
    key="1/card", run=RunId("1"), kind=Kind.CARD, chat="slack", channel="C01", in_thread=False
)
FIRST = replace(CARD, key="1/event/1", kind=Kind.EVENT, in_thread=True, number=1)
SECOND = replace(FIRST, key="1/event/2", number=2)
ASKED = replace(FIRST, key="1/approval/a/1", kind=Kind.APPROVAL)
OTHER = replace(FIRST, key="2/event/1", run=RunId("2"))


def test_what_comes_later_in_a_thread_waits_for_what_comes_first() -> None:
    turns = Turns([FIRST, SECOND, OTHER])
    turns.waited(FIRST, 3.0)

    assert turns.behind(SECOND) == 3.0
    assert turns.behind(OTHER) == 0
    assert turns.behind(replace(SECOND, ts="1.0")) == 0, "an edit overtakes nothing"
    assert turns.behind(replace(CARD)) == 0


def test_a_thread_with_an_approval_to_ask_for_may_use_the_reserve() -> None:
    turns = Turns([FIRST, ASKED, OTHER])

    assert turns.urgent(FIRST), "it stands before the request"
    assert turns.urgent(ASKED)
    assert not turns.urgent(OTHER)
    assert not Turns([replace(ASKED, ts="1.0")]).urgent(FIRST), "it was asked for"


def test_posts_leave_a_reserve_for_approvals() -> None:
    budget = Budget()
    for _ in range(int(POST_BURST) - 1):
        assert budget.wait_to_post("C01", 0.0) == 0
        budget.posted("C01", 0.0)

    assert budget.wait_to_post("C01", 0.0) > 0
    assert budget.wait_to_post("C01", 0.0, matters=True) == 0
    assert budget.wait_to_post("C02", 0.0) == 0, "each channel has its own budget"


def test_edits_of_all_channels_share_one_budget_with_a_reserve_for_what_matters() -> None:
    budget = Budget()
    for _ in range(int(EDIT_BURST - RESERVE)):
        assert budget.wait_to_edit(0.0, matters=False) == 0
        budget.edited(0.0)

    assert budget.wait_to_edit(0.0, matters=False) > 0
    assert budget.wait_to_edit(0.0, matters=True) == 0


def test_a_retry_after_closes_posts_of_a_channel_and_edits_everywhere() -> None:
    budget = Budget()
    budget.close("post", "C01", 30.0)
    budget.close("edit", "C01", 20.0)

    assert budget.wait_to_post("C01", 0.0, matters=True) == 30.0
    assert budget.wait_to_post("C02", 0.0) == 0
    assert budget.wait_to_edit(0.0, matters=True) == 20.0
    assert budget.wait_to_edit(20.0, matters=True) == 0
