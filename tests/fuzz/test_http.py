"""Who calls over HTTP: tokens, headers, bodies and paths of the API and of triggers, over a real socket."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalog.machines import TriggerType
from bot.web.bodies import parse_json
from bot.web.endpoints import ENDPOINTS
from bot.web.problems import Problem
from tests.fuzz.anything import ASCII, JSON, TEXT, fuzzed, over_sockets, spoilt
from tests.web.ci import Ci, open_ci
from tests.web.payloads import ACR, CUSTOM, DOCKER_HUB, HARBOR, JFROG
from tests.web.people import People, open_people

WRONG: Final = range(400, 500)
PAYLOADS: Final = {
    TriggerType.CUSTOM: CUSTOM,
    TriggerType.DOCKER_HUB: DOCKER_HUB,
    TriggerType.HARBOR: HARBOR,
    TriggerType.ACR: ACR,
    TriggerType.JFROG: JFROG,
}
HEADER: Final = st.one_of(ASCII.map(str.strip), st.sampled_from(["²", "é", "-1", "9" * 5000, ""]))
PART: Final = st.one_of(TEXT, st.sampled_from(["shop", "dev", "prod", "..", "shop/dev/1", "%00"]))


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with open_people(tmp_path) as opened:
        yield opened


@pytest.fixture
async def ci(tmp_path: Path) -> AsyncIterator[Ci]:
    async with open_ci(tmp_path) as opened:
        for each in TriggerType:
            opened.employ(f"ci-{each}", type_=each)
        yield opened


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def coded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Write headers as bytes, as a client does that looks at nothing."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def quoted(text: str) -> str:
    """Write any text as a part of a path."""
    return quote(text[:300], safe="", errors="replace") or "-"


def is_told(answer: httpx.Response) -> None:
    """Check that a refusal says what is wrong."""
    if answer.status_code in WRONG:
        error = answer.json()["error"]
        assert error["code"]
        assert error["message"]


@over_sockets
@given(
    st.sampled_from(ENDPOINTS),
    st.lists(PART, min_size=2, max_size=2),
    st.one_of(
        JSON.map(written),
        st.binary(max_size=40),
        spoilt(
            {"version": "v1", "images": {"web": "x:1"}, "plan": True, "at": "18:00", "note": "n"},
            {"reason": "r", "lasting": "2h", "revision": 1, "confirmed": "", "step": "s"},
        ).map(written),
    ),
    HEADER,
)
@example(ENDPOINTS[0], ["shop", "dev"], b'{"\\ud800": 1}', "")
@example(ENDPOINTS[0], ["shop", "dev"], b'{"note": "\\ud800"}', "")
@example(ENDPOINTS[0], ["shop", "dev"], b'{"images": {"\\ud800": 1}}', "")
async def test_whatever_is_asked_is_answered_or_refused(
    people: People, endpoint: Any, named: list[str], body: bytes, key: str
) -> None:
    path = re.sub(r"{\w+}", "{}", endpoint.path).format(*map(quoted, named))
    headers = {
        "Authorization": f"Bearer {people.token('guest')}",
        "Content-Type": "application/json",
    }
    if key:
        headers["Idempotency-Key"] = key
    answer = await people.client.request(
        endpoint.method, f"/api/v1{path}", content=body, headers=coded(headers)
    )
    assert answer.status_code < 500
    is_told(answer)


@over_sockets
@given(HEADER, st.sampled_from(["Bearer ", "bearer ", "Basic ", ""]))
async def test_nobody_is_let_in_by_a_token_that_was_not_made(
    people: People, token: str, scheme: str
) -> None:
    headers = coded({"Authorization": f"{scheme}{token}".strip()})
    for method, path in (("GET", "/whoami"), ("POST", "/environments/prod/unlock")):
        answer = await people.client.request(method, f"/api/v1{path}", headers=headers)
        assert answer.status_code in {400, 401}
        if answer.status_code == 401:
            is_told(answer)


@over_sockets
@given(HEADER)
async def test_where_a_stream_goes_on_is_a_number_or_refused(people: People, after: str) -> None:
    headers = coded({"Authorization": f"Bearer {people.token('guest')}", "Last-Event-ID": after})
    answer = await people.client.get("/api/v1/runs/nothing/events", headers=headers)
    assert answer.status_code in {400, 404}
    is_told(answer)


@over_sockets
@given(
    st.sampled_from(TriggerType),
    st.data(),
    st.dictionaries(
        st.sampled_from(["X-JFrogUrl", "Idempotency-Key", "X-Request-Id", "Content-Type"]),
        HEADER,
        max_size=2,
    ),
)
@example(TriggerType.CUSTOM, None, {})
async def test_whatever_a_trigger_is_called_with_is_done_or_refused(
    ci: Ci, type_: TriggerType, data: st.DataObject | None, headers: dict[str, str]
) -> None:
    body = b'{"\\ud800": 1}'
    if data is not None:
        body = data.draw(
            st.one_of(
                spoilt(PAYLOADS[type_]).map(written), JSON.map(written), st.binary(max_size=40)
            )
        )
    answer = await ci.client.post(
        f"/api/v1/webhook/{ci.token(f'ci-{type_}')}",
        content=body,
        headers=coded(headers),
    )
    assert answer.status_code < 500
    is_told(answer)


@over_sockets
@given(PART)
async def test_no_trigger_is_opened_by_a_token_that_was_not_made(ci: Ci, token: str) -> None:
    answer = await ci.client.post(f"/api/v1/webhook/{quoted(token)}", json=CUSTOM)
    assert answer.status_code in WRONG
    is_told(answer)


@fuzzed
@given(st.one_of(st.binary(max_size=60), TEXT.map(lambda each: each.encode(errors="replace"))))
@example(b"1e999")
def test_a_body_is_json_or_refused(raw: bytes) -> None:
    try:
        json.dumps(parse_json(raw), allow_nan=False)
    except Problem as problem:
        assert problem.status == 400
