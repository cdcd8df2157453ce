"""Slack's rate limits: one post a second in a channel with some burst, tiers for the methods.

Source: docs.slack.dev, apis/web-api/rate-limits. The tiers say how many calls a minute an app may make.
"""

import math
from collections.abc import Callable

BURST = 12
"""Posts that a channel takes at once (`short bursts` in the documentation; the number is ours)."""

PER_MINUTE = {
    "apps.connections.open": 20,
    "auth.test": 1000,
    "chat.delete": 50,
    "chat.getPermalink": 1000,
    "chat.postEphemeral": 100,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.list": 20,
    "conversations.members": 100,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "users.info": 100,
    "users.list": 20,
    "users.lookupByEmail": 50,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}


class Limits:
    """Counts calls and says when there were too many."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, method: str, channel: str) -> int:
        """Count a call; answer 0, or the seconds of a `Retry-After` when it is too much."""
        if method in {"chat.postMessage", "webhook"}:
            return self._take(f"{method}/{channel}", BURST, 1.0)
        per_minute = PER_MINUTE.get(method, 50)
        return self._take(method, per_minute, per_minute / 60)

    def _take(self, key: str, capacity: float, per_second: float) -> int:
        now = self._clock()
        tokens, at = self._buckets.get(key, (capacity, now))
        tokens = min(capacity, tokens + (now - at) * per_second)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / per_second))
        self._buckets[key] = (tokens - 1, now)
        return 0
