"""Interactive cards: what each one holds, for everyone and for single people, on the shelf before it is answered.

A card is known by the id that the app gave it (`cardBizId` or `outTrackId`) and may be shown in several messages.
"""

import time
from collections.abc import Callable
from typing import Any

from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.organization import ROBOT_NAME, Member
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]

STANDARD = "StandardCard"
REACTION = 3.0
"""Seconds for which people may still press a button that an update has just taken away."""


class Cards:
    """All cards of the app."""

    def __init__(
        self,
        shelf: Shelf,
        conversations: Conversations,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shelf = shelf
        self._conversations = conversations
        self._clock = clock
        self._cards: dict[str, Json] = dict(shelf.items("dingtalk/cards"))
        self._before: dict[str, tuple[float, Json]] = {}

    def find(self, card: str) -> Json | None:
        """Find a card by the app's id."""
        return self._cards.get(card)

    def create(self, card: str, template: str, public: Json, private: Json, **more: Any) -> Json:
        """Make a card; one that is there already stays as it is, as the platform has it."""
        if card not in self._cards:
            self._keep(
                {
                    "id": card,
                    "template": template,
                    "public": public,
                    "private": private,
                    "edited": False,
                    **more,
                }
            )
        return self._cards[card]

    def deliver(self, card: Json, conversation: str, receivers: list[str], at: list[str]) -> Json:
        """Show a card in a conversation, once; answer the message.

        `receivers` are the staff ids of those who alone see it, none for everyone; `at` are the names of those it mentions.
        """
        for each in self._conversations.within(conversation):
            if each.get("card") == card["id"]:
                return each
        return self._conversations.add(
            conversation,
            ROBOT_NAME,
            "card",
            {},
            card=card["id"],
            receivers=receivers,
            at=at,
            key=self._conversations.new_id("query"),
        )

    def update(self, card: Json, public: Json | None, private: Json, options: Json) -> None:
        """Change what a card holds.

        `options` are the `cardUpdateOptions`: without `updateCardDataByKey` the public data are replaced as a whole,
        without `updatePrivateDataByKey` those of each person that is named.
        """
        self._before[card["id"]] = (self._clock(), dict(card))
        changed = dict(card, edited=True)
        if public is not None:
            by_key = options.get("updateCardDataByKey") is True
            changed["public"] = {**card["public"], **public} if by_key else public
        by_key = options.get("updatePrivateDataByKey") is True
        changed["private"] = {
            **card["private"],
            **{
                user: {**card["private"].get(user, {}), **data} if by_key else data
                for user, data in private.items()
            },
        }
        self._keep(changed)
        for each in list(self._conversations.messages.values()):
            if each.get("card") == card["id"]:
                self._conversations.refresh(each["conversation"])

    def variables(self, card: Json, viewer: Member | None) -> Json:
        """Answer what a card holds for a viewer: their own data lie above everyone's."""
        own = card["private"].get(viewer.staff_id, {}) if viewer and viewer.staff_id else {}
        return {**card["public"], **own}

    def recently(self, card: Json) -> Json | None:
        """Answer the card as it was a moment ago: someone may be pressing what it showed."""
        changed, before = self._before.get(card["id"], (0.0, card))
        return before if self._clock() - changed < REACTION and before is not card else None

    def _keep(self, card: Json) -> None:
        self._shelf.put("dingtalk/cards", card["id"], card)
        self._cards[card["id"]] = card
