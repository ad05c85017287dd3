"""The client for other machines, with real sockets on loopback and name servers that lie."""

import http.server
import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from etabli.foundation.checked_network import AddressRefusedError
from etabli.foundation.http_client import (
    AnswerTooLargeError,
    AnswerTooSlowError,
    BadUrlError,
    HttpClient,
    NoAnswerError,
    UnexpectedAnswerError,
)
from tests.parts import need

HERE, INSIDE = "127.0.0.1", "127.0.0.2"
ALLOWED = [ipaddress.ip_network(f"{HERE}/32")]
"""What stands for the internet is 127.0.0.1; what stands for the private network, 127.0.0.2."""
LIMITS = {"max_bytes": 1000, "within_s": 20.0}


class Listener:
    """A server that answers what it was told to, and keeps what it was asked."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = {name.lower(): value for name, value in self.headers.items()}
                listener.asked.append((self.path, sent))
                status, headers, body = listener.answers.get(self.path, (200, {}, b"hello"))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer((host, port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def secure(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._server.handle_error = lambda *_: None  # a handshake that the client ends

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def outside() -> Iterator[Listener]:
    listener = Listener(HERE)
    yield listener
    listener.close()


@pytest.fixture
def inside(outside: Listener) -> Iterator[Listener]:
    """On the same port, so that only the address tells the two apart."""
    listener = Listener(INSIDE, outside.port)
    yield listener
    listener.close()


def client(*answers: list[str]) -> HttpClient:
    """Its name server gives these answers, one a question, and the last one again and again."""
    left = list(answers)

    def resolve(_host: str, _port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return HttpClient(ALLOWED, resolve) if answers else HttpClient(ALLOWED)


def get(asking: HttpClient, url: str, **options: object) -> bytes:
    with asking.request("GET", url, **{**LIMITS, **options}) as answer:
        answer.require_ok()
        return b"".join(answer.pieces)


def test_an_allowed_address_is_reached_by_its_name(outside):
    assert get(client([HERE]), f"http://hub.example:{outside.port}/a?b=é") == b"hello"
    path, headers = outside.asked[0]
    assert path == "/a?b=%C3%A9"
    assert headers["host"] == f"hub.example:{outside.port}"


def test_without_a_setting_this_machine_is_not_reached(outside):
    for host in ("localhost", HERE, "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        with pytest.raises(AddressRefusedError, match="private network"):
            get(HttpClient(), f"http://{host}:{outside.port}/")
    assert not outside.asked


@pytest.mark.parametrize(
    "addresses", [[INSIDE], [HERE, INSIDE], [f"::ffff:{INSIDE}"], ["10.1.2.3"]]
)
def test_a_name_that_leads_inside_is_not_followed(inside, outside, addresses):
    with pytest.raises(AddressRefusedError):
        get(client(addresses), f"http://evil.example:{outside.port}/")
    assert not inside.asked
    assert not outside.asked


def test_the_address_that_was_checked_is_the_one_that_is_reached(inside, outside):
    """A name server that answers the check with one address, and the connection with another."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [HERE if len(asked) % 2 else INSIDE]

    asking = HttpClient(ALLOWED, rebinding)
    url = f"http://rebinding.example:{outside.port}/"
    assert get(asking, url) == b"hello"
    assert asked == ["rebinding.example"]
    with pytest.raises(AddressRefusedError):
        get(asking, url)
    assert not inside.asked


def test_a_redirect_is_an_answer_unless_it_may_be_followed(outside):
    outside.answers["/old"] = (302, {"Location": "/new"}, b"")
    url = f"http://{HERE}:{outside.port}/old"
    with pytest.raises(UnexpectedAnswerError, match="302"):
        get(client(), url)
    assert get(client(), url, max_redirects=1) == b"hello"


def test_a_redirect_inside_is_not_followed(inside, outside):
    outside.answers["/out"] = (302, {"Location": f"http://{INSIDE}:{inside.port}/"}, b"")
    with pytest.raises(AddressRefusedError):
        get(client(), f"http://{HERE}:{outside.port}/out", max_redirects=5)
    assert not inside.asked


def test_a_secret_does_not_follow_a_redirect_to_another_origin(outside):
    other = Listener(HERE)
    outside.answers["/out"] = (307, {"Location": f"http://{HERE}:{other.port}/"}, b"")
    outside.answers["/same"] = (307, {"Location": "/here"}, b"")
    secret = {"Authorization": "Bearer canary", "X-Kept": "yes"}
    for path in ("/out", "/same"):
        url = f"http://{HERE}:{outside.port}{path}"
        get(client(), url, headers=secret, max_redirects=1)
    other.close()
    [(_, headers)] = other.asked
    assert "authorization" not in headers
    assert headers["x-kept"] == "yes"
    assert dict(outside.asked)["/here"]["authorization"] == "Bearer canary"


def test_nothing_comes_along_that_nobody_gave(inside, outside, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HERE} login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{INSIDE}:{inside.port}")
    outside.answers["/"] = (200, {"Set-Cookie": "canary=1"}, b"hello")
    asking = client()
    for _ in range(2):
        get(asking, f"http://{HERE}:{outside.port}/")
    assert not inside.asked
    assert set(outside.asked[1][1]) == {"host", "accept-encoding", "user-agent"}


@pytest.mark.parametrize("announced", [{}, {"Content-Length": "1", "Transfer-Encoding": "chunked"}])
def test_more_than_the_limit_is_not_taken(outside, announced):
    body = b"".join(b"%x\r\n%s\r\n" % (400, b"x" * 400) for _ in range(4)) + b"0\r\n\r\n"
    outside.answers["/"] = (200, announced, body)
    with pytest.raises(AnswerTooLargeError, match="1000 bytes"):
        get(client(), f"http://{HERE}:{outside.port}/")


def test_a_compressed_answer_is_not_unpacked(outside):
    outside.answers["/"] = (200, {"Content-Encoding": "gzip"}, b"bomb")
    with pytest.raises(NoAnswerError, match="Content-Encoding"):
        get(client(), f"http://{HERE}:{outside.port}/")


@contextmanager
def dripping() -> Iterator[int]:
    """A server that sends a byte of its headers every 20 ms, and never ends."""
    ended = threading.Event()
    with socket.create_server((HERE, 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                try:
                    while not ended.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        yield server.getsockname()[1]
        ended.set()
        thread.join()


def test_one_byte_at_a_time_ends_at_the_limit_of_time():
    with dripping() as port, pytest.raises(AnswerTooSlowError, match=r"more than 0\.3 seconds"):
        get(client(), f"http://{HERE}:{port}/", within_s=0.3)


class TestSecured:
    """By https, the certificate is to be of the name, though the connection is to an address."""

    @pytest.fixture
    def certificate(self, tmp_path):
        """One of hub.example, and its key, in one file."""
        path = tmp_path / "certificate.pem"
        subject = ["-subj", "/CN=hub.example", "-addext", "subjectAltName=DNS:hub.example"]
        command = [need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
        subprocess.run(
            [*command, "-keyout", path, "-out", tmp_path / "only.pem"],
            check=True,
            capture_output=True,
        )
        path.write_text(path.read_text() + (tmp_path / "only.pem").read_text())
        return path

    @pytest.fixture
    def secured(self, outside, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        outside.secure(context)
        return outside

    def test_an_unknown_certificate_is_refused(self, secured):
        with pytest.raises(NoAnswerError, match="certificate"):
            get(client([HERE]), f"https://hub.example:{secured.port}/")
        assert not secured.asked

    def test_a_known_one_is_good_for_its_own_name_only(self, secured, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert get(client([HERE]), f"https://hub.example:{secured.port}/") == b"hello"
        with pytest.raises(NoAnswerError, match="certificate"):
            get(client([HERE]), f"https://evil.example:{secured.port}/")
        assert len(secured.asked) == 1

    def test_it_does_not_fall_back_to_http(self, secured, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        secured.answers["/"] = (302, {"Location": "http://hub.example/"}, b"")
        with pytest.raises(UnexpectedAnswerError, match="302"):
            get(client([HERE]), f"https://hub.example:{secured.port}/", max_redirects=3)


def test_who_does_not_answer_is_said():
    with socket.create_server((HERE, 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NoAnswerError, match="does not answer"):
        get(client(), f"http://{HERE}:{port}/")

    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NoAnswerError, match="not known"):
        get(HttpClient(ALLOWED, nobody), "http://nobody.example/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "//example.org/",
        "http://",
        "http://user:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://exa mple.org/",
        "http://example.org/a\r\nX-Injected: 1",
        "http://[::1/",
        f"http://{'a' * 64}.example/",
        "http://example.org/" + "a" * 9000,
    ],
)
def test_what_is_no_address_is_not_asked(url):
    with pytest.raises(BadUrlError, match="https://"):
        get(client([HERE]), url)
