"""What a call to someone else's server means: done, to be tried again, or refused for good."""

from bot.errors import Permanent, Temporary
from bot.steps.contract import HttpAnswer

RETRYABLE = frozenset({408, 425, 429})


def judge(answer: HttpAnswer, who: str) -> None:
    """Pass an answer of success. Raises Temporary for what may pass, Permanent for a refusal."""
    if 200 <= answer.status < 300:
        return
    said = f"{who} answered {answer.status}: {str(answer.body)[:200]}"
    if is_passing(answer.status):
        raise Temporary(said)
    raise Permanent(said)


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
