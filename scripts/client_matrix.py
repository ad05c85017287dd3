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
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("0.36.0", "1.12.0", "1.28.0", "2.4.0")
WITH_THEIR_OLDEST_XET = ("0.36.0+1.1.3", "1.12.0+1.4.3", "1.28.0+1.5.2", "2.4.0+1.6.0")
ETABLI = [sys.executable, "-c", "from etabli.cli import main; main()"]
DEEDS = ROOT / "tests" / "clients" / "deeds.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS + WITH_THEIR_OLDEST_XET)
    parser.add_argument("--keep", type=Path, default=ROOT / ".venvs", help="for the environments")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="etabli-matrix-") as folder,
        HubForClients(Path(folder) / "data") as hub,
    ):
        results = {
            (version, way): run(hub, arguments.keep, version, way, Path(folder))
            for version in arguments.versions
            for way in (("xet",) if "+" in version else ("xet", "lfs"))
        }
    sys.stdout.write(table(results))
    return 0 if all(all(r.values()) for r in results.values()) else 1


class HubForClients:
    """`etabli serve` with one user, for as long as the block lasts."""

    def __init__(self, data_dir: Path) -> None:
        self._environment = {**os.environ, "ETABLI_DATA_DIR": str(data_dir)}
        self._data_dir = data_dir
        self.token = "hf_client_matrix_0123456789"  # noqa: S105 - of a hub that lives for a minute
        self.strangers_token = "hf_client_matrix_stranger"  # noqa: S105

    def __enter__(self) -> "HubForClients":
        self._etabli("users", "add", "alice", "--no-password")
        self._etabli("tokens", "add", "alice", "--role", "write", "--stdin", given=self.token)
        self._etabli("users", "add", "bob", "--no-password")
        given = self.strangers_token
        self._etabli("tokens", "add", "bob", "--role", "write", "--stdin", given=given)
        command = [*ETABLI, "serve", "--port", "0"]
        self._log = (self._data_dir.parent / "log").open("wb")
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=self._log, stderr=self._log
        )
        card = self._data_dir / "server.json"
        while not card.exists():
            if self._process.poll() is not None:
                raise SystemExit((self._data_dir.parent / "log").read_text())
        self.url = json.loads(card.read_text())["url"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._log.close()

    def _etabli(self, *words: str, given: str = "") -> None:
        command = [*ETABLI, *words]
        subprocess.run(
            command, env=self._environment, input=given.encode(), check=True, capture_output=True
        )


def run(hub: HubForClients, keep: Path, version: str, way: str, folder: Path) -> dict[str, bool]:
    """What this version could do, sent and read in this way."""
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
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        of_hub, _, of_xet = version.partition("+")
        wanted = [f"huggingface_hub=={of_hub}", f"hf_xet=={of_xet}" if of_xet else "hf_xet"]
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, *wanted], check=False).returncode:
            raise SystemExit(f"huggingface_hub {version} could not be installed.")
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
