"""What is not here is had from an upstream, as it is there, and from here afterwards."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from etabli.features.accounts import NameTakenError
from etabli.features.repos import Gate, RepoType
from etabli.operations.indexing import index_repo
from tests.federation.running import (
    LARGE,
    LARGE_SHA256,
    SMALL,
    RunningHub,
    make_site,
    publish,
)
from tests.trust.hub_process import post_commit

MODEL = "/api/models/alice/model"
FILE = "/alice/model/resolve/main/model.safetensors"


async def answer_503(_scope, _receive, send, _app) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def answer_429(_scope, _receive, send, _app) -> None:
    await send({"type": "http.response.start", "status": 429, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_repository_is_the_same_here(upstream, downstream):
    with upstream.client() as there, downstream.client() as here:
        info = here.get(MODEL).json()
        assert info["sha"] == there.get(MODEL).json()["sha"]
        tree = here.get(f"{MODEL}/tree/main?recursive=true").json()
        listed = there.get(f"{MODEL}/tree/main?recursive=true").json()
        assert [(one["path"], one["oid"]) for one in tree] == [
            (one["path"], one["oid"]) for one in listed
        ]
        assert here.get("/alice/model/resolve/main/README.md").text == "# A model\n"
        assert here.get("/alice/model/resolve/main/small.bin").content == SMALL
        got = here.get(FILE)
        assert got.content == LARGE
        assert got.headers["etag"] == f'"{LARGE_SHA256}"'
        assert got.headers["x-etabli-mirror"].startswith(upstream.url)


def test_what_came_is_served_from_here(upstream, downstream):
    with downstream.client() as here:
        assert here.get(FILE).content == LARGE
        asked = upstream.between.count("/resolve/")
        assert here.get(FILE).content == LARGE
        assert upstream.between.count("/resolve/") == asked == 1


def test_the_head_of_a_file_fetches_nothing(upstream, downstream):
    with downstream.client() as here:
        head = here.head(FILE)
        assert head.headers["content-length"] == str(len(LARGE))
        assert "x-xet-hash" not in head.headers
    assert upstream.between.count("/resolve/") == 0


def test_a_part_is_a_part(downstream):
    with downstream.client() as here:
        middle = here.get(FILE, headers={"Range": "bytes=1000-200999"})
        assert (middle.status_code, middle.content) == (206, LARGE[1000:201_000])
        rest = here.get(FILE, headers={"Range": "bytes=2999990-"})
        assert (rest.status_code, rest.content) == (206, LARGE[2_999_990:])


def test_a_commit_is_never_asked_for_twice(upstream, downstream):
    with downstream.client() as here:
        sha = here.get(MODEL).json()["sha"]
        upstream.between.asked.clear()
        here.get(f"{MODEL}/revision/{sha}").raise_for_status()
        here.get(f"/alice/model/resolve/{sha}/README.md").raise_for_status()
    assert upstream.between.asked == []


def test_a_branch_follows(upstream, downstream):
    with upstream.client(upstream.token) as there, downstream.client() as here:
        publish(there, "alice/followed")
        before = here.get("/api/models/alice/followed").json()["sha"]
        there.post("/api/models/alice/followed/tag/main", json={"tag": "v1"}).raise_for_status()
        there.post("/api/models/alice/followed/branch/dev", json={}).raise_for_status()
        refs = here.get("/api/models/alice/followed/refs").json()
        assert [one["name"] for one in refs["tags"]] == ["v1"]
        assert {one["name"] for one in refs["branches"]} == {"main", "dev"}
        post_commit(there, "alice/followed", "More", "more.txt", "more").raise_for_status()
        assert here.get("/alice/followed/resolve/main/more.txt").text == "more"
        assert here.get(f"/alice/followed/resolve/{before}/README.md").text == "# A model\n"
        there.request("DELETE", "/api/models/alice/followed/branch/dev").raise_for_status()
        refs = here.get("/api/models/alice/followed/refs").json()
        assert [one["name"] for one in refs["branches"]] == ["main"]


@pytest.mark.parametrize("meddle", [answer_503, answer_429])
def test_the_last_known_state_is_served_while_the_upstream_fails(upstream, downstream, meddle):
    with downstream.client() as here:
        sha = here.get(MODEL).json()["sha"]
        here.get(FILE).raise_for_status()
        upstream.between.misbehave("/", meddle)
        info = here.get(MODEL)
        assert info.json()["sha"] == sha
        assert here.get(FILE).content == LARGE
        assert here.get(MODEL).headers["x-etabli-mirror"].endswith("trouble=down")
        upstream.between.behave()
        here.get(MODEL)
        assert "trouble" not in here.get(MODEL).headers["x-etabli-mirror"]


def test_what_was_never_seen_is_502_while_the_upstream_fails(upstream, downstream):
    with downstream.client() as here:
        upstream.between.misbehave("/", answer_503)
        assert here.get(MODEL).status_code == 502
        upstream.between.behave()
        assert here.get(MODEL).status_code == 200


def test_sixteen_who_ask_at_once_cause_one_download(upstream, downstream):
    async def slowly(scope, receive, send, app) -> None:
        await anyio.sleep(0.5)
        await app(scope, receive, send)

    def get(_: int) -> bytes:
        with downstream.client() as here:
            return here.get(FILE).content

    upstream.between.misbehave("/resolve/", slowly)
    with ThreadPoolExecutor(16) as threads:
        assert all(content == LARGE for content in threads.map(get, range(16)))
    assert upstream.between.count("/resolve/") == 1
    assert upstream.between.count("git-upload-pack") == 1


def test_git_clones_it(downstream, tmp_path):
    command = ["git", "clone", "-q", f"{downstream.url}/alice/model", str(tmp_path / "clone")]
    env = {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, env=env, check=True)
    assert (tmp_path / "clone" / "README.md").read_text() == "# A model\n"
    assert LARGE_SHA256 in (tmp_path / "clone" / "model.safetensors").read_text()


def test_git_lfs_gets_a_file_that_is_not_here(upstream, downstream):
    body = {"operation": "download", "objects": [{"oid": LARGE_SHA256, "size": 1}]}
    with downstream.client() as here:
        [found] = here.post("/alice/model.git/info/lfs/objects/batch", json=body).json()["objects"]
        assert here.get(found["actions"]["download"]["href"]).content == LARGE
        assert upstream.between.count("/resolve/") == 1


def test_nobody_changes_a_mirror(downstream):
    token = downstream.register("carol")
    with downstream.client(token) as here:
        here.get(MODEL).raise_for_status()
        assert post_commit(here, "alice/model", "No", "a.txt", "a").status_code == 403
        talk = {"title": "Hello", "pullRequest": False, "description": "Hello"}
        assert here.post(f"{MODEL}/discussions", json=talk).status_code == 403
        gone = here.request(
            "DELETE", "/api/repos/delete", json={"name": "model", "organization": "alice"}
        )
        assert gone.status_code == 403


def test_what_is_private_or_gated_there_is_not_passed_on(upstream, downstream):
    with upstream.client(upstream.token) as there, downstream.client() as here:
        publish(there, "alice/hidden")
        publish(there, "alice/gated")
        hide = {"private": True}
        there.put("/api/models/alice/hidden/settings", json=hide).raise_for_status()
        with upstream.site.open_hub() as hub:
            actor = hub.accounts.actor("alice")
            repo = hub.repos.get(actor, RepoType.MODEL, "alice/gated")
            hub.repos.access.set_gate(actor, repo, Gate.MANUAL)
        assert here.get("/api/models/alice/hidden").status_code == 401
        assert here.get("/api/models/alice/gated").status_code == 403
        assert here.get("/alice/gated/resolve/main/README.md").status_code == 403


def test_a_token_is_sent_to_no_upstream(upstream, downstream):
    seen = []

    async def look(scope, receive, send, app) -> None:
        seen.extend(scope["headers"])
        await app(scope, receive, send)

    token = downstream.register("carol")
    upstream.between.misbehave("/", look)
    with downstream.client(token) as here:
        assert here.get(FILE, headers={"Cookie": f"a={token}"}).content == LARGE
    assert seen
    assert not [1 for _, value in seen if token.encode() in value]


def test_a_copy_is_found_before_its_files_come(downstream):
    with downstream.client() as here:
        here.get(MODEL).raise_for_status()
        with downstream.site.read_hub() as hub:
            key = hub.mirrors.find(RepoType.MODEL, "alice/model").key
        index_repo(downstream.site, key)
        assert [one["id"] for one in here.get("/api/models").json()] == ["alice/model"]


# Whose a name is


def test_a_namespace_of_this_hub_never_reaches_an_upstream(upstream, downstream):
    downstream.register("alice")
    with downstream.client() as here:
        assert here.get(MODEL).status_code == 401
        assert here.get("/api/datasets/Alice/model").status_code == 401
    assert upstream.between.asked == []


def test_a_namespace_that_is_bound_cannot_be_had_here(downstream):
    with downstream.client() as here:
        here.get(MODEL).raise_for_status()
    with downstream.site.open_hub() as hub, pytest.raises(NameTakenError):
        hub.accounts.register("Alice", "correct horse")


@pytest.fixture
def other(tmp_path, empty_database) -> RunningHub:
    """Another upstream, of somebody who took the same name, with another model."""
    running = RunningHub(make_site(tmp_path / "other", empty_database)).start()
    with running.client(running.register("alice")) as client:
        publish(client, "alice/other")
        publish(client, "alice/model")
    yield running
    running.stop()


def test_the_first_that_is_seen_stays(upstream, downstream, other):
    with downstream.site.open_hub() as hub:
        hub.federation.add(other.url, "other", allow_private=True)
    other.between.asked.clear()
    with upstream.client() as there, downstream.client() as here:
        sha = there.get(MODEL).json()["sha"]
        assert here.get(MODEL).json()["sha"] == sha
        # The other one has it, and is not asked: the namespace is bound.
        assert here.get("/api/models/alice/other").status_code == 401
        with downstream.site.open_hub() as hub:
            hub.federation.remove("up")
        assert here.get("/api/models/alice/other").status_code == 401
        assert here.get(MODEL).json()["sha"] == sha
    assert other.between.asked == []


def test_one_that_fails_gives_way_to_no_other(upstream, downstream, other):
    with downstream.site.open_hub() as hub:
        hub.federation.add(other.url, "other", allow_private=True)
    other.between.asked.clear()
    upstream.between.misbehave("/", answer_503)
    with downstream.client() as here:
        assert here.get(MODEL).status_code == 502
    assert other.between.asked == []


def test_what_nobody_has_is_asked_of_each_in_turn(upstream, downstream, other):
    with downstream.site.open_hub() as hub:
        hub.federation.add(other.url, "other", allow_private=True)
    other.between.asked.clear()
    with downstream.client() as here:
        assert here.get("/api/models/nobody/nothing").status_code == 401
    assert upstream.between.asked
    assert other.between.asked


# What is kept


def test_the_least_used_goes_when_there_is_no_room(upstream, tmp_path, empty_database):
    upstream.between.behave()
    # Room for one large file, and for no second one.
    site = make_site(tmp_path / "small", empty_database, upstream_ask_again_s=0, mirrored_gb=0.004)
    with site.open_hub() as hub:
        hub.federation.add(upstream.url, allow_private=True)
    with upstream.client(upstream.token) as there:
        publish(there, "alice/second")
    running = RunningHub(site).start()
    try:
        with running.client() as here:
            assert here.get(FILE).content == LARGE
            second = "/alice/second/resolve/main/model.safetensors"
            assert here.get(second).content == LARGE
            upstream.between.asked.clear()
            assert here.get(second).content == LARGE
            assert not upstream.between.count("/resolve/")
            assert here.get(FILE).content == LARGE
            assert upstream.between.count("/resolve/") == 1
    finally:
        running.stop()


def test_what_is_larger_than_all_that_may_be_kept_is_refused(upstream, tmp_path, empty_database):
    upstream.between.behave()
    site = make_site(tmp_path / "tiny", empty_database, mirrored_gb=0.001)
    with site.open_hub() as hub:
        hub.federation.add(upstream.url, allow_private=True)
    running = RunningHub(site).start()
    try:
        with running.client() as here:
            refused = here.get(FILE)
            assert refused.status_code == 413
            assert "0.001 GB" in refused.json()["error"]
            assert here.get("/alice/model/resolve/main/small.bin").content == SMALL
    finally:
        running.stop()
