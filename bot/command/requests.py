"""The requests a person can make, typed: imperatives, frozen, the same whatever the chat.

`grammar` makes them of text and turns them back into text (a button's value is that text).
"""

from dataclasses import dataclass, field
from typing import Any

from bot.wording import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class RunName:
    """A run as people write it: `shop/prod#17`, or by its id as a button does."""

    application: str = ""
    environment: str = ""
    number: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """Run the workflow. `images` maps components to complete image references.

    `at` is a moment to begin at, as `bot.operations.moments` writes it; empty: now. `plan` only shows what would change; `show` is the part of it that is to be shown as a whole.
    """

    application: str
    environment: str
    version: str = ""
    images: dict[str, str] = field(default_factory=dict)
    commit: str = ""
    note: str = ""
    plan: bool = False
    show: str = ""
    at: str = ""
    branch: str = ""
    author: str = ""
    message: str = ""
    """Of the commit, as a CI system says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Deliver to `environment` what `origin` runs now. `plan`, `show` and `at` as for `Deploy`."""

    application: str
    origin: str
    environment: str
    note: str = ""
    plan: bool = False
    show: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """Deliver an older revision again. Without `confirmed` it only shows what would change.

    `revision` None means the one before. `confirmed` is the digest of what was shown.
    """

    application: str
    environment: str
    revision: int | None = None
    confirmed: str = ""
    note: str = ""
    show: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """List the revisions."""

    application: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Compare two revisions; without numbers, the newest with the one before. `live`: what is in force and the clusters."""

    application: str
    environment: str
    older: int | None = None
    newer: int | None = None
    live: bool = False
    show: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Say what is where."""

    application: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """List the attempts."""

    application: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Show one run."""

    run: RunName


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Show the last words of a run's steps: of those that failed, or of `step`."""

    run: RunName
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Answer yes. `step`, `attempt` and `shown` come from a button; a person who types may leave them out.

    `shown` is the digest of what the button was shown with. `emergency`: open the gate alone, for the reason given.
    """

    run: RunName
    reason: str = ""
    emergency: bool = False
    step: str = ""
    attempt: int = 0
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Answer no; the reason is required."""

    run: RunName
    reason: str = ""
    step: str = ""
    attempt: int = 0
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Take one's own yes back."""

    run: RunName
    step: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Say that one has looked at what was done in an emergency."""

    run: RunName
    note: str = ""
    step: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End a run now."""

    run: RunName
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Go on with a failed run from the step that failed, or from `step`."""

    run: RunName
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Let a run stand still."""

    run: RunName
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Let a run go on that stands still."""

    run: RunName
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Do all steps of a run again."""

    run: RunName


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Pass a step over; the reason is required."""

    run: RunName
    step: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Let nobody deliver to an environment, or one application there. `lasting` is as it was typed: `2h`.

    `version` is what whoever locks goes on delivering.
    """

    environment: str
    reason: str
    application: str = ""
    lasting: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Lift a lock."""

    environment: str
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Show who asked for what and what was answered. `since` is as it was typed: `2h`, `2026-11-20`."""

    application: str = ""
    environment: str = ""
    person: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Try out everything that is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apps:
    """List the applications."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envs:
    """List the environments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """List the processes of Shipmate, and say which of them leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmI:
    """Say who the asker is and what they may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Explain all verbs, or one."""

    verb: str = ""


Request = (
    Deploy
    | Promote
    | Rollback
    | Revisions
    | Diff
    | Status
    | Runs
    | Show
    | Logs
    | Approve
    | Reject
    | Withdraw
    | Sign
    | Stop
    | Retry
    | Pause
    | Resume
    | Restart
    | Skip
    | Lock
    | Unlock
    | Audit
    | Doctor
    | Apps
    | Envs
    | Replicas
    | WhoAmI
    | Help
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood:
    """The text is no request. `understood` is what could be read, `form` the right form, `example` one that works."""

    problem: Sentence
    """What is wrong, with the offending word: `I do not know the verb “deplyo”.`"""
    understood: str = ""
    form: str = ""
    example: str = ""
    nearest: tuple[str, ...] = ()
    verb: str = ""
    """The verb, when that much was clear: a form for its missing arguments can be opened."""
    missing: tuple[str, ...] = ()
    """Names of required arguments that were not given."""
    given: dict[str, Any] = field(default_factory=dict)
    """What could be read, by the fields of the verb's request."""
    corrected: str = ""
    """The request that it becomes with the one word that comes near; empty: none does, or several do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Where a request comes from: the chat's own verified identity and place.

    `identity` is the chat's stable user id; `email` the verified address the chat gives for it, if any.
    A display name is never an identity.
    """

    chat: str
    identity: str
    email: str
    channel: str
    via: str
    request: str
    """Id of the stored inbox entry: what is done for it is done once."""
    zone: str = ""
    """The time zone that the chat gives them, an IANA name; empty: it gives none."""
