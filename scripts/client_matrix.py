"""Run huggingface_hub's versions against a hub, each in a virtual environment of its own.

    .venv/bin/python scripts/client_matrix.py [--keep FOLDER] [VERSION ...]

A version is one of huggingface_hub, with the newest hf_xet that it takes: 2.4.0; or with one of
hf_xet too: 2.4.0+1.6.0. Each environment is made once and kept. The result is a table for
docs/compatibility.md.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from etabli.features.accounts import TokenRole
from etabli.hub import Hub
from etabli.settings import Settings
from etabli.site import Site

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".venvs"
VERSIONS = ("0.36.0", "1.12.0", "1.28.0", "2.4.0")
WITH_THEIR_OLDEST_XET = ("0.36.0+1.1.3", "1.12.0+1.4.3", "1.28.0+1.5.2", "2.4.0+1.6.0")
ETABLI = [sys.executable, "-c", "from etabli.cli import main; main()"]
DEEDS = ROOT / "tests" / "clients" / "deeds.py"


class NotInstallableError(Exception):
    pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS + WITH_THEIR_OLDEST_XET)
    parser.add_argument("--keep", type=Path, default=KEPT, help="for the environments")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="etabli-matrix-") as folder,
        HubForClients(Path(folder) / "data") as hub,
    ):
        results = {
            (version, way): run(hub, arguments.keep, version, way, Path(folder))
            for version in arguments.versions
            for way in ways(version)
        }
    sys.stdout.write(table(results))
    return 0 if all(all(r.values()) for r in results.values()) else 1


def ways(version: str) -> tuple[str, ...]:
    """How large files go up and down; what hf_xet's version is matters by Xet alone."""
    return ("xet",) if "+" in version else ("xet", "lfs")


class HubForClients:
    """`etabli serve` with two people, for as long as the block lasts."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def __enter__(self) -> "HubForClients":
        site = Site(Settings(data_dir=self._data_dir, database_url=""))
        site.migrate()
        with site.open_hub() as hub:
            self.token, self.strangers_token = (_token_of(hub, name) for name in ("alice", "bob"))
        site.close()
        command = [*ETABLI, "serve", "--port", "0", "--data-dir", str(self._data_dir)]
        self._log = (self._data_dir.parent / "log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        card = self._data_dir / "server.json"
        while not card.exists():
            if self._process.poll() is not None:
                raise SystemExit((self._data_dir.parent / "log").read_text())
            time.sleep(0.05)
        self.url = json.loads(card.read_text())["url"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._log.close()


def _token_of(hub: Hub, name: str) -> str:
    hub.accounts.register(name, None)
    return hub.accounts.issue_token(name, TokenRole.WRITE, "matrix").secret


def run(hub: HubForClients, keep: Path, version: str, way: str, folder: Path) -> dict[str, bool]:
    """What this version could do, sent and read in this way.

    Raises:
        NotInstallableError: it could not be had.
    """
    python = environment(keep, version)
    home = folder / f"home-{version}-{way}"
    done = subprocess.run(
        [str(python), str(DEEDS), f"alice/m-{re.sub('[.+]', '-', version)}-{way}"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HF_HOME": str(home / "hf"),
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": hub.token,
            "STRANGERS_TOKEN": hub.strangers_token,
            "HF_HUB_DISABLE_XET": "1" if way == "lfs" else "",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {f"started ({done.stderr[-400:]})": False}
    sys.stderr.write(done.stderr if done.returncode else "")
    return dict(json.loads(lines[-1]))


def environment(keep: Path, version: str) -> Path:
    folder = keep / f"huggingface_hub-{version}"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        # Without a pip of its own, and compiling what is used alone: a third of the time.
        venv.create(folder, clear=True, with_pip=False)
        of_hub, _, of_xet = version.partition("+")
        wanted = [f"huggingface_hub=={of_hub}", f"hf_xet=={of_xet}" if of_xet else "hf_xet"]
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
        install = [*pip, "install", "--quiet", "--no-compile", *wanted]
        if subprocess.run(install, check=False).returncode:
            raise NotInstallableError(f"huggingface_hub {version} could not be installed.")
        (folder / ".ready").touch()
    return python


def table(results: dict[tuple[str, str], dict[str, bool]]) -> str:
    deeds = list(dict.fromkeys(deed for result in results.values() for deed in result))
    heads = [f"{version} {way}" for version, way in results]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for deed in deeds:
        cells = ["yes" if result.get(deed) else "no" for result in results.values()]
        lines.append(f"| {deed} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
