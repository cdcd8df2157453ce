"""What a call to someone else's server means: done, to be tried again, or refused for good."""

from collections.abc import Callable

from bot.errors import Permanent, Temporary
from bot.steps.contract import HttpAnswer

LONGEST_SAID = 200
"""Characters of what somebody's server said."""
LOOKED_AT = 8192
"""Characters of an answer that are looked through for secrets: more than what is left of them can be shown."""
RETRYABLE = frozenset({408, 425, 429})


def judge(answer: HttpAnswer, who: str, clean: Callable[[str], str] = str) -> None:
    """Pass an answer of success. Raises Temporary for what may pass, Permanent for a refusal.

    What was said is shown as `told` shows it.
    """
    if 200 <= answer.status < 300:
        return
    if answer.redirect:
        raise Permanent(redirected(answer, who))
    said = f"{who} answered {answer.status}: {told(answer.body, clean)}"
    if is_passing(answer.status):
        raise Temporary(said)
    raise Permanent(said)


def told(body: object, clean: Callable[[str], str]) -> str:
    """Answer the beginning of what was said, `clean`ed before it is cut: half a secret is none that anyone knows."""
    return clean(cut(str(body), LOOKED_AT))[:LONGEST_SAID]


def cut(text: str, longest: int = LONGEST_SAID) -> str:
    """Answer a text of at most so many characters; by its end it is known that it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def redirected(answer: HttpAnswer, who: str) -> str:
    """Say that a redirect was not followed. A URL may be a secret, so that only its host is named."""
    return (
        f"{who} answered {answer.status}, a redirect to {answer.redirect}, which is not followed: "
        "name in the step where it is to go"
    )


def is_passing(status: int) -> bool:
    """Say whether the same call may be answered otherwise later."""
    return status in RETRYABLE or status >= 500


def left_by(answer: HttpAnswer) -> dict[str, object]:
    """Answer what `valueFrom` can see of a call, with KubeVela's paths: `response`, `req.$returns.statusCode`."""
    request = {"statusCode": answer.status, "body": answer.body, "response": {"body": answer.body}}
    return {
        "response": answer.body,
        "status": answer.status,
        "req": request,
        "webhook": {"req": request},
    }
