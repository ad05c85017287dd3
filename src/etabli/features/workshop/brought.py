"""What a person brought, and so which kind of AI it is for: a table, or documents."""

import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from etabli.engine_contract.training import DOCUMENTS
from etabli.features.workshop.errors import NoTableError
from etabli.features.workshop.models import InputFiles

DOCUMENT_ENDINGS = frozenset(
    {".pdf", ".docx", ".docm", ".md", ".markdown", ".html", ".htm", ".xhtml"}
)
"""Endings that no table has; what a file is in truth, its first bytes say when it is read."""
TABLE_ENDINGS = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet",
                    ".jsonl", ".ndjson", ".json"})  # fmt: skip
FOLDER = "documents"


def arrange(
    files: Sequence[Path], test: Path | None, replies: Path | None, folder: Path
) -> InputFiles:
    """Documents go into a folder of their own within `folder`, unless they came in one, and are
    made into one AI; a table is one file.

    Raises:
        NoTableError: nothing was brought.
    """
    if not files:
        raise NoTableError
    if len(files) == 1 and files[0].is_dir():
        return InputFiles(files[0], test, source=DOCUMENTS)
    if len(files) == 1 and not _are_documents(files[0]):
        return InputFiles(files[0], test, replies)
    into = folder / FOLDER
    into.mkdir()
    for file in files:
        os.replace(file, _free(into, file.name))
    return InputFiles(into, test, source=DOCUMENTS)


def holds_documents(folder: Path) -> bool:
    return _name_documents(path.name for path in folder.rglob("*") if path.is_file())


def _are_documents(file: Path) -> bool:
    if file.suffix.lower() in DOCUMENT_ENDINGS:
        return True
    if file.suffix.lower() != ".zip":
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return _name_documents(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # whoever reads tables says what is wrong with it


def _name_documents(names: Iterable[str]) -> bool:
    """Whether there are documents among them, and no table."""
    endings = {PurePosixPath(name).suffix.lower() for name in names}
    return not endings.isdisjoint(DOCUMENT_ENDINGS) and endings.isdisjoint(TABLE_ENDINGS)


def _free(folder: Path, name: str) -> Path:
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{number}-{name}", number + 1
    return path
