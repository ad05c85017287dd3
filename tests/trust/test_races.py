"""Several writers on one branch: each lands on top of another, or is told that it moved."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from etabli.features.accounts import NameTakenError
from etabli.features.git import AddFile
from etabli.features.repos import BranchMovedError, RepoExistsError, RepoType
from etabli.operations import commits


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


def head_of(site, repo) -> str:
    with site.read_hub() as hub:
        return hub.repos.head_sha(repo)


def at_once(count, work):
    """Run `work(number)` in threads that start together; the errors and the results."""
    ready = threading.Barrier(count)

    def start(number):
        ready.wait()
        try:
            return work(number)
        except (BranchMovedError, RepoExistsError, NameTakenError) as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def test_of_two_writers_on_one_parent_exactly_one_lands(site, alice, repo):
    for round_number in range(5):
        parent = head_of(site, repo)

        def write(number, parent=parent, round_number=round_number):
            changes = [AddFile("a.txt", f"{round_number} {number}".encode())]
            return commits.commit(site, alice, repo, "main", changes, "write", parent_sha=parent)

        outcomes = at_once(2, write)
        lost = [outcome for outcome in outcomes if isinstance(outcome, BranchMovedError)]
        (won,) = (outcome for outcome in outcomes if outcome not in lost)
        assert len(lost) == 1
        assert head_of(site, repo) == won.commit_sha


def test_writers_who_name_no_parent_all_land(site, alice, repo):
    def write(number):
        changes = [AddFile(f"{number}.txt", str(number).encode())]
        return commits.commit(site, alice, repo, "main", changes, f"write {number}")

    drafts = at_once(8, write)
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
        history = {commit.sha for commit in snapshot.history()}
        assert {draft.commit_sha for draft in drafts} <= history
        assert all(snapshot.read(f"{number}.txt") == str(number).encode() for number in range(8))
    assert len(history) == 9  # with the first commit


def test_refs_on_disk_follow_the_last_writer(site, alice, repo):
    def write(number):
        return commits.commit(site, alice, repo, "main", [AddFile(f"{number}", b"x")], "write")

    at_once(6, write)
    on_disk = site.backends.git.open(repo.key).references["refs/heads/main"].target
    assert str(on_disk) == head_of(site, repo)


def test_of_two_who_want_a_name_exactly_one_has_it(site, alice):
    def create(_number):
        with site.open_hub() as hub:
            return hub.repos.create(alice, RepoType.DATASET, "alice", "wanted")

    outcomes = at_once(4, create)
    assert sum(isinstance(outcome, RepoExistsError) for outcome in outcomes) == 3


def test_of_two_people_who_want_a_name_exactly_one_has_it(site):
    def register(number):
        with site.open_hub() as hub:
            return hub.accounts.register("Carol" if number else "carol")

    outcomes = at_once(2, register)
    assert sum(isinstance(outcome, NameTakenError) for outcome in outcomes) == 1


def test_a_download_is_counted_however_many_come_at_once(site):
    at_once(8, lambda _number: [site.usage.count_download("key") for _ in range(100)])
    assert site.usage.take().downloads == {"key": 800}
    assert not site.usage.take()
