"""The real parts that some tests drive: a browser, git-lfs, PostgreSQL, a small disk."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI", "") not in ("", "0", "false")


def need(what: str, *places: str | Path) -> str:
    """The path of a program that a test cannot do without.

    Where it is missing the test is skipped, and says so; in CI it fails instead, so that a test
    that never runs does not pass for one that does.

    Args:
        places: names looked for on the PATH, or whole paths; `what` itself if none is given.
    """
    found = next(filter(None, (shutil.which(str(place)) for place in places or (what,))), None)
    if found is None:
        lack(f"{what} is not installed here")
    return found


def lack(reason: str) -> NoReturn:
    """Skip this test for a reason; in CI, fail it."""
    if IN_CI:
        pytest.fail(f"{reason}, and in CI it must be", pytrace=False)
    pytest.skip(reason)
