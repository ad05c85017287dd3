"""One repository that cannot be read is skipped and named: everybody else is served as ever."""

import os
import socket

import pytest

from etabli.cli import backup_file, doctor, fsck
from etabli.features.git import AddFile, DamagedRepoError, DeleteFolder
from etabli.features.repos import RepoType
from etabli.operations import commits
from etabli.operations.maintenance import give_back, tidy_repositories
from etabli.server.worker import work_once
from tests import broken

DEPTH = 3000
FAULTS = ["deep", "bomb", "objects", "folder", "packs", "garbled"]


@pytest.fixture
def good(site, alice):
    return make(site, alice, "good")


@pytest.fixture(params=FAULTS)
def bad(request, site, alice):
    repo = make(site, alice, "bad")
    git = site.backends.git.open(repo.key)
    match request.param:
        case "deep":
            broken.plant_tree(site, repo, broken.deep_tree(git, DEPTH))
        case "bomb":
            broken.plant_tree(site, repo, broken.bomb_tree(git, 9))
        case "objects":
            broken.lose_objects(site, repo)
        case "folder":
            broken.lose_folder(site, repo)
        case "packs":
            broken.lose_packs_folder(site, repo)
        case "garbled":
            broken.garble(site, repo)
    return repo


def make(site, alice, name):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", name)
    commits.commit(
        site, alice, repo, "main", [AddFile("README.md", b"---\nlicense: mit\n---\nHi.")], "card"
    )
    return repo


class TestWhoeverGoesThroughAll:
    def test_lists_show_the_others_whole(self, alices_client, good, bad, caplog):
        for query in ("full=true", "expand=siblings", "expand=sha", "cardData=true", ""):
            shapes = alices_client.get(f"/api/models?{query}").json()
            assert {shape["id"] for shape in shapes} == {"alice/good", "alice/bad"}
        shapes = {s["id"]: s for s in alices_client.get("/api/models?full=true").json()}
        assert len(shapes["alice/good"]["siblings"]) == 2
        assert "siblings" not in shapes["alice/bad"]
        assert "alice/bad is listed without its files" in caplog.text

    def test_pages_show_both(self, alices_client, good, bad):
        for address in ("/", "/models", "/search?q=alice", "/alice"):
            assert alices_client.get(address).status_code == 200, address

    def test_its_own_addresses_say_what_is_wrong(self, alices_client, bad):
        for address in (
            "/alice/bad",
            "/alice/bad/tree/main",
            "/alice/bad/commits/main",
            "/alice/bad/blob/main/README.md",
            "/alice/bad/resolve/main/README.md",
            "/alice/bad/raw/main/README.md",
            "/api/models/alice/bad",
            "/api/models/alice/bad/tree/main?recursive=true",
            "/api/models/alice/bad/tree/main?expand=true",
            "/api/models/alice/bad/commits/main",
            "/api/models/alice/bad/refs",
            "/api/models/alice/bad/lfs-files",
            "/api/models/alice/bad/revision/12345",
        ):
            assert alices_client.get(address).status_code in (200, 404, 409), address

    def test_deeds_on_it_say_what_is_wrong(self, alices_client, bad):
        posts = {
            "/api/models/alice/bad/duplicate": {"repository": "alice/copy"},
            "/api/models/alice/bad/super-squash/main": {},
            "/api/models/alice/bad/paths-info/main": {"paths": ["README.md"], "expand": True},
            "/api/models/alice/bad/preupload/main": {"files": [{"path": "x", "size": 1}]},
            "/api/models/alice/bad/lfs-files/batch": {"deletions": {"sha": ["0" * 64]}},
            "/api/models/alice/bad/branch/side": {"startingPoint": "12345"},
        }
        for address, body in posts.items():
            response = alices_client.post(address, json=body)
            assert response.status_code in (200, 404, 409, 413), (address, response.text)

    def test_the_daily_collection_goes_on(self, site, good, bad):
        skipped = []
        give_back(site, skip=lambda name, error: skipped.append(name))
        tidy_repositories(site, lambda key, error: skipped.append(key))
        assert set(skipped) <= {"alice/bad", bad.key}

    def test_the_index_goes_on(self, site, good, bad):
        while work_once(site):
            pass
        with site.read_hub() as hub:
            assert hub.catalogue.facts([good.key])[good.key].tags == ["license:mit"]
            assert hub.jobs.counts()["waiting"] == 0

    def test_fsck_and_doctor_look_at_all(self, site, good, bad):
        for thorough in (True, False):
            assert not any("alice/good" in str(f) for f in fsck.faults(site, thorough=thorough))
        assert len(list(doctor.examine(site))) == len(doctor.CHECKS)

    def test_a_backup_keeps_the_others(self, site, settings, good, bad, tmp_path):
        made = backup_file.back_up(site, tmp_path / "hub.tar")
        assert made.unread == []
        elsewhere = settings.model_copy(update={"data_dir": tmp_path / "restored"})
        if not settings.database_url:
            assert backup_file.restore(elsewhere, tmp_path / "hub.tar") == made.count


def test_what_is_damaged_is_named_by_the_collection(site, alice, good):
    lost = make(site, alice, "lost")
    broken.lose_objects(site, lost)
    skipped = {}
    give_back(site, skip=skipped.__setitem__)
    assert isinstance(skipped["alice/lost"], DamagedRepoError)


def test_a_deep_folder_can_be_deleted(site, alice):
    repo = make(site, alice, "old")
    broken.plant_tree(site, repo, broken.deep_tree(site.backends.git.open(repo.key), DEPTH))
    commits.commit(site, alice, repo, "main", [DeleteFolder("d"), AddFile("a", b"1")], "less")
    with site.read_hub() as hub:
        assert [e.path for e in hub.repos.snapshot(repo).entries(recursive=True)] == ["a"]


def test_what_the_disk_cannot_read_is_named_by_the_backup(site, good, tmp_path):
    lost = site.backends.git.path(good.key) / "objects" / "unreadable"
    with socket.socket(socket.AF_UNIX) as door:  # which no program can open as a file
        here = os.getcwd()
        os.chdir(lost.parent)
        door.bind(lost.name)
        os.chdir(here)
        made = backup_file.back_up(site, tmp_path / "hub.tar")
    assert made.unread == [lost.resolve()]


def test_a_file_that_ends_too_soon_is_filled_up(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with backup_file._Source(path) as source:
        path.write_bytes(b"x" * 40)
        assert source.read(64) + source.read(64) == b"x" * 40 + b"\0" * 60
        assert source.failed
