"""Git's own program, for what it does best: within limits, and deaf to the machine's set-up."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

MAX_MEMORY_KB = 3_000_000
_SETTINGS = (
    "safe.directory=*",
    "core.fsync=none",  # done by us, when it is known to be good
    "core.packedGitLimit=256m",
    "core.packedGitWindowSize=16m",
    "pack.threads=1",
)
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C",
}


def run_git(
    folder: Path,
    words: Sequence[str],
    given: IO[bytes] | bytes,
    *,
    most_cpu_s: int,
    settings: Sequence[str] = (),
    last: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run `git` in a repository, and wait for its end, whatever it is.

    Args:
        given: what it reads: these bytes, or a file from where it stands.
        last: everybody else comes first.
    """
    options = [part for setting in (*_SETTINGS, *settings) for part in ("-c", setting)]
    before = "nice -n 19" if last else ""
    # One limit at a time: of two, some shells set neither.
    limits = f'ulimit -v {MAX_MEMORY_KB} && ulimit -t {most_cpu_s} && exec {before} "$@"'
    command = ["/bin/sh", "-c", limits, "sh", "git", *options, "-C", str(folder), *words]
    if isinstance(given, bytes):
        return subprocess.run(
            command, input=given, capture_output=True, env=_ENVIRONMENT, check=False
        )
    return subprocess.run(command, stdin=given, capture_output=True, env=_ENVIRONMENT, check=False)


def lacked_room(said: str) -> bool:
    """Whether git stopped because the disk is full, by what it said."""
    return "No space left" in said or "Out of diskspace" in said
