"""What was indexed and checked is what is published."""

import subprocess

import pytest

from etabli.features.git import AddFile
from etabli.features.git.packs import pack_folder
from etabli.features.repos import RepoType
from etabli.foundation import durable_files
from etabli.foundation.durable_files import FileChangedError
from etabli.operations import commits


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "large")
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"content")], "add")
    return repo


@pytest.fixture
def sent(site, repo, tmp_path):
    """A pack as git sends it."""
    folder = site.backends.git.path(repo.key)
    words = ["git", "-c", "safe.directory=*", "-C", folder, "pack-objects", "--all", "--stdout"]
    file = tmp_path / "sent.pack"
    with file.open("wb") as pack:
        subprocess.run([*words, "-q"], stdin=subprocess.DEVNULL, stdout=pack, check=True)
    return file


@pytest.fixture
def arrived(site, repo, sent):
    with site.backends.git.quarantine(repo.key) as arrived, sent.open("rb") as pack:
        arrived.index(pack, 1_000_000)
        yield arrived


def packs(site, repo):
    return set(pack_folder(site.backends.git.path(repo.key)).iterdir())


def test_it_is_published_as_it_was_checked(site, repo, arrived):
    (index,) = arrived.packs()
    content = index.with_suffix(".pack").read_bytes()
    arrived.publish()
    (published,) = (path for path in packs(site, repo) if path.name == f"{index.stem}.pack")
    assert published.read_bytes() == content
    assert published.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
def test_what_changed_since_is_not_published(site, repo, arrived, suffix):
    before = packs(site, repo)
    (index,) = arrived.packs()
    file = index.with_suffix(suffix)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(FileChangedError):
        arrived.publish()
    assert packs(site, repo) == before


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
def test_what_somebody_can_still_write_to_is_not_published(
    site, repo, arrived, suffix, monkeypatch
):
    monkeypatch.setattr(durable_files, "FORKED_WITHIN_S", 0)
    before = packs(site, repo)
    (index,) = arrived.packs()
    file = index.with_suffix(suffix)
    file.chmod(0o600)
    with file.open("r+b"), pytest.raises(FileChangedError):
        arrived.publish()
    assert packs(site, repo) == before
    arrived.publish()
