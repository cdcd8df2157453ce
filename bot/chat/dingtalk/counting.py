"""Tells a listener each call of DingTalk's OpenAPI: which one, what came of it, and how long it took; as Slack's are told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import Temporary
from bot.traces import span

OnCall = Callable[[str, str, float], None]
"""Is told a call: `/v1.0/card/instances`, `ok`, `limited` or `error`, and its seconds."""


@contextmanager
def counted(path: str, on_call: OnCall) -> Iterator[None]:
    """Say what comes of the call inside. What DingTalk holds back for a while names the while."""
    began, result = time.perf_counter(), "error"
    try:
        with span(f"dingtalk {path}", outgoing=True):
            yield
        result = "ok"
    except Temporary as error:
        if error.retry_after is not None:
            result = "limited"
        raise
    finally:
        on_call(path, result, time.perf_counter() - began)
