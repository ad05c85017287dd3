"""The default client against a hub whose large files lie in S3."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.settings import Settings
from etabli.site import Site
from tests.s3_server import s3_address, s3_server
from tests.trust.hub_process import HubProcess
from tests.xet_client import noise

__all__ = ["s3_address", "s3_server"]

MB = 1_000_000


@pytest.fixture
def hub(
    s3_address: str, s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """Its address, and alice's token."""
    monkeypatch.setenv("ETABLI_S3_ADDRESS", s3_address)
    monkeypatch.setenv("ETABLI_S3_ENDPOINT_URL", s3_server)
    folder = tmp_path / "data"
    site = Site(Settings(data_dir=folder))
    site.migrate()
    with site.open_hub() as opened:
        opened.accounts.register("alice", "correct horse")
        token = opened.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
    site.close()
    process = HubProcess(folder)
    yield process.start(), token
    process.stop()


@pytest.fixture
def hf(hub: tuple[str, str], run: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    def hf(*words: str, **env: str) -> str:
        address, token = hub
        home = str(tmp_path / "home")
        return run("hf", *words, token=token, HF_ENDPOINT=address, HF_HOME=home, **env)

    return hf


@pytest.mark.slow
def test_it_reads_its_chunks_from_s3_itself(hub, hf, s3_address, s3_server, tmp_path):
    content = noise(70 * MB)
    (tmp_path / "model.bin").write_bytes(content)
    hf("repos", "create", "alice/far")
    hf("upload", "alice/far", "model.bin")
    bucket = s3_address.split("/")[2]
    listed = boto3.client("s3", endpoint_url=s3_server).list_objects_v2(Bucket=bucket)
    assert {found["Key"].split("/")[2] for found in listed["Contents"]} == {"xorbs"}
    assert not list((tmp_path / "data" / "blobs").rglob("*-*"))
    hf("download", "alice/far", "model.bin", "--local-dir", "got")
    assert (tmp_path / "got" / "model.bin").read_bytes() == content
    address, _ = hub
    part = httpx.get(
        f"{address}/alice/far/resolve/main/model.bin", headers={"Range": "bytes=5000000-5000009"}
    )
    assert (part.status_code, part.content) == (206, content[5_000_000:5_000_010])


@pytest.mark.slow
def test_a_file_in_one_piece_is_a_redirect(hub, hf, s3_server, tmp_path):
    content = noise(2 * MB, 1)
    (tmp_path / "model.bin").write_bytes(content)
    hf("repos", "create", "alice/whole")
    hf("upload", "alice/whole", "model.bin", HF_HUB_DISABLE_XET="1")
    address, _ = hub
    answer = httpx.get(f"{address}/alice/whole/resolve/main/model.bin")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(s3_server)
    assert answer.headers["x-linked-size"] == str(len(content))
    hf("download", "alice/whole", "model.bin", "--local-dir", "got")
    assert (tmp_path / "got" / "model.bin").read_bytes() == content
