"""Rate limits as the platform has them: a budget for each method, and one post a second in each channel.

Facts: docs.slack.dev, apis/web-api/rate-limits. A tier is a number of calls in any sixty seconds; posts have a
bucket for each channel, because short bursts are tolerated there. What is refused is not counted.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.errors import RateLimitedError

MINUTE = 60.0
POST_BURST = 12
POSTS_PER_SECOND = 1.0


class Tier(IntEnum):
    """Calls of one method a minute."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600
    """`auth.test` and its like: hundreds."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class RateLimits:
    """The limits of one app in one workspace."""

    clock: Clock
    _calls: dict[str, deque[float]] = field(default_factory=dict)
    _posts: dict[str, _Bucket] = field(default_factory=dict)

    def count(self, method: str, tier: Tier) -> None:
        """Count a call. Raises RateLimitedError when the minute's budget is used up."""
        now = self.clock.now()
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= tier:
            raise RateLimitedError(max(1, math.ceil(calls[0] + MINUTE - now)))
        calls.append(now)

    def count_post(self, channel: str) -> None:
        """Count a post in a channel. Raises RateLimitedError when they come too fast."""
        now = self.clock.now()
        bucket = self._posts.setdefault(channel, _Bucket(POST_BURST, now))
        bucket.tokens = min(POST_BURST, bucket.tokens + (now - bucket.at) * POSTS_PER_SECOND)
        bucket.at = now
        if bucket.tokens < 1:
            raise RateLimitedError(max(1, math.ceil((1 - bucket.tokens) / POSTS_PER_SECOND)))
        bucket.tokens -= 1
