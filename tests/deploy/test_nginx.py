"""Behind the shipped nginx the portal meets whole, small, well-formed requests that say truly whence they come."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.deploy.client import ask, connect, head, read

SLOW_CONNECTIONS = 400
MIB = 1024 * 1024


def headers_seen(proxy, *sent: str) -> dict[str, list[str]]:
    """What the server behind the proxy got, for what a client sent."""
    status, body = ask(proxy.https, head("GET /mirror", *sent))
    assert status == 200
    seen: dict[str, list[str]] = {}
    for name, value in json.loads(body)["headers"]:
        seen.setdefault(name.lower(), []).append(value)
    return seen


def test_a_client_cannot_say_where_it_comes_from(proxy):
    seen = headers_seen(
        proxy,
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-For: 7.7.7.7",
        "X_Forwarded_For: 6.6.6.6",
        "X-Real-IP: 6.6.6.6",
        "Forwarded: for=6.6.6.6;host=evil.example",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Proto: http",
        "Proxy: http://evil.example",
    )
    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-proto"] == ["https"]
    assert seen["host"] == ["portal.example.net"]
    for name in ("x_forwarded_for", "x-real-ip", "forwarded", "x-forwarded-host", "x-forwarded-port", "proxy"):
        assert name not in seen
    assert "evil" not in str(seen)
    assert "6.6.6.6" not in str(seen)


def test_ordinary_headers_of_the_api_pass(proxy):
    seen = headers_seen(proxy, "Authorization: Token x", "Idempotency-Key: k", 'If-Match: "3"', "HX-Request: true")
    assert [seen[name] for name in ("authorization", "idempotency-key", "if-match", "hx-request")] == [
        ["Token x"],
        ["k"],
        ['"3"'],
        ["true"],
    ]


def test_plain_http_is_sent_to_tls(proxy):
    import http.client

    plain = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=10)
    plain.request("GET", "/customers?x=1", headers={"Host": "portal.example.net"})
    answer = plain.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, "https://portal.example.net/customers?x=1")
    plain.close()


def test_a_body_over_the_limit_is_refused_before_anybody_reads_it(proxy, mirror):
    before = len(mirror.asked)
    status, _ = ask(proxy.https, head("POST /sign-in", f"Content-Length: {MIB + 1}"))
    assert (status, len(mirror.asked)) == (413, before)
    assert ask(proxy.https, head("POST /sign-in", f"Content-Length: {MIB}") + b"x" * MIB)[0] == 200


@pytest.mark.parametrize("path", ["/actions/import-customers", "/api/v1/actions/import-customers/preview"])
def test_a_file_of_customers_may_be_large_but_not_endless(proxy, path):
    status, body = ask(proxy.https, head(f"POST {path}", f"Content-Length: {5 * MIB}") + b"x" * (5 * MIB))
    assert (status, json.loads(body)["bytes"]) == (200, 5 * MIB)
    assert ask(proxy.https, head(f"POST {path}", f"Content-Length: {70 * MIB}"))[0] == 413


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (head("GET /" + "x" * 9000), 414),
        (head("GET /", "Cookie: " + "x" * 9000), 400),
        (head("GET /", *(f"X-{number}: {'x' * 7000}" for number in range(20))), 400),
        (head("POST /", "Content-Length: 3", "Content-Length: 4") + b"abcd", 400),
        (head("POST /", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
        (head("POST /", "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", 501),
        (head("POST /", "Content-Length: -1"), 400),
        (head("POST /", "Transfer-Encoding: chunked") + b"zz\r\n", 400),
        (head("GET /", "Host: second.example"), 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nHost: portal.example.net\r\n\r\n", 400),
        (b"\x16\x03\x01 nonsense\r\n\r\n", 400),
    ],
)
def test_a_request_that_two_servers_could_read_differently_is_refused(proxy, mirror, request_bytes, status):
    before = len(mirror.asked)
    assert ask(proxy.https, request_bytes)[0] == status
    assert len(mirror.asked) == before


def test_a_slow_body_is_kept_back_until_it_is_whole(proxy, mirror):
    before = len(mirror.asked)
    with connect(proxy.https) as slow:
        slow.sendall(head("POST /slow", "Content-Length: 4"))
        for _ in range(3):
            slow.sendall(b"x")
            time.sleep(0.5)
            assert len(mirror.asked) == before
        slow.sendall(b"x")
        assert read(slow)[0] == 200


def test_a_head_that_takes_longer_than_ten_seconds_is_cut(proxy):
    began = time.monotonic()
    with connect(proxy.https) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        slow.settimeout(0.5)
        while time.monotonic() - began < 20:
            try:
                slow.sendall(b"x")
                if slow.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert 8 < time.monotonic() - began < 15


def test_an_export_flows_at_once_and_ends_when_the_client_goes(proxy, mirror):
    with connect(proxy.https) as reader:
        began = time.monotonic()
        reader.sendall(head("GET /api/v1/exports/customers.csv"))
        seen = b""
        while b"000001" not in seen:
            seen += reader.recv(100)
        assert time.monotonic() - began < 2
    until = time.monotonic() + 5
    while not mirror.gone and time.monotonic() < until:
        time.sleep(0.05)
    assert mirror.gone


def test_readiness_is_told_on_this_machine_only(proxy):
    assert ask(proxy.https, head("GET /readyz"))[0] == 200
    assert ask(proxy.https, head("GET /readyz"), source="127.0.0.9")[0] == 403


def test_one_address_cannot_take_all_connections(proxy):
    held = []
    try:
        for _ in range(110):
            connection = connect(proxy.https, source="127.0.0.7")
            connection.sendall(head("POST /held", "Content-Length: 10") + b"x")
            held.append(connection)
        assert ask(proxy.https, head("GET /"), source="127.0.0.7")[0] == 429
        assert ask(proxy.https, head("GET /"), source="127.0.0.8")[0] == 200
    finally:
        for connection in held:
            connection.close()


def test_hundreds_of_slow_clients_do_not_slow_an_honest_one(proxied_portal):
    slow = [connect(proxied_portal.https, source=f"127.0.1.{1 + number // 50}") for number in range(SLOW_CONNECTIONS)]
    for number, connection in enumerate(slow):
        begin = head("POST /sign-in", "Content-Length: 1000") if number % 2 else b"GET /sign-in HTTP/1.1\r\nX-Slow: "
        connection.sendall(begin)
    stop = threading.Event()
    dripping = threading.Thread(target=drip, args=(slow, stop))
    dripping.start()
    try:
        times = [timed_sign_in_page(proxied_portal.https) for _ in range(20)]
    finally:
        stop.set()
        dripping.join()
    assert max(times) < 2


def drip(connections, stop) -> None:
    """A byte a second from each."""
    while not stop.wait(1):
        for connection in connections:
            try:
                connection.sendall(b"x")
            except OSError:
                continue
    for connection in connections:
        connection.close()


def timed_sign_in_page(port: int) -> float:
    began = time.monotonic()
    assert ask(port, head("GET /sign-in", "Connection: close"))[0] == 200
    return time.monotonic() - began
