import errno

import pytest

from etabli.foundation.disk import DiskFullError, full_disk_named


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named(number):
    with pytest.raises(DiskFullError, match="full"), full_disk_named():
        raise OSError(number, "no room")


def test_another_fault_of_the_disk_stays_what_it_is():
    with pytest.raises(PermissionError), full_disk_named():
        raise PermissionError(errno.EACCES, "not yours")
