"""Servers that speak S3, in processes of their own."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.parts import lack

KEY, SECRET = "access-key", "secret-access-key"


@pytest.fixture(scope="session", params=["moto", "rclone"])
def s3_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Its address. One knows most of S3; the other one is strict, and checks every signature."""
    folder = tmp_path_factory.mktemp("s3")
    port = _free_port()
    command = _moto(port) if request.param == "moto" else _rclone(port, folder)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    _wait_for(address)
    yield address
    server.terminate()
    server.wait()


def _moto(port: int) -> list[str]:
    return [_program("moto_server"), "-p", str(port)]


def _rclone(port: int, folder: Path) -> list[str]:
    (folder / "buckets").mkdir()
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    settings = ["--config", str(folder / "none"), "--vfs-cache-mode", "off"]
    return [_program("rclone"), "serve", "s3", *options, *settings, str(folder / "buckets")]


def _program(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        lack(f"{name} is not installed here")
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def s3_address(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, or rather a place in one."""
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bytes-{time.time_ns()}"
    boto3.client("s3", endpoint_url=s3_server).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/a/prefix"


def _wait_for(address: str, at_most_s: float = 30) -> None:
    until = time.monotonic() + at_most_s
    while time.monotonic() < until:
        try:
            httpx.get(address, timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
