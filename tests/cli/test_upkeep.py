import io
import json
import os
import shutil
import socket
import tarfile
import threading

import pytest

from etabli.cli import backup_file, doctor
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from etabli.server import instance_lock
from etabli.settings import Settings
from etabli.site import Site


@pytest.fixture
def data_dir(operator):
    """A hub of one person with one repository of two commits."""
    operator.runs("users", "add", "alice", "--no-password")
    site = open_site(operator.data_dir)
    with site.open_hub() as hub:
        alice = hub.accounts.actor("alice")
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "box", private=True)
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"kept")], "add")
    site.close()
    return operator.data_dir


def open_site(data_dir):
    return Site(Settings(data_dir=data_dir, database_url="", embedded_worker=False))


def content_of(data_dir):
    site = open_site(data_dir)
    with site.read_hub() as hub:
        repo = hub.repos.get(hub.accounts.actor("alice"), RepoType.MODEL, "alice/box")
        snapshot = hub.repos.snapshot(repo)
        content = {e.path: snapshot.read(e.path) for e in snapshot.entries()}
    site.close()
    return content


def keep_large_file(data_dir):
    site = open_site(data_dir)
    with site.open_hub() as hub:
        alice = hub.accounts.actor("alice")
        repo = hub.repos.get(alice, RepoType.MODEL, "alice/box")
    commits.commit(site, alice, repo, "main", [AddFile("model.safetensors", b"large")], "add")
    site.close()


def the_git_folder(data_dir):
    (folder,) = (data_dir / "repos").glob("*/*.git")
    return folder


# doctor


def test_a_well_hub_has_a_clean_bill(operator, data_dir):
    lines = operator.runs("doctor").splitlines()
    assert len(lines) == len(doctor.CHECKS)
    assert not [line for line in lines if line.startswith("fail")]
    assert any("The database is whole" in line for line in lines)


def test_a_lost_repository_is_a_failure(operator, data_dir):
    shutil.rmtree(the_git_folder(data_dir))
    code, out, _ = operator.tries("doctor")
    assert code == 1
    assert "alice/box has no folder on disk" in out


def test_a_port_in_use_is_a_warning(operator, data_dir, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("ETABLI_PORT", str(taken.getsockname()[1]))
        out = operator.runs("doctor")
    assert "warn  Port" in out


def test_a_setting_that_makes_no_sense_is_told_by_name(operator, monkeypatch):
    monkeypatch.setenv("ETABLI_PORT", "many")
    code, _, err = operator.tries("doctor")
    assert code == 2
    assert "ETABLI_PORT" in err


def test_a_folder_that_cannot_be_made_is_told(operator):
    operator.data_dir.parent.joinpath("file").touch()
    operator.data_dir = operator.data_dir.parent / "file" / "hub"
    code, _, err = operator.tries("users", "add", "alice", "--no-password")
    assert code == 2
    assert "cannot be written" in err


def test_without_git_nothing_starts(operator, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = operator.tries("users", "add", "alice", "--no-password")
    assert code == 2
    assert "Install git" in err


# fsck


def test_whole_repositories_are_told_whole(operator, data_dir):
    assert operator.runs("fsck").startswith("Repositories checked: 1. All is whole")


def test_one_flipped_bit_is_found(operator, data_dir):
    pack = max(the_git_folder(data_dir).glob("objects/pack/*.pack"), key=lambda p: p.stat().st_size)
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.chmod(0o644)
    pack.write_bytes(content)
    code, _, err = operator.tries("fsck")
    assert code == 1
    assert "alice/box" in err


def test_a_lost_pack_is_found(operator, data_dir):
    for pack in the_git_folder(data_dir).glob("objects/pack/*"):
        pack.unlink()
    code, _, err = operator.tries("fsck")
    assert code == 1
    assert "lacks the commit" in err


# backup and restore


def test_a_backup_brings_everything_back(operator, data_dir, tmp_path):
    keep_large_file(data_dir)
    before = content_of(data_dir)
    (data_dir / "runs" / "r1").mkdir(parents=True)
    (data_dir / "runs" / "r1" / "result.json").write_text("{}")
    (data_dir / "serving").mkdir()
    (data_dir / "serving" / "cache.bin").write_text("made anew")
    (data_dir / "repos" / "tmp_half").write_text("half")
    file = tmp_path / "hub.tar"
    operator.runs("backup", str(file))
    assert os.stat(file).st_mode & 0o777 == 0o600
    shutil.rmtree(data_dir)
    operator.runs("restore", str(file))
    assert content_of(data_dir) == before
    assert (data_dir / "runs/r1/result.json").read_text() == "{}"
    assert not (data_dir / "serving").exists()
    assert not list(data_dir.rglob("tmp_*"))
    published = [*data_dir.glob("blobs/blobs/*/*"), *data_dir.rglob("objects/pack/*")]
    assert len(published) > 2
    assert not [path for path in published if path.stat().st_mode & 0o222]
    assert operator.runs("fsck").startswith("Repositories checked: 1. All is whole")
    assert not [line for line in operator.runs("doctor").splitlines() if line.startswith("fail")]


def test_a_backup_while_people_commit_has_all_that_was_acknowledged_before(data_dir, tmp_path):
    site = open_site(data_dir)
    acknowledged, stopping = [], threading.Event()

    def work(name):
        with site.read_hub() as hub:
            alice = hub.accounts.actor("alice")
            repo = hub.repos.get(alice, RepoType.MODEL, "alice/box")
        number = 0
        while not stopping.is_set():
            number += 1
            path = f"{name}-{number}"
            commits.commit(site, alice, repo, "main", [AddFile(path, path.encode())], path)
            acknowledged.append(path)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("x", "y")]
    for thread in threads:
        thread.start()
    promised = []
    for number in range(3):
        while len(acknowledged) < 5 * (number + 1):
            stopping.wait(0.01)
        promised.append(list(acknowledged))
        backup_file.back_up(site, tmp_path / f"{number}.tar")
    stopping.set()
    for thread in threads:
        thread.join()
    site.close()
    for number, paths in enumerate(promised):
        folder = tmp_path / f"restored{number}"
        backup_file.restore(Settings(data_dir=folder, database_url=""), tmp_path / f"{number}.tar")
        content = content_of(folder)
        assert all(content[path] == path.encode() for path in paths)


def test_a_restore_overwrites_nothing(operator, data_dir, tmp_path):
    file = tmp_path / "hub.tar"
    operator.runs("backup", str(file))
    code, _, err = operator.tries("restore", str(file))
    assert code == 1
    assert "is not empty" in err
    assert content_of(data_dir)["a.txt"] == b"kept"


def altered(file, change):
    """The same archive with its members passed through `change(name, content)`."""
    out = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            for name, content in change(member.name, old.extractfile(member).read()):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    file.write_bytes(out.getvalue())


ALTERATIONS = {
    "a changed file": lambda n, c: [(n, c + b"x" if n.endswith(".pack") else c)],
    "a missing file": lambda n, c: [] if n.endswith(".idx") else [(n, c)],
    "a file more": lambda n, c: [(n, c), ("data/more", b"x")] if n == "database" else [(n, c)],
    "no manifest": lambda n, c: [] if n == "manifest.json" else [(n, c)],
    "no database": lambda n, c: [] if n == "database" else [(n, c)],
    "a way out": lambda n, c: [(n, c), ("data/../../out", b"x")] if n == "database" else [(n, c)],
    "an absolute way": lambda n, c: [("/data/x" if n == "database" else n, c)],
    "another format": lambda n, c: [
        (n, json.dumps(json.loads(c) | {"format": 9}).encode() if n == "manifest.json" else c)
    ],
}


@pytest.mark.parametrize("how", ALTERATIONS)
def test_a_damaged_backup_is_refused_and_leaves_nothing(operator, data_dir, tmp_path, how):
    file = tmp_path / "hub.tar"
    operator.runs("backup", str(file))
    altered(file, ALTERATIONS[how])
    operator.data_dir = tmp_path / "new"
    code, _, err = operator.tries("restore", str(file))
    assert code == 1
    assert "no complete backup" in err
    assert list(operator.data_dir.iterdir()) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10240])
def test_what_is_no_backup_is_refused(operator, tmp_path, content):
    file = tmp_path / "hub.tar"
    file.write_bytes(content)
    code, _, err = operator.tries("restore", str(file))
    assert code == 1
    assert "no complete backup" in err


def test_a_cut_backup_is_refused(operator, data_dir, tmp_path):
    file = tmp_path / "hub.tar"
    operator.runs("backup", str(file))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    operator.data_dir = tmp_path / "new"
    assert operator.tries("restore", str(file))[0] == 1
    assert list(operator.data_dir.iterdir()) == []


def test_a_backup_that_fails_leaves_no_file(operator, data_dir, tmp_path):
    code, _, err = operator.tries("backup", str(tmp_path / "no" / "such" / "hub.tar"))
    assert code == 1
    assert "could not be written" in err
    assert "Keep the backup outside" in operator.tries("backup", str(data_dir / "hub.tar"))[2]
    assert not list(tmp_path.glob("*.tar"))


# Which server serves a folder


def test_a_server_tells_where_it_is_until_it_ends(tmp_path):
    assert instance_lock.find(tmp_path) is None
    instance_lock.announce(tmp_path, "http://127.0.0.1:1")
    assert instance_lock.find(tmp_path) == instance_lock.Running("http://127.0.0.1:1", os.getpid())
    instance_lock.withdraw(tmp_path)
    instance_lock.withdraw(tmp_path)
    assert instance_lock.find(tmp_path) is None


@pytest.mark.parametrize("left", ["", "{", "[]", '{"url": "x"}', '{"url": "x", "pid": 4194305}'])
def test_what_a_killed_server_left_behind_counts_for_nothing(tmp_path, left):
    (tmp_path / "server.json").write_text(left)
    assert instance_lock.find(tmp_path) is None


def test_a_folder_has_one_server(tmp_path):
    second = instance_lock.only_server(tmp_path)
    with instance_lock.only_server(tmp_path), pytest.raises(instance_lock.AlreadyServedError):
        second.__enter__()
    with instance_lock.only_server(tmp_path):
        pass
