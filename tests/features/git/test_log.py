import random
import subprocess

import pygit2
import pytest

from etabli.features.git import AddFile, DeleteFile, log
from etabli.features.repos import RepoType
from etabli.operations import commits
from tests import packs


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


@pytest.fixture
def commit(site, alice, repo):
    def commit(message, *changes):
        return commits.commit(site, alice, repo, "main", changes, message).commit_sha

    return commit


def last(site, repo, revision="main"):
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo, revision)
        entries = snapshot.entries(recursive=True)
        return {path: c.title for path, c in snapshot.last_commits(entries).items()}


def test_each_file_and_folder_names_the_commit_that_touched_it_last(site, repo, commit):
    commit("one", AddFile("a.txt", b"1"), AddFile("deep/er/b.txt", b"1"))
    second = commit("two", AddFile("deep/c.txt", b"2"))
    commit("three", AddFile("a.txt", b"3"))
    expected = {
        ".gitattributes": "initial commit",
        "a.txt": "three",
        "deep": "two",
        "deep/er": "one",
        "deep/er/b.txt": "one",
        "deep/c.txt": "two",
    }
    assert last(site, repo) == expected
    assert last(site, repo, second) == expected | {"a.txt": "one"}


def test_what_came_back_names_the_commit_that_brought_it(site, repo, commit):
    commit("one", AddFile("a.txt", b"1"))
    assert last(site, repo)["a.txt"] == "one"
    commit("two", DeleteFile("a.txt"))
    assert "a.txt" not in last(site, repo)
    commit("three", AddFile("a.txt", b"1"))
    assert last(site, repo)["a.txt"] == "three"


def test_a_file_in_place_of_a_folder(site, repo, commit):
    commit("one", AddFile("x/y", b"1"))
    commit("two", DeleteFile("x"))
    commit("three", AddFile("x", b"1"))
    assert last(site, repo)["x"] == "three"


def test_what_is_known_of_an_earlier_commit_is_used_rightly(site, repo, commit):
    commit("one", AddFile("d/a", b"1"), AddFile("d/b", b"1"))
    last(site, repo)
    commit("two", AddFile("d/b", b"2"))
    commit("three", AddFile("d/c", b"1"))
    found = last(site, repo)
    assert (found["d/a"], found["d/b"], found["d/c"], found["d"]) == (
        "one",
        "two",
        "three",
        "three",
    )


def test_a_page_is_a_part_of_the_whole(site, repo, commit):
    commit("one", *[AddFile(f"d/{n}", b"1") for n in range(5)], AddFile("a", b"1"))
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
        whole = snapshot.entries(recursive=True)
        assert [
            *snapshot.page("", 0, 3, recursive=True),
            *snapshot.page("", 3, None, recursive=True),
        ] == whole
        assert snapshot.page("", 99, 100) == []


class TestOneWalk:
    @pytest.fixture
    def walked(self, monkeypatch):
        """The commits that a search goes to, as often as it does."""
        seen = []
        compare = log._Search._compare

        def counted(self, sha, before):
            seen.append(sha)
            compare(self, sha, before)

        monkeypatch.setattr(log._Search, "_compare", counted)
        return seen

    def test_for_all_paths_together(self, site, repo, commit, walked):
        commit("one", *[AddFile(f"d{n}/e/f", b"1") for n in range(50)], AddFile("last", b"1"))
        for number in range(5):
            commit(f"more {number}", AddFile("last", b"%d" % number))
        found = last(site, repo)
        assert {found[f"d{n}/e/f"] for n in range(50)} == {"one"}
        assert found["last"] == "more 4"
        assert len(walked) == len(set(walked)) == 7

    def test_as_git_finds_them(self, site, alice, repo):
        """Against git itself, over a history made by chance."""
        chance = random.Random(5)
        names = [f"{a}/{b}" for a in "abc" for b in "xyz"] + ["a/q/r", "a/q/s", "top"]
        here: set[str] = set()
        for number in range(40):
            chosen = chance.sample(names, 2)
            gone = [n for n in chosen if n in here and chance.random() < 0.4]
            changes = [DeleteFile(n) if n in gone else AddFile(n, b"%d" % number) for n in chosen]
            here = (here | set(chosen)) - set(gone)
            commits.commit(site, alice, repo, "main", changes, f"{number}")
        with site.read_hub() as hub:
            snapshot = hub.repos.snapshot(repo)
            entries = snapshot.entries(recursive=True)
            found = {path: c.sha for path, c in snapshot.last_commits(entries).items()}
        folder = str(site.backends.git.path(repo.key))
        for entry in entries:
            asked = ["git", "-C", folder, "log", "-1", "--format=%H", "--first-parent", "main"]
            said = subprocess.run([*asked, "--", entry.path], capture_output=True, check=True)
            assert found[entry.path] == said.stdout.decode().strip(), entry.path

    def test_what_is_older_than_the_search_is_not_known(self, site, repo, commit, monkeypatch):
        monkeypatch.setattr(log, "LONGEST_SEARCH", 3)
        commit("old", AddFile("old", b"1"))
        for number in range(4):
            commit(f"{number}", AddFile("new", b"%d" % number))
        found = last(site, repo)
        assert found == {"new": "3"}
        assert last(site, repo) == found

    def test_nor_what_takes_too_many_lookups(self, site, repo, commit, monkeypatch):
        commit("old", *[AddFile(f"{n}", b"1") for n in range(20)])
        for number in range(4):
            commit(f"{number}", AddFile("new", b"%d" % number))
        monkeypatch.setattr(log, "MAX_LOOKUPS", 30)
        assert last(site, repo) == {"new": "3"}

    def test_a_walk_ends_where_one_before_it_began(self, site, repo, commit, walked):
        for number in range(5):
            commit(f"{number}", AddFile("a", b"%d" % number))
        last(site, repo)
        walked.clear()
        sha = commit("next", AddFile("b", b"1"))
        assert last(site, repo)["a"] == "4"
        assert len(walked) == 1
        assert walked == [sha]

    def test_little_is_remembered(self, site, repo, commit, monkeypatch):
        remembered = log._Remembered()
        monkeypatch.setattr(log, "_REMEMBERED", remembered)
        monkeypatch.setattr(log, "MAX_REMEMBERED_PATHS", 25)
        for number in range(6):
            commit(f"{number}", *[AddFile(f"{n}", b"%d" % number) for n in range(10)])
            last(site, repo)
        assert sum(len(known) for known in remembered._known.values()) == remembered._count <= 25


def test_a_commit_of_the_year_100000(site, repo, commit):
    git = site.backends.git.open(repo.key)
    with site.read_hub() as hub:
        tree = str(git[hub.repos.head_sha(repo)].peel(pygit2.Commit).tree_id)
    kind, content = packs.commit(tree)
    late = content.replace(b" 1700000000 ", b" 3093527980800 ")
    made = git[git.odb.write(pygit2.enums.ObjectType(kind), late)].peel(pygit2.Commit)
    assert log.commit_info(made).committed_at.year == 9999
