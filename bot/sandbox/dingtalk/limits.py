"""DingTalk's limits on calls: so many a second for each API, and twenty messages a minute for a custom robot."""

from collections.abc import Callable

from bot.sandbox.dingtalk.errors import DingTalkRefusal, Errcode

PER_SECOND = 20
"""Calls of one API that an app of the standard edition may make in a second."""
ROBOT_MESSAGES = 20
ROBOT_WINDOW = 60.0
ROBOT_PENALTY = 600.0
"""Seconds for which a robot that sent too much is not listened to."""


class Limits:
    """Counts calls and refuses those that are too many."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: dict[str, tuple[float, float]] = {}
        self._sent: dict[str, list[float]] = {}
        self._blocked: dict[str, float] = {}

    def count(self, api: str) -> None:
        """Count a call of an API. Raises DingTalkRefusal when it is one too many."""
        now = self._clock()
        tokens, at = self._calls.get(api, (float(PER_SECOND), now))
        tokens = min(float(PER_SECOND), tokens + (now - at) * PER_SECOND)
        if tokens < 1:
            self._calls[api] = (tokens, now)
            raise too_many(api)
        self._calls[api] = (tokens - 1, now)

    def robot(self, token: str) -> None:
        """Count a message of a custom robot. Raises Errcode while it is throttled."""
        now = self._clock()
        sent = [each for each in self._sent.get(token, []) if now - each < ROBOT_WINDOW]
        if now < self._blocked.get(token, 0.0):
            raise too_fast()
        if len(sent) >= ROBOT_MESSAGES:
            self._blocked[token] = now + ROBOT_PENALTY
            raise too_fast()
        self._sent[token] = [*sent, now]


def too_many(api: str) -> DingTalkRefusal:
    """Make the answer to one call too many."""
    return DingTalkRefusal(
        "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
        f"the app calls {api} more often than it may",
        403,
    )


def too_fast() -> Errcode:
    """Make the answer to a robot that sends too much."""
    return Errcode(130101, f"send too fast, exceed {ROBOT_MESSAGES} times per minute")
