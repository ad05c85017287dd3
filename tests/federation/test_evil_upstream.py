"""An upstream that lies: no client gets the end of what is wrong, and nothing of it is kept."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Callable

import anyio
import httpx
import pytest

from etabli.features.federation import PullState
from etabli.features.repos import RepoType
from tests.federation.running import (
    LARGE,
    LARGE_SHA256,
    SMALL,
    SMALL_SHA256,
    Meddle,
    RunningHub,
    publish,
)

LARGE_FILE = "/alice/model/resolve/main/model.safetensors"
SMALL_FILE = "/alice/model/resolve/main/small.bin"
ENDLESS = 300
"""Pieces of 64 KiB: more than anybody here takes. Nobody is told that the client is gone."""
RIGHT = {LARGE_FILE: LARGE, SMALL_FILE: SMALL}


def answering(
    body: Callable[[bytes], bytes], *, status: int = 200, headers: Callable[[bytes], dict[str, str]]
) -> Meddle:
    """Answers with what is made of the right bytes."""

    async def meddle(scope, _receive, send, _app) -> None:
        right = LARGE if scope["path"].endswith("safetensors") else SMALL
        said = [(name.encode(), text.encode()) for name, text in headers(right).items()]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": body(right)})

    return meddle


def length_of(right: bytes) -> dict[str, str]:
    return {"content-length": str(len(right))}


def flipped(right: bytes) -> bytes:
    return bytes([right[0] ^ 1]) + right[1:]


async def endless(_scope, _receive, send, _app) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(ENDLESS):
        await send({"type": "http.response.body", "body": bytes(1 << 16), "more_body": True})
        await anyio.sleep(0.001)


async def cut(scope, _receive, send, _app) -> None:
    """Half of it, whatever part is asked for."""
    right = LARGE if scope["path"].endswith("safetensors") else SMALL
    headers = [(b"content-length", str(len(right)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    half = right[: len(right) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


def redirect_to(address: str) -> Meddle:
    return answering(lambda _: b"", status=302, headers=lambda _: {"location": address})


DIFFERENT = {
    "a flipped byte": answering(flipped, headers=length_of),
    "too short": answering(lambda right: right[:-1], headers=lambda _: {}),
    "said to be shorter": answering(
        lambda right: right[:-1], headers=lambda right: {"content-length": str(len(right) - 1)}
    ),
    "too long": answering(lambda right: right + b"x", headers=lambda _: {}),
    "said to be longer": answering(
        lambda right: right + b"x", headers=lambda right: {"content-length": str(len(right) + 1)}
    ),
    "endless": endless,
    "a page instead": answering(lambda _: b"<html>", headers=lambda _: {}),
}
NOT_HAD = {
    "cut": cut,
    "packed": answering(
        lambda _: gzip.compress(bytes(50_000_000)), headers=lambda _: {"content-encoding": "gzip"}
    ),
    "led to a cloud's metadata": redirect_to("http://169.254.169.254/latest/meta-data/"),
    "led to another port of this machine": redirect_to("http://127.0.0.1:1/secret"),
    "led to a private network by name": redirect_to("http://localhost:1/secret"),
    "led to a file": redirect_to("file:///etc/passwd"),
    "led round": redirect_to(LARGE_FILE),
    "not found": answering(lambda _: b"", status=404, headers=lambda _: {}),
}


def get(downstream: RunningHub, path: str) -> httpx.Response | None:
    """None: it was cut before its end."""
    with downstream.client() as here:
        try:
            return here.get(path)
        except httpx.RemoteProtocolError:
            return None


@pytest.mark.parametrize("path", RIGHT)
@pytest.mark.parametrize(
    "meddle", [*DIFFERENT.values(), *NOT_HAD.values()], ids=[*DIFFERENT, *NOT_HAD]
)
def test_nobody_gets_the_end_of_what_is_wrong(upstream, downstream, meddle, path):
    upstream.between.misbehave("/resolve/", meddle)
    got = get(downstream, path)
    assert got is None or got.status_code == 502
    with downstream.site.read_hub() as hub:
        repo = hub.mirrors.find(RepoType.MODEL, "alice/model")
        [pulled] = [hub.federation.pulled(repo.key, s) for s in _large(hub, repo, path)]
        is_different = meddle in DIFFERENT.values()
        assert pulled.state is (PullState.DIFFERENT if is_different else PullState.CUT)
        assert not hub.repos.has_blob(repo, pulled.sha256)
        assert len(hub.federation.differences()) == is_different
    staging = downstream.site.settings.data_dir / "blobs"
    assert not [file for file in staging.rglob("*") if file.is_file()]
    upstream.between.behave()
    again = get(downstream, path)
    assert again is not None
    assert again.content == RIGHT[path]


def _large(hub, repo, path: str) -> list[str]:
    entry = hub.repos.snapshot(repo).get(path.rpartition("/")[2])
    return [entry.large.sha256]


def test_what_was_never_sent_is_refused_in_words(upstream, downstream):
    upstream.between.misbehave("/resolve/", DIFFERENT["a flipped byte"])
    got = get(downstream, SMALL_FILE)
    assert got is not None
    assert got.status_code == 502
    assert "is not the file that the commit names" in got.json()["error"]


def test_a_header_is_passed_on_to_nobody(upstream, downstream):
    own = {"x-one": "1", "set-cookie": "stolen=1", "etag": '"x"', "content-type": "text/html"}
    injected = answering(lambda right: right, headers=lambda right: {**length_of(right), **own})
    upstream.between.misbehave("/resolve/", injected)
    got = get(downstream, SMALL_FILE)
    assert got is not None
    assert got.content == SMALL
    assert not {"x-one", "set-cookie"} & set(got.headers)
    assert got.headers["etag"] == f'"{SMALL_SHA256}"'
    assert got.headers["content-type"] == "application/octet-stream"


def test_who_has_a_wrong_beginning_gets_all_of_it_again(upstream, downstream):
    """The clients go on where they were cut, and look at the size alone."""
    has_some = threading.Event()

    async def in_two_parts(_scope, _receive, send, _app) -> None:
        wrong, half = flipped(LARGE), len(LARGE) // 2
        headers = [(b"content-length", str(len(wrong)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": wrong[:half], "more_body": True})
        await anyio.to_thread.run_sync(has_some.wait)
        await send({"type": "http.response.body", "body": wrong[half:]})

    upstream.between.misbehave("/resolve/", in_two_parts)
    with downstream.client() as here, here.stream("GET", LARGE_FILE) as answer:
        pieces = answer.iter_raw()
        assert next(pieces)
        has_some.set()
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)
    upstream.between.behave()
    for _ in range(2):  # while it comes, and once it is here
        with downstream.client() as here:
            got = here.get(LARGE_FILE, headers={"Range": "bytes=1000000-"})
        assert (got.status_code, got.content) == (200, LARGE)


DOWNLOAD = """
import sys
from huggingface_hub import hf_hub_download
endpoint, cache_dir = sys.argv[1:]
file = "model.safetensors"
print(hf_hub_download("alice/model", file, endpoint=endpoint, cache_dir=cache_dir))
"""


def test_the_unmodified_client_ends_with_the_right_file(upstream, downstream, tmp_path):
    """The beginning that it got was wrong: it goes on there by itself, and must not be let."""
    times = iter([1])

    async def wrong_once(scope, receive, send, app) -> None:
        if next(times, None) is None:
            await app(scope, receive, send)
            return
        headers = [(b"content-length", str(len(LARGE)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        wrong, half = flipped(LARGE), len(LARGE) // 2
        await send({"type": "http.response.body", "body": wrong[:half], "more_body": True})
        await anyio.sleep(1)  # until the client has some of it
        await send({"type": "http.response.body", "body": wrong[half:]})

    upstream.between.misbehave("/resolve/", wrong_once)
    command = [sys.executable, "-c", DOWNLOAD, downstream.url, str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Trying to resume" in done.stderr
    with open(done.stdout.strip(), "rb") as file:
        assert file.read() == LARGE


# Of git and of the API


def _is_nothing_here(downstream: RunningHub) -> bool:
    repos = downstream.site.settings.data_dir / "repos"
    with downstream.site.read_hub() as hub:
        return not hub.repos.keys() and not [*repos.glob("??/*.git"), *repos.glob("incoming/*")]


@pytest.mark.parametrize(
    ("on", "body", "kind"),
    [
        ("/git-upload-pack", b"0008NAK\n0010\x01PACKwrong\n0000", "result"),
        ("/git-upload-pack", b"no packets", "result"),
        ("/git-upload-pack", b"0008NAK\n000c\x03broken0000", "result"),
        ("/git-upload-pack", b"", "result"),
        ("/info/refs", b"001e# service=git-upload-pack\n0000zz", "advertisement"),
        ("/info/refs", b"001e# service=git-upload-pack\n00000009hello0000", "advertisement"),
        ("/info/refs", b"ref: refs/heads/main", "advertisement"),
        ("/info/refs", b"<html>", "page"),
    ],
)
def test_what_is_no_git_is_refused(upstream, downstream, on, body, kind):
    headers = {"content-type": f"application/x-git-upload-pack-{kind}"}
    upstream.between.misbehave(on, answering(lambda _: body, headers=lambda _: headers))
    got = get(downstream, LARGE_FILE)
    assert got is not None
    assert got.status_code == 502
    assert _is_nothing_here(downstream)


def test_a_changed_pack_is_refused(upstream, downstream):
    async def change(scope, receive, send, app) -> None:
        async def send_changed(message) -> None:
            body = bytearray(message.get("body", b""))
            if len(body) > 400:
                body[300] ^= 1
                message = {**message, "body": bytes(body)}
            await send(message)

        await app(scope, receive, send_changed)

    upstream.between.misbehave("/git-upload-pack", change)
    got = get(downstream, LARGE_FILE)
    assert got is not None
    assert got.status_code == 502
    assert _is_nothing_here(downstream)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"{", 200, 502),
        (b"[]", 200, 502),
        (b'{"id": 3}', 200, 502),
        (b'{"id": "mallory/model"}', 200, 401),
        (b"", 500, 502),
        (b"", 302, 401),
    ],
)
def test_what_is_no_answer_of_a_hub_makes_nothing(upstream, downstream, body, status, expected):
    headers = {"location": "http://169.254.169.254/"} if status == 302 else {}
    upstream.between.misbehave(
        "/api/", answering(lambda _: body, status=status, headers=lambda _: headers)
    )
    got = get(downstream, LARGE_FILE)
    assert got is not None
    assert got.status_code == expected
    assert _is_nothing_here(downstream)


def test_a_longer_history_than_may_be_is_refused(upstream, downstream):
    async def much(_scope, _receive, send, _app) -> None:
        kind = b"application/x-git-upload-pack-result"
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
        )
        await send({"type": "http.response.body", "body": b"0008NAK\n", "more_body": True})
        line = b"fff0\x01" + bytes(0xFFF0 - 5)
        for _ in range(ENDLESS):
            await send({"type": "http.response.body", "body": line, "more_body": True})
            await anyio.sleep(0.001)

    object.__setattr__(downstream.site.settings, "max_mirror_history_mb", 2)
    upstream.between.misbehave("/git-upload-pack", much)
    got = get(downstream, LARGE_FILE)
    assert got is not None
    assert got.status_code == 502
    assert _is_nothing_here(downstream)


def test_the_hash_of_a_local_file_opens_nothing(upstream, downstream):
    """A pointer of an upstream may name what is private here: to know a hash is no right."""
    token = downstream.register("carol")
    with downstream.client(token) as carol:
        publish(carol, "carol/secret")
        carol.put("/api/models/carol/secret/settings", json={"private": True}).raise_for_status()
    upstream.between.misbehave("/resolve/", NOT_HAD["not found"])
    got = get(downstream, LARGE_FILE)
    assert got is not None
    assert got.status_code == 502
    with downstream.site.read_hub() as hub:
        assert hub.blobs.find(LARGE_SHA256) is not None
