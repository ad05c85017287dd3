"""One download of a name at a time, and all who follow it, whatever becomes of who does it."""

import os

import pytest

from etabli.features.federation import Downloads, State
from etabli.features.federation.downloads import HELD_BACK_BYTES

CONTENT = os.urandom(3 * HELD_BACK_BYTES)


@pytest.fixture
def downloads(tmp_path) -> Downloads:
    return Downloads(tmp_path / "downloads")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "staged"
    path.write_bytes(CONTENT)
    return path


def test_there_is_one_at_a_time(downloads):
    download = downloads.begin("a")
    assert downloads.begin("a") is None
    other = downloads.begin("b")
    assert other is not None
    other.end()
    download.end()
    again = downloads.begin("a")
    assert again is not None
    again.end()


def test_the_end_is_held_back_until_it_is_right(downloads, file):
    download, follower = downloads.begin("a"), downloads.follow("a")
    assert follower.piece(0, len(CONTENT)) is None
    download.say(State.UNDER_WAY, file)
    first = follower.piece(0, len(CONTENT))
    assert first == CONTENT[:-HELD_BACK_BYTES]
    assert follower.piece(len(first), len(CONTENT)) is None
    # Nor is the end of a part sent, which is somebody's whole answer.
    assert follower.piece(10, 10 + HELD_BACK_BYTES) is None
    download.say(State.KEPT)
    download.end()
    assert follower.piece(len(first), len(CONTENT)) == CONTENT[len(first) :]
    follower.close()


@pytest.mark.parametrize("state", [State.DIFFERENT, State.CUT])
def test_nothing_comes_of_what_was_not_right(downloads, file, state):
    download, follower = downloads.begin("a"), downloads.follow("a")
    download.say(State.UNDER_WAY, file)
    first = follower.piece(0, len(CONTENT))
    download.say(state)
    download.end()
    assert follower.piece(len(first), len(CONTENT)) is None
    assert follower.state is state
    assert follower.piece(0, len(CONTENT)) is None
    follower.close()


def test_a_download_that_died_is_cut(downloads, file):
    download, follower = downloads.begin("a"), downloads.follow("a")
    download.say(State.UNDER_WAY, file)
    follower.look()
    download.end()  # as the system does for a process that is killed
    follower.look()
    assert follower.state is State.CUT
    follower.close()


def test_the_end_of_another_download_is_not_the_end_of_this_one(downloads, file, tmp_path):
    download, follower = downloads.begin("a"), downloads.follow("a")
    download.say(State.UNDER_WAY, file)
    follower.look()
    download.end()
    another = tmp_path / "another"
    another.write_bytes(CONTENT)
    second = downloads.begin("a")
    second.say(State.UNDER_WAY, another)
    second.say(State.KEPT)
    second.end()
    follower.look()
    assert follower.state is State.CUT
    follower.close()


def test_what_was_kept_before_anybody_looked_is_read_elsewhere(downloads, tmp_path):
    download, follower = downloads.begin("a"), downloads.follow("a")
    download.say(State.UNDER_WAY, tmp_path / "gone")
    download.say(State.KEPT)
    download.end()
    assert follower.piece(0, 10) is None
    assert follower.state is State.KEPT


def test_who_comes_right_after_the_end_takes_it_from_nobody(downloads, file):
    download, follower = downloads.begin("a"), downloads.follow("a")
    download.say(State.UNDER_WAY, file)
    first = follower.piece(0, len(CONTENT))
    download.say(State.KEPT)
    download.end()
    late = downloads.begin("a")
    late.say_kept_before()
    late.end()
    assert follower.piece(len(first), len(CONTENT)) == CONTENT[len(first) :]
    follower.close()


def test_what_was_kept_in_another_way_is_read_elsewhere(downloads):
    download = downloads.begin("a")
    download.say_kept_before()
    download.end()
    follower = downloads.follow("a")
    follower.look()
    assert follower.state is State.KEPT
