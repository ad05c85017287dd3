"""Files that a process of the engine leaves."""

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_json(path: Path, content: object) -> None:
    """Whole or not at all: whoever looks while we write sees the old file, or the new one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    partial.replace(path)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def folder_size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
