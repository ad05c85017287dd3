"""Large files through a power cut, a kill and a full disk: what was acknowledged is there."""

import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.features.repos import RepoType
from etabli.operations.maintenance import check_bytes
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess
from tests.xet_client import MadeXorb, cut, noise, shard_of, whole


@dataclass
class Uploader:
    """Sends by Xet to alice/large, wherever the hub is now."""

    url: str
    token: str

    def token_for(self, scope: str) -> tuple[str, dict[str, str]]:
        answer = httpx.get(
            f"{self.url}/api/models/alice/large/xet-{scope}-token/main",
            headers={"Authorization": f"Bearer {self.token}"},
        ).json()
        path = urlsplit(answer["casUrl"]).path
        return self.url + path, {"Authorization": f"Bearer {answer['accessToken']}"}

    def send(self, xorb: MadeXorb) -> None:
        cas, headers = self.token_for("write")
        with httpx.Client(headers=headers, timeout=30) as client:
            address = f"{cas}/v1/xorbs/default/{xorb.name}"
            client.post(address, content=xorb.body).raise_for_status()
            shard = shard_of(whole(xorb))
            client.post(f"{cas}/v1/shards", content=shard).raise_for_status()

    def has(self, xorb: MadeXorb) -> bool:
        cas, headers = self.token_for("read")
        address = f"{cas}/v1/reconstructions/{whole(xorb).name}"
        return httpx.get(address, headers=headers).status_code == 200


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def token(folder):
    return prepare(folder)


def prepare(folder):
    site = Site(Settings(data_dir=folder, database_url=""))
    site.migrate()
    with site.open_hub() as hub:
        alice = hub.accounts.register("alice")
        token = hub.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
        hub.repos.create(alice, RepoType.MODEL, "alice", "large")
    site.close()
    return token


@pytest.mark.slow
def test_a_hub_killed_again_and_again_loses_nothing_it_acknowledged(folder, token):
    hub, acknowledged, number = HubProcess(folder), [], 0
    for round in range(8):
        uploader = Uploader(hub.start(), token)
        assert all(uploader.has(xorb) for xorb in acknowledged)
        enough = len(acknowledged) + 1 + round % 3
        killer = threading.Timer(round * 0.03, hub.kill)
        try:
            while True:
                number += 1
                xorb = MadeXorb(cut(noise(700_000, number)))
                uploader.send(xorb)
                acknowledged.append(xorb)
                if len(acknowledged) == enough:
                    killer.start()  # in the middle of one of the next
        except (httpx.HTTPError, ValueError, KeyError):
            killer.join()
    uploader = Uploader(hub.start(), token)
    assert all(uploader.has(xorb) for xorb in acknowledged)
    again = MadeXorb(cut(noise(700_000, number)))
    uploader.send(again)  # the one that was cut
    assert uploader.has(again)
    hub.stop()
    site = Site(Settings(data_dir=folder, database_url=""))
    assert list(check_bytes(site)) == []
    site.close()


def test_an_upload_cut_in_the_middle_leaves_nothing_seen(folder, token):
    hub = HubProcess(folder)
    uploader = Uploader(hub.start(), token)
    xorb = MadeXorb(cut(noise(3_000_000)))
    cas, headers = uploader.token_for("write")

    def half():
        yield xorb.body[:1_000_000]
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        httpx.post(f"{cas}/v1/xorbs/default/{xorb.name}", content=half(), headers=headers)
    time.sleep(0.3)
    assert [path for path in (folder / "blobs").rglob("*") if path.is_file()] == []
    uploader.send(xorb)
    assert uploader.has(xorb)
    hub.stop()
