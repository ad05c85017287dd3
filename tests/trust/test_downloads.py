"""A real server hands files to the kernel: each byte in its place, whoever goes when."""

import os
import socket

import httpx
import pytest

from tests.trust.hub_process import HubProcess, commit_large, etabli

CONTENT = os.urandom(9_000_001)
TOKEN = "hf_downloads_0123456789abcdef"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("downloads") / "data"
    etabli(data_dir, "users", "add", "alice", "--no-password")
    etabli(data_dir, "tokens", "add", "alice", "--role", "write", "--stdin", given=TOKEN)
    hub = HubProcess(data_dir)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=hub.start(), headers=headers, timeout=60) as client:
        client.post("/api/repos/create", json={"name": "big"})
        commit_large(client, "alice/big", "x.bin", CONTENT)
        yield client
    hub.stop()


ADDRESS = "/alice/big/resolve/main/x.bin"


def test_whole_and_in_parts_on_one_connection(served):
    for asked, expected in (
        (None, CONTENT),
        ("bytes=0-0", CONTENT[:1]),
        ("bytes=1048575-1048577", CONTENT[1048575:1048578]),
        ("bytes=-5", CONTENT[-5:]),
        ("bytes=8999990-", CONTENT[8999990:]),
        (None, CONTENT),
    ):
        response = served.get(ADDRESS, headers={"Range": asked} if asked else {})
        assert response.content == expected
        assert response.headers["content-length"] == str(len(expected))
    assert served.get(ADDRESS, headers={"Range": "bytes=9000001-"}).status_code == 416


def test_who_goes_in_the_middle_harms_nobody(served):
    url = served.base_url
    for _ in range(20):
        with socket.create_connection((url.host, url.port)) as client:
            client.sendall(f"GET {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            client.recv(65536)
    assert served.get(ADDRESS).content == CONTENT


def test_who_reads_slowly_holds_up_nobody(served):
    url = served.base_url
    with socket.create_connection((url.host, url.port)) as slow:
        slow.sendall(f"GET {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert served.get(ADDRESS).content == CONTENT
        received = b""
        while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < len(CONTENT):
            received += slow.recv(1 << 20)
    assert received.partition(b"\r\n\r\n")[2] == CONTENT
