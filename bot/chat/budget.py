"""How much may be said when: the chat's limits as token buckets, with a reserve for what matters. Pure.

Slack takes about one post a second in a channel with short bursts, and 50 edits a minute
over all channels (docs.slack.dev, rate limits). DingTalk takes 20 calls a second of each API of an app, and tells
a robot that says too much in one group (`send.too.fast`). A `Retry-After` closes the method until it is over.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Tokens that come back with time."""

    capacity: float
    per_second: float
    tokens: float
    at: float

    def wait(self, now: float, keep: float = 0.0) -> float:
        """Answer the seconds until one token beyond `keep` is there; 0 when it is."""
        self._fill(now)
        missing = 1.0 + keep - self.tokens
        return max(0.0, missing / self.per_second)

    def take(self, now: float) -> None:
        """Use one up."""
        self._fill(now)
        self.tokens -= 1.0

    def _fill(self, now: float) -> None:
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.per_second)
        self.at = now


POST_BURST = 4.0
POSTS_PER_SECOND = 0.95
POST_RESERVE = 1.0
"""Posts of a channel that only what someone's answer depends on may use."""
EDIT_BURST = 30.0
EDITS_PER_SECOND = 45 / 60
RESERVE = 8.0
"""Edits that only approvals and final states may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a chat takes: bursts, what comes back a second, and the part of each burst that is kept for what matters."""

    post_burst: float = POST_BURST
    posts_per_second: float = POSTS_PER_SECOND
    post_reserve: float = POST_RESERVE
    edit_burst: float = EDIT_BURST
    edits_per_second: float = EDITS_PER_SECOND
    edit_reserve: float = RESERVE


SLACK_LIMITS = Limits()
DINGTALK_LIMITS = Limits(
    post_burst=12.0,
    posts_per_second=1.0,
    post_reserve=3.0,
    edit_burst=10.0,
    edits_per_second=5.0,
    edit_reserve=4.0,
)
"""Half of what an app of the standard edition may call a second, and no more posts in a group than people can read."""


@dataclass(slots=True)
class Budget:
    """What is left of the limits of one chat."""

    limits: Limits = SLACK_LIMITS
    posts: dict[str, Bucket] = field(default_factory=dict)
    edits: Bucket | None = None
    closed: dict[tuple[str, str], float] = field(default_factory=dict)

    def wait_to_post(self, channel: str, now: float, *, matters: bool = False) -> float:
        """Answer the seconds until a post may go to a channel."""
        most, rate = self.limits.post_burst, self.limits.posts_per_second
        bucket = self.posts.setdefault(channel, Bucket(most, rate, most, now))
        wait = bucket.wait(now, 0.0 if matters else self.limits.post_reserve)
        return max(wait, self.closed.get(("post", channel), 0.0) - now)

    def posted(self, channel: str, now: float) -> None:
        """Count a post."""
        self.posts[channel].take(now)

    def wait_to_edit(self, now: float, *, matters: bool) -> float:
        """Answer the seconds until an edit may be made, in whatever channel."""
        if self.edits is None:
            most, rate = self.limits.edit_burst, self.limits.edits_per_second
            self.edits = Bucket(most, rate, most, now)
        wait = self.edits.wait(now, 0.0 if matters else self.limits.edit_reserve)
        return max(wait, self.closed.get(("edit", ""), 0.0) - now)

    def edited(self, now: float) -> None:
        """Count an edit."""
        if self.edits is not None:
            self.edits.take(now)

    def close(self, method: str, channel: str, until: float) -> None:
        """Obey a Retry-After: of posts it is about one channel, of edits (Slack's Tier 3) about all of them."""
        self.closed[method, channel if method == "post" else ""] = until
