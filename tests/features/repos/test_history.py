import pytest

from etabli.features.repos import AddFile, DeleteFile, RepoType


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


@pytest.fixture
def commit(site, alice, repo):
    def commit(message, *changes):
        return site.commit(alice, repo, "main", changes, message).commit_sha

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
