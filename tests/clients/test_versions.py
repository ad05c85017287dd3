"""The versions of huggingface_hub that people have, each in an environment of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import lack

SCRIPT = Path(__file__).parents[2] / "scripts" / "client_matrix.py"


@pytest.mark.slow
@pytest.mark.parametrize("version", ["0.36.0", "1.12.0", "1.28.0", "2.4.0"])
def test_does_all_of_it_by_xet_and_by_lfs(version):
    check(version)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["0.36.0+1.1.3", "1.12.0+1.4.3", "1.28.0+1.5.2", "2.4.0+1.6.0"])
def test_does_it_with_the_oldest_hf_xet_that_it_takes(version):
    check(version)


def check(version):
    command = [sys.executable, str(SCRIPT), version]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "could not be installed" in done.stderr:
        lack(f"huggingface_hub {version} cannot be installed here")
    assert done.returncode == 0, done.stdout + done.stderr
