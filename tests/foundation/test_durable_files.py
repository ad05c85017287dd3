import errno
import os
import sys

import pytest

from etabli.foundation import durable_files
from etabli.foundation.durable_files import (
    DiskFullError,
    FileChangedError,
    FileState,
    full_disk_named,
    is_open_for_writing,
    make_read_only,
    require_unchanged,
)

knows_writers = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells who may write")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named(number):
    with pytest.raises(DiskFullError, match="full"), full_disk_named():
        raise OSError(number, "no room")


def test_another_fault_of_the_disk_stays_what_it_is():
    with pytest.raises(PermissionError), full_disk_named():
        raise PermissionError(errno.EACCES, "not yours")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"checked")
    return path


@knows_writers
def test_whoever_can_still_write_is_known(file):
    with file.open("r+b"):
        assert is_open_for_writing(file)
        with file.open("rb"):
            assert is_open_for_writing(file)
    with file.open("rb"):
        assert not is_open_for_writing(file)


@knows_writers
def test_a_handle_of_another_process_counts(file):
    with file.open("r+b") as held:
        child = os.fork()
        if child == 0:
            os.read(0, 0)
            os.kill(os.getpid(), 19)  # stopped, with the file open
            os._exit(0)
        os.waitpid(child, os.WUNTRACED)
    assert is_open_for_writing(file)
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert held.closed
    assert not is_open_for_writing(file)


@knows_writers
def test_what_somebody_can_write_to_counts_as_changed(file, monkeypatch):
    monkeypatch.setattr(durable_files, "FORKED_WITHIN_S", 0)
    state = FileState.of(file)
    with file.open("r+b"), pytest.raises(FileChangedError):
        require_unchanged(file, state)
    require_unchanged(file, state)


def test_what_changed_is_told(file):
    state = FileState.of(file)
    file.write_bytes(b"longer than before")
    with pytest.raises(FileChangedError):
        require_unchanged(file, state)


def test_a_file_is_made_read_only_and_no_more_public(file):
    file.chmod(0o640)
    make_read_only(file)
    assert file.stat().st_mode & 0o777 == 0o440
