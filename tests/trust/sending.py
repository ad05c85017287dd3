"""Sends large files to a running hub in each of the ways there are, as the clients do."""

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.xet_client import MadeXorb, cut, shard_of, whole

PART_BYTES = 2_000_000
SMALL_PARTS = {
    "etabli.api.git.lfs.PART_BYTES": PART_BYTES,
    "etabli.api.git.lfs.IN_PARTS_FROM_BYTES": PART_BYTES,
}
"""The constants of a hub whose parts are not of 100 MB."""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Sender:
    """Somebody with a token and a repository."""

    def __init__(self, url: str, token: str, repo: str) -> None:
        self.url = url
        self.repo = repo
        self.token = token

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=self._headers)

    def post(self, path: str, **more: Any) -> httpx.Response:
        headers = {**self._headers, **more.pop("headers", {})}
        return httpx.post(self.url + path, headers=headers, timeout=30, **more)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, content: bytes, *transfers: str, operation: str = "upload") -> dict:
        """What the hub says of one object of a batch."""
        one = {"oid": sha256(content), "size": len(content)}
        body = {"operation": operation, "transfers": list(transfers), "objects": [one]}
        answer = self.post(f"/{self.repo}.git/info/lfs/objects/batch", json=body)
        return answer.json()["objects"][0]

    def by_basic(self, content: bytes) -> None:
        action = self.ask(content, "basic")["actions"]["upload"]
        httpx.put(action["href"], content=content).raise_for_status()

    def by_parts(self, content: bytes) -> None:
        action = self.ask(content, "multipart", "basic")["actions"]["upload"]
        for number, href in parts_of(action).items():
            httpx.put(href, content=part_of(content, number)).raise_for_status()
        httpx.post(action["href"]).raise_for_status()

    def by_xet(self, content: bytes) -> None:
        cas, headers = self.xet_token("write")
        xorb = MadeXorb(cut(content))
        with httpx.Client(headers=headers, timeout=30) as client:
            address = f"{cas}/v1/xorbs/default/{xorb.name}"
            client.post(address, content=xorb.body).raise_for_status()
            shard = shard_of(whole(xorb))
            client.post(f"{cas}/v1/shards", content=shard).raise_for_status()

    def xet_token(self, scope: str) -> tuple[str, dict[str, str]]:
        answer = self.get(f"/api/models/{self.repo}/xet-{scope}-token/main").json()
        path = urlsplit(answer["casUrl"]).path
        return self.url + path, {"Authorization": f"Bearer {answer['accessToken']}"}

    def commit(self, content: bytes, path: str = "model.bin") -> None:
        header = {"key": "header", "value": {"summary": "m"}}
        named = {"path": path, "algo": "sha256", "oid": sha256(content), "size": len(content)}
        lines = f"{json.dumps(header)}\n{json.dumps({'key': 'lfsFile', 'value': named})}\n"
        self.post(
            f"/api/models/{self.repo}/commit/main",
            content=lines,
            headers={"Content-Type": "application/x-ndjson"},
        ).raise_for_status()

    def preupload(self, content: bytes, path: str = "model.bin") -> dict:
        asked = {"files": [{"path": path, "size": len(content), "sample": ""}]}
        answer = self.post(f"/api/models/{self.repo}/preupload/main", json=asked)
        return answer.json()["files"][0]

    def download(self, path: str = "model.bin") -> httpx.Response:
        return self.get(f"/{self.repo}/resolve/main/{path}")


def parts_of(action: dict) -> dict[int, str]:
    return {int(n): href for n, href in action["header"].items() if n != "chunk_size"}


def part_of(content: bytes, number: int) -> bytes:
    return content[(number - 1) * PART_BYTES : number * PART_BYTES]
