"""Where steps may call: judged where they connect, over real sockets; a redirect leads nowhere else."""

import asyncio
import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import trustme
from aiohttp import web

from bot.addresses import Addresses, read_addresses
from bot.errors import Permanent, Temporary
from bot.steps.contract import MailServer, Tls
from bot.steps.egress import MOST, Egress
from bot.steps.http import HttpCalls
from bot.steps.mailing import SmtpMail
from tests.patience import PATIENCE
from tests.steps.conftest import HERE, Receiver

Known = dict[str, list[str]]


def egress(setting: str) -> Egress:
    addresses, problems = read_addresses(setting)
    assert problems == []
    return Egress(addresses)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Known:
    """Give names addresses, in place of a server of DNS: of each list what is asked for next."""
    known: Known = {}
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **more: Any) -> list[Any]:
        if host not in known:
            return list(system(host, port, *args, **more))
        given = known[host].pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in given.split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


Caller = Callable[[Egress], HttpCalls]


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    made: list[HttpCalls] = []

    def make(out: Egress) -> HttpCalls:
        made.append(HttpCalls("shipmate/test", out))
        return made[-1]

    yield make
    for each in made:
        await each.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "0.0.0.0"])
async def test_this_machine_is_not_called_unless_it_is_allowed(
    caller: Caller, receiver: Receiver, host: str
) -> None:
    port = receiver.url.rpartition(":")[2]
    with pytest.raises(Permanent, match=r"this machine itself.*SHIPMATE_ALLOWED_ADDRESSES"):
        await caller(egress("")).send("POST", f"http://{host}:{port}/s3cr3t", {}, {})
    assert receiver.calls == []


async def test_a_refusal_names_the_host_and_no_more_of_a_url(caller: Caller) -> None:
    with pytest.raises(Permanent, match=r"169\.254\.169\.254 is link-local") as raised:
        await caller(egress("")).send("GET", "http://169.254.169.254/s3cr3t?t=s3cr3t", None, {})
    assert "s3cr3t" not in str(raised.value)


async def test_a_name_that_leads_to_a_guarded_address_is_refused(
    caller: Caller, names: Known
) -> None:
    names["hook.example.com"] = ["169.254.169.254"]
    with pytest.raises(Permanent, match=r"hook\.example\.com \(169\.254\.169\.254\) is link-local"):
        await caller(egress("hook.example.com")).send("POST", "http://hook.example.com/", {}, {})


async def test_what_was_judged_is_what_is_connected_to(
    caller: Caller, receiver: Receiver, names: Known
) -> None:
    # Whoever answers for the name has it mean another address a moment later: nobody asks again.
    names["hook.example.com"] = ["127.0.0.1", "169.254.169.254"]
    port = receiver.url.rpartition(":")[2]

    answer = await caller(HERE).send("POST", f"http://hook.example.com:{port}/", {}, {})

    assert answer.status == 200
    assert names["hook.example.com"] == ["169.254.169.254"]
    assert receiver.calls[0][1]["Host"] == f"hook.example.com:{port}"


async def test_of_several_addresses_only_allowed_ones_are_called(
    caller: Caller, receiver: Receiver, names: Known
) -> None:
    names["hook.example.com"] = ["169.254.169.254 127.0.0.1"]
    port = receiver.url.rpartition(":")[2]

    answer = await caller(HERE).send("POST", f"http://hook.example.com:{port}/", {}, {})

    assert answer.status == 200


async def test_a_name_without_an_address_may_have_one_later(caller: Caller) -> None:
    with pytest.raises(Temporary, match=r"nowhere\.invalid cannot be resolved"):
        await caller(HERE).send("POST", "http://nowhere.invalid/s3cr3t", {}, {})


async def test_tls_checks_the_name_and_not_the_address(
    caller: Caller, names: Known, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hook.example.com").configure_cert(server_tls)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"fine": True})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_tls).start()
    port = runner.addresses[0][1]
    names |= {"hook.example.com": ["127.0.0.1"], "other.example.com": ["127.0.0.1"]}
    http = caller(HERE)
    try:
        fine = await http.send("POST", f"https://hook.example.com:{port}/", {}, {})
        with pytest.raises(Temporary, match=r"other\.example\.com did not answer: ConnectError"):
            await http.send("POST", f"https://other.example.com:{port}/", {}, {})
    finally:
        await runner.cleanup()
    assert fine.body == {"fine": True}


async def test_a_redirect_is_followed_on_the_same_server_only(
    caller: Caller, receiver: Receiver, names: Known
) -> None:
    http = caller(HERE)
    port = receiver.url.rpartition(":")[2]
    names["elsewhere.example.com"] = ["127.0.0.1"]
    receiver.status = 302

    receiver.headers = {"Location": f"{receiver.url}/arrived"}
    assert (await http.send("GET", receiver.url, None, {}, follow=True)).body == "here"

    for location, said in (
        (f"http://elsewhere.example.com:{port}/arrived?t=s3cr3t", "elsewhere.example.com"),
        (f"https://127.0.0.1:{port}/arrived", "https://127.0.0.1"),
        ("http://127.0.0.1:9/arrived", "port 9"),
        ("file:///etc/passwd", "nowhere"),
    ):
        receiver.headers = {"Location": location}
        with pytest.raises(
            Permanent, match=f"127.0.0.1 answered 302, a redirect to .*{said}"
        ) as raised:
            await http.send("GET", receiver.url, None, {}, follow=True)
        assert "s3cr3t" not in str(raised.value)
    assert [path for path, _, _ in receiver.calls if path == "/arrived"] == ["/arrived"]
    assert names["elsewhere.example.com"] == ["127.0.0.1"]


async def test_a_redirect_in_a_circle_ends(caller: Caller, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    with pytest.raises(Permanent, match="redirects more than 5 times"):
        await caller(HERE).send("GET", receiver.url, None, {}, follow=True)
    assert len(receiver.calls) == 6


async def test_a_cookie_that_one_call_was_given_is_not_sent_with_the_next(
    caller: Caller, receiver: Receiver
) -> None:
    http = caller(HERE)
    receiver.headers = {"Set-Cookie": "session=of-somebody-else; Path=/"}
    await http.send("GET", receiver.url, None, {})
    await http.send("GET", receiver.url, None, {"Cookie": "own=1"})
    await http.send("GET", receiver.url, None, {})
    assert [headers.get("Cookie", "") for _, headers, _ in receiver.calls] == ["", "own=1", ""]


async def test_an_answer_that_unpacks_without_end_is_not_unpacked(
    caller: Caller, receiver: Receiver
) -> None:
    http = caller(HERE)
    receiver.headers = {"Content-Encoding": "gzip"}
    receiver.body = gzip.compress(b'{"a": 1}')
    assert (await http.send("GET", receiver.url, None, {})).body == {"a": 1}
    receiver.body = gzip.compress(b"0" * 20_000_000)
    with pytest.raises(Temporary, match="longer than 1 MB"):
        await http.send("GET", receiver.url, None, {})
    assert receiver.calls[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[" * 100_000, "application/json"),
        (b"NaN", "application/json"),
        (b"1e999", "application/json"),
        (b"9" * 5000, "application/json"),
        (b"xyz-", "text/plain; charset=punycode"),
        (b"xyz", "text/plain; charset=zip"),
    ],
)
async def test_whatever_a_server_says_is_a_value_that_can_be_kept(
    caller: Caller, receiver: Receiver, body: bytes, kind: str
) -> None:
    receiver.body, receiver.headers = body, {"Content-Type": kind}
    answer = await caller(HERE).send("GET", receiver.url, None, {})
    assert answer.body == body.decode()
    json.dumps(answer.body, allow_nan=False)


async def test_what_can_never_be_sent_is_not_tried_again(
    caller: Caller, receiver: Receiver
) -> None:
    http = caller(HERE)
    for headers in ({"X-Team": "a\r\nX-Other: b"}, {"X-Team": "船"}):
        with pytest.raises(Permanent):
            await http.send("POST", receiver.url, {}, headers)
    with pytest.raises(Permanent, match="the URL cannot be read"):
        await http.send("POST", "http://[::1/", {}, {})
    assert receiver.calls == []


async def test_a_proxy_of_the_environment_is_used_and_names_are_judged_before(
    caller: Caller, receiver: Receiver
) -> None:
    addresses, _ = read_addresses("hook.example.com, 127.0.0.1")
    http = caller(Egress(addresses, {"http": receiver.url, "no": "127.0.0.1"}))

    await http.send("POST", "http://hook.example.com/a", {}, {})  # no such host: the proxy is asked
    assert receiver.calls[0][1]["Host"] == "hook.example.com"
    with pytest.raises(Permanent, match=r"other\.example\.com is not among those"):
        await http.send("POST", "http://other.example.com/a", {}, {})
    with pytest.raises(Permanent, match=r"2130706433 \(127\.0\.0\.1\) is this machine itself"):
        await caller(Egress(Addresses(), {"all": receiver.url})).send(
            "POST", "http://2130706433/", {}, {}
        )
    await http.send("POST", f"{receiver.url}/direct", {}, {})
    assert [path for path, _, _ in receiver.calls] == ["/a", "/direct"]


async def test_a_name_beyond_ascii_is_allowed_as_dns_has_it_by_way_of_a_proxy_too(
    caller: Caller, receiver: Receiver
) -> None:
    addresses, _ = read_addresses("xn--bcher-kva.example")
    out = Egress(addresses, {"http": receiver.url})
    await out.check("http://bücher.example/")
    answer = await caller(out).send("POST", "http://bücher.example/", {}, {})
    assert answer.status == 200
    assert receiver.calls[0][1]["Host"] == "xn--bcher-kva.example"


async def test_a_mail_server_is_judged_as_well() -> None:
    server = MailServer(host="localhost", port=25, tls=Tls.NONE)
    with pytest.raises(Permanent, match=r"this machine itself.*SHIPMATE_ALLOWED_ADDRESSES"):
        await SmtpMail(Egress(Addresses())).try_out(server)


async def test_a_hundred_slow_receivers_do_not_stop_a_call_and_one_more_is_told_why(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.steps.http.TIMEOUT", PATIENCE)
    monkeypatch.setattr("bot.steps.http.QUEUED", 1.0)
    here, all_here, let_go = 0, asyncio.Event(), asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        nonlocal here
        here += 1
        if here == MOST:
            all_here.set()
        await let_go.wait()
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    http = caller(HERE)
    try:
        slow = [asyncio.create_task(http.send("GET", url, None, {})) for _ in range(MOST)]
        async with asyncio.timeout(PATIENCE):
            await all_here.wait()
        with pytest.raises(Temporary, match=r"127\.0\.0\.1 was not called: too many calls"):
            await http.send("GET", url, None, {})
        let_go.set()
        answers = await asyncio.gather(*slow)
    finally:
        let_go.set()
        await runner.cleanup()
    assert {each.status for each in answers} == {200}
