"""What the HTTP client does when the other side behaves, misbehaves or is not there."""

import json
import socket
import threading
import time
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration import errors
from integration.http import USER_AGENT, ApiClient, Call, Effect, Exchange, Expect, Timeouts
from integration.http.deadline import time_is_up, within
from tests.http.server import Reply, answer, drip, raw, reset, scripted, silence

PATIENT = Timeouts(connect=60, read=60, total=120)
"""For what is answered, however slow the machine is."""

QUICK = Timeouts(connect=5, read=0.5, total=1)
"""For what is never answered."""

LONG = 60
"""Seconds that nothing waits out: silence lasts so long, and what ends in half the time was ended by its own deadline."""

HTML = answer(200, "<html><h1>Log in</h1></html>", content_type="text/html")
EFFECTS = list(Effect)


def call(effect: Effect = Effect.READ, **changes: Any) -> Call:
    values: dict[str, Any] = {
        "operation": "get_thing",
        "method": "GET" if effect is Effect.READ else "POST",
        "path": "/thing",
        "effect": effect,
    }
    return Call(**(values | changes))


def perform(base_url: str, made: Call, **options: Any) -> object:
    client = ApiClient("Remote", base_url, {"Authorization": "Basic c2VjcmV0"}, **({"timeouts": PATIENT} | options))
    try:
        return client.perform(made, lambda body: body)
    finally:
        client.close()


def failure(effect: Effect, *replies: Reply, **options: Any) -> tuple[errors.KvittensError, int]:
    """The error of one call against the replies, and how many requests were made."""
    with scripted(*replies) as server:
        with pytest.raises(errors.KvittensError) as raised:
            perform(server.url, call(effect), **options)
        server.wait_for_a_request()
    return raised.value, len(server.requests)


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_sends_headers_query_and_exact_numbers_and_reads_json():
    with scripted(answer(200, {"ok": True})) as server:
        payload = {"price": Decimal("0.1"), "count": Decimal(3), "name": "Åsa"}
        body = perform(server.url, call(Effect.WRITE, params={"q": "å b"}, payload=payload))
    (request,) = server.requests
    assert body == {"ok": True}
    assert request.target == "/thing?q=%C3%A5%20b"
    assert request.body.decode() == '{"price": 0.1, "count": 3, "name": "Åsa"}'
    assert request.headers["user-agent"] == USER_AGENT
    assert request.headers["authorization"] == "Basic c2VjcmV0"
    assert request.headers["content-type"] == "application/json"
    assert len(request.headers["x-request-id"]) == 32


def test_user_agent_names_this_version():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert f"Kvittens/{project['project']['version']} (+Billecta-Lime portal)" == USER_AGENT


@pytest.mark.parametrize("effect", EFFECTS)
def test_what_was_never_sent_may_be_repeated(effect: Effect):
    with pytest.raises(errors.RemoteUnavailable, match="no connection"):
        perform(closed_port(), call(effect))


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_unknown_host_means_never_sent(effect: Effect, monkeypatch: pytest.MonkeyPatch):
    def unresolved(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    with pytest.raises(errors.RemoteUnavailable, match="Name or service not known"):
        perform("http://billecta.invalid", call(effect))


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_failed_tls_handshake_means_never_sent(effect: Effect):
    with scripted(answer(200, {})) as server, pytest.raises(errors.RemoteUnavailable, match="no connection"):
        perform(server.url.replace("http:", "https:"), call(effect), timeouts=QUICK)


@pytest.mark.parametrize(
    ("effect", "expected", "requests"),
    [(Effect.READ, errors.RemoteTimeout, 1), (Effect.REPEATABLE_WRITE, errors.RemoteTimeout, 1), (Effect.WRITE, errors.OutcomeUnknown, 1)],
)
def test_silence_is_a_timeout_and_unknown_for_a_write(effect: Effect, expected: type, requests: int):
    error, made = failure(effect, silence(LONG), timeouts=QUICK)
    assert type(error) is expected
    assert made == requests


@pytest.mark.parametrize("part", ["headers", "body"])
@pytest.mark.parametrize(("effect", "expected"), [(Effect.READ, errors.RemoteTimeout), (Effect.WRITE, errors.OutcomeUnknown)])
def test_a_drip_ends_at_the_total_deadline(part: str, effect: Effect, expected: type):
    head = b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1500 + b"\r\nContent-Length: 1600\r\n\r\n"
    wire = head if part == "headers" else b" " * 400

    def reply(connection: socket.socket) -> None:
        if part == "body":
            connection.sendall(head)
        drip(wire * 4, seconds_between=0.05)(connection)

    started = time.monotonic()
    error, made = failure(effect, reply, timeouts=QUICK)
    assert type(error) is expected
    assert made == 1
    assert time.monotonic() - started < LONG / 2


@pytest.mark.parametrize(
    ("effect", "expected", "requests"),
    [
        (Effect.READ, errors.RemoteUnavailable, 2),
        (Effect.REPEATABLE_WRITE, errors.RemoteUnavailable, 1),
        (Effect.WRITE, errors.OutcomeUnknown, 1),
    ],
)
@pytest.mark.parametrize("reply", [reset, answer(502), answer(503), answer(504)], ids=["reset", "502", "503", "504"])
def test_a_passing_failure_repeats_reads_once_and_writes_never(effect: Effect, expected: type, requests: int, reply: Reply):
    error, made = failure(effect, reply)
    assert type(error) is expected
    assert made == requests


def test_each_wait_is_no_longer_than_what_is_left_of_the_call():
    def late_then_silent(connection: socket.socket) -> None:
        time.sleep(0.5)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        time.sleep(LONG)

    started = time.monotonic()
    error, _ = failure(Effect.READ, late_then_silent, timeouts=Timeouts(connect=5, read=LONG, total=1))
    assert isinstance(error, errors.RemoteTimeout)
    assert time.monotonic() - started < LONG / 2


def test_the_quick_retry_can_succeed_with_the_same_request_id():
    exchanges: list[Exchange] = []
    with scripted(reset, answer(200, [1])) as server:
        assert perform(server.url, call(), on_exchange=exchanges.append) == [1]
    first, second = server.requests
    assert first.headers["x-request-id"] == second.headers["x-request-id"] == exchanges[0].request_id
    assert [(exchange.status, exchange.error) for exchange in exchanges] == [(None, "remote_unavailable"), (200, None)]


def test_no_quick_retry_when_told_to_wait():
    error, made = failure(Effect.READ, answer(503, headers={"Retry-After": "30"}))
    assert isinstance(error, errors.RemoteUnavailable)
    assert error.not_before is not None
    assert made == 1


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        answer(200, "not json"),
        answer(200),
        answer(200, '{"a": NaN}'),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"),
        raw(b"nonsense\r\n\r\n"),
        answer(500),
        answer(408),
    ],
    ids=["html", "text", "empty", "nan", "truncated", "no-http", "500", "408"],
)
@pytest.mark.parametrize(
    ("effect", "expected"), [(Effect.REPEATABLE_WRITE, errors.RemoteUnavailable), (Effect.WRITE, errors.OutcomeUnknown)]
)
def test_what_cannot_be_read_is_indefinite(reply: Reply, effect: Effect, expected: type):
    error, made = failure(effect, reply)
    assert type(error) is expected
    assert made == 1


def test_a_write_whose_answer_the_reader_refuses_is_unknown():
    def read(body: object) -> None:
        raise errors.RemoteUnavailable(system="Remote", detail="CreatedView.PublicId is missing")

    with scripted(answer(200, {})) as server:
        client = ApiClient("Remote", server.url, {}, timeouts=PATIENT)
        with pytest.raises(errors.OutcomeUnknown, match=r"get_thing.*CreatedView.PublicId is missing"):
            client.perform(call(Effect.WRITE), read)
        client.close()


def test_nothing_expected_takes_an_empty_answer_but_no_page():
    with scripted(answer(200), HTML) as server:
        nothing = call(Effect.WRITE, expect=Expect.NOTHING)
        assert perform(server.url, nothing) is None
        with pytest.raises(errors.OutcomeUnknown):
            perform(server.url, nothing)


def test_bytes_are_given_as_they_are_but_no_page():
    with scripted(answer(200, b"%PDF-1.7", content_type="application/pdf"), HTML) as server:
        file = call(expect=Expect.BYTES)
        assert perform(server.url, file) == b"%PDF-1.7"
        with pytest.raises(errors.RemoteUnavailable, match="page instead of a file"):
            perform(server.url, file)


def test_a_too_long_answer_is_given_up():
    error, _ = failure(Effect.WRITE, answer(200, "x" * 2000), max_bytes=1000)
    assert isinstance(error, errors.OutcomeUnknown)
    assert "1000 bytes" in str(error)


@pytest.mark.parametrize("effect", EFFECTS)
def test_429_with_seconds(effect: Effect):
    before = datetime.now(UTC)
    error, made = failure(effect, answer(429, headers={"Retry-After": "120"}))
    assert isinstance(error, errors.RateLimited)
    assert error.not_before is not None
    assert timedelta(seconds=119) < error.not_before - before < timedelta(seconds=180)
    assert made == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Wed, 01 Jan 2020 00:00:00 GMT", timedelta(0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", timedelta(days=1)),
        ("99999999999999", timedelta(days=1)),
    ],
    ids=["past", "far", "huge"],
)
def test_429_with_a_date_is_kept_within_reason(header: str, expected: timedelta):
    error, _ = failure(Effect.WRITE, answer(429, headers={"Retry-After": header}))
    assert isinstance(error, errors.RateLimited)
    assert error.not_before is not None
    assert abs(error.not_before - datetime.now(UTC) - expected) < timedelta(seconds=60)


def test_429_with_a_near_date():
    moment = (datetime.now(UTC) + timedelta(minutes=5)).replace(microsecond=0)
    error, _ = failure(Effect.READ, answer(429, headers={"Retry-After": moment.strftime("%a, %d %b %Y %H:%M:%S GMT")}))
    assert isinstance(error, errors.RateLimited)
    assert error.not_before == moment


@pytest.mark.parametrize("header", ["", "soon", "-5"])
def test_429_without_a_readable_time(header: str):
    error, _ = failure(Effect.READ, answer(429, headers={"Retry-After": header}))
    assert isinstance(error, errors.RateLimited)
    assert error.not_before is None


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, errors.CredentialsRefused),
        (403, errors.CredentialsRefused),
        (404, errors.RemoteNotFound),
        (400, errors.RemoteRejected),
        (409, errors.RemoteRejected),
    ],
)
def test_refusals_are_definite(effect: Effect, status: int, expected: type):
    error, made = failure(effect, answer(status, {"message": "no"}))
    assert type(error) is expected
    assert made == 1


def test_redirects_are_not_followed():
    with scripted(answer(200, {"elsewhere": True})) as other:
        error, _ = failure(Effect.READ, answer(302, headers={"Location": other.url}))
    assert isinstance(error, errors.RemoteRejected)
    assert error.params["status"] == 302
    assert other.requests == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"Message": "Debtor &amp; creditor differ"}, "Debtor & creditor differ"),
        ({"error": {"message": "deep"}}, "deep"),
        ({"detail": "Personnummer 191212121212 är fel"}, "Personnummer 19121212-•••• är fel"),
        ("<html><style>p{}</style><p>Bad <b>request</b></p></html>", "Bad request"),
        ({"errors": ["a"]}, '{"errors": ["a"]}'),
        ("", "no reason given"),
        ("x" * 900, "x" * 500),
    ],
)
def test_a_refusal_tells_the_remotes_own_words(body: object, detail: str):
    error, _ = failure(Effect.WRITE, answer(400, body))
    assert isinstance(error, errors.RemoteRejected)
    assert error.params["detail"] == detail


def test_an_exchange_is_recorded_without_secrets_and_personal_data():
    exchanges: list[Exchange] = []
    made = call(Effect.WRITE, params={"orgno": "191212121212"}, payload={"Name": "Anna Ek", "Email": "anna@example.se", "Value": 5})
    with scripted(answer(200, [{"OrgNo": "5566778899"}] * 40)) as server:
        perform(server.url, made, on_exchange=exchanges.append)
    (exchange,) = exchanges
    assert exchange.path == "/thing?orgno=19121212-••••"
    assert json.loads(exchange.request) == {"Name": "A••• E•••", "Email": "a•••@example.se", "Value": 5}
    assert json.loads(exchange.response)[0] == {"OrgNo": "556677-••••"}
    assert json.loads(exchange.response)[-1] == "… 20 more"
    assert (exchange.system, exchange.operation, exchange.status, exchange.error) == ("Remote", "get_thing", 200, None)
    assert "c2VjcmV0" not in repr(exchange)


def test_a_long_body_is_cut_in_the_record():
    exchanges: list[Exchange] = []
    with scripted(answer(200, {"Text": "long " * 10_000})) as server:
        perform(server.url, call(), on_exchange=exchanges.append)
    assert len(exchanges[0].response) < 8_100
    assert exchanges[0].response.endswith("characters)")


def test_the_throttle_is_asked_for_every_request_and_stops_the_call():
    class Bucket:
        left = 2

        def take(self) -> None:
            if not self.left:
                raise errors.Throttled(system="Remote")
            self.left -= 1

    bucket = Bucket()
    with scripted(reset, answer(200, {})) as server:
        perform(server.url, call(), throttle=bucket)
        with pytest.raises(errors.Throttled):
            perform(server.url, call(Effect.WRITE), throttle=bucket)
    assert len(server.requests) == 2


def test_proxies_and_cookies_are_ignored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    with scripted(answer(200, {}, headers={"Set-Cookie": "session=1; Path=/"})) as server:
        client = ApiClient("Remote", server.url, {}, timeouts=PATIENT)
        for _ in range(2):
            client.perform(call(), lambda body: body)
        client.close()
    assert "cookie" not in server.requests[1].headers


def test_one_client_serves_many_threads():
    def reply(connection: socket.socket) -> None:
        time.sleep(0.05)
        answer(200, {})(connection)

    found: list[object] = []
    with scripted(reply) as server:
        client = ApiClient("Remote", server.url, {}, timeouts=PATIENT)
        threads = [threading.Thread(target=lambda: found.append(client.perform(call(), lambda body: body))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.close()
    assert found == [{}] * 12
    assert len({request.headers["x-request-id"] for request in server.requests}) == 12


# --- A time that several calls share --------------------------------------------------------------------------------------


def test_calls_that_share_a_time_wait_no_longer_than_it_in_all():
    started = time.monotonic()
    with scripted(silence(LONG)) as server, within(1):
        for _number in range(3):
            with pytest.raises(errors.RemoteTimeout):
                perform(server.url, call())
        assert time_is_up()
        server.wait_for_a_request()
    assert time.monotonic() - started < LONG / 2
    assert len(server.requests) == 1


def test_a_call_keeps_its_own_deadline_when_more_time_is_shared():
    started = time.monotonic()
    with scripted(silence(LONG)) as server, within(60), within(120), pytest.raises(errors.RemoteTimeout):
        perform(server.url, call(), timeouts=QUICK)
    assert time.monotonic() - started < LONG / 2
    assert not time_is_up()


def test_a_write_for_which_no_time_is_left_was_certainly_not_sent():
    with scripted(answer(200, {})) as server, within(0), pytest.raises(errors.RemoteTimeout):
        perform(server.url, call(Effect.WRITE))
    assert server.requests == []
