"""Runs the program that a model's card holds, where Établi cannot be imported."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from etabli.features.accounts import Actor
from etabli.features.repos import RepoType
from etabli.site import Site

_WITHOUT = "import sys; sys.modules['etabli'] = None\n"


def fetched(site: Site, actor: Actor, name: str, folder: Path) -> Path:
    """The files of a published model."""
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(hub.repos.get(actor, RepoType.MODEL, name))
        for entry in snapshot.entries():
            if not entry.is_folder:
                path = folder / entry.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"".join(snapshot.pieces(entry)))
    return folder


def answers_of_card(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    card = (folder / "README.md").read_text("utf-8")
    [program] = re.findall(r"```python\n(.+?)```", card, re.DOTALL)
    (folder / "ask.py").write_text(_WITHOUT + program, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "ask.py", *texts],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
