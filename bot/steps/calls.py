"""What a call to someone else's server means: done, to be tried again, or refused for good."""

from collections.abc import Callable

from bot.errors import Permanent, Temporary
from bot.steps.contract import HttpAnswer

RETRYABLE = frozenset({408, 425, 429})


def judge(answer: HttpAnswer, who: str, clean: Callable[[str], str] = str) -> None:
    """Pass an answer of success. Raises Temporary for what may pass, Permanent for a refusal.

    What was said is `clean`ed before it is cut: half a secret is none that anyone knows.
    """
    if 200 <= answer.status < 300:
        return
    if answer.redirect:
        raise Permanent(redirected(answer, who))
    said = f"{who} answered {answer.status}: {clean(str(answer.body))[:200]}"
    if is_passing(answer.status):
        raise Temporary(said)
    raise Permanent(said)


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
