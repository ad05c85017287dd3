"""Files that came in one piece are cut into chunks: by a child process, which speaks to the hub.

It is a client like others, and its claims are checked like theirs: a fault in it breaks no file.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from etabli.features.blobs.errors import CuttingFailedError

PROGRAM = "etabli.engine.chunking"
MIN_BYTES = 1_000_000
"""Smaller files are not worth a process: chunks are 64 KiB."""
SLOWEST_BYTES_PER_S = 1_000_000
"""It gives way to everything else, and may have to wait for long."""
_START_S = 600


@dataclass(frozen=True)
class WholeFile:
    path: Path
    sha256: str
    size_bytes: int


def can_cut() -> bool:
    """Whether the library is installed: it is an extra."""
    return find_spec("hf_xet") is not None


def cut(file: WholeFile, cas_url: str, token: str, expires_at: int) -> None:
    """Send it to the hub at `cas_url`, in chunks.

    Raises:
        CuttingFailedError: the hub did not answer, or refused it.
    """
    asked = {
        "cas_url": cas_url,
        "token": token,
        "expires_at": expires_at,
        "files": [{"path": str(file.path), "sha256": file.sha256}],
    }
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [sys.executable, "-m", PROGRAM],
                input=json.dumps(asked).encode(),
                capture_output=True,
                env={**_clean_environment(), "HF_HOME": home},
                timeout=_START_S + file.size_bytes / SLOWEST_BYTES_PER_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CuttingFailedError("it took too long") from error
    if done.returncode != 0:
        raise CuttingFailedError(done.stderr.decode(errors="replace")[-500:])


def _clean_environment() -> dict[str, str]:
    """Enough to find Python, and none of the hub's secrets."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
