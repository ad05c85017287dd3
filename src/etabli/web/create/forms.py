"""The forms by which a person makes an AI: what they bring, and what the words on them mean."""

import re
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from etabli.engine_contract.training import ChosenColumn, Understood
from etabli.features.accounts import Actor, Role
from etabli.features.repos import InvalidRepoNameError
from etabli.features.workshop import (
    BadTableError,
    InputFiles,
    NoTableError,
    RunState,
    TableTooLargeError,
    TooMuchMemoryError,
    TooSlowError,
    arrange,
)
from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import Message, msg
from etabli.http.upload_forms import ReceivedForm
from etabli.web.kit.labels import licence_label

SAMPLE = "banking77"
SAMPLE_NAME = "banking77-assistant"
FALLBACK_NAME = "my-assistant"
LONGEST_SUGGESTION = 60
PACKED = (".gz", ".zip")

LICENCES = (
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "etalab-2.0",
    "odbl",
    "apache-2.0",
    "mit",
    "eupl-1.2",
)

FILES = ("train", "test", "replies")
COLUMNS = ("text_column", "label_column")
ONE_OF_THEM = "label_column:"
"""Before the name of a column that may be ticked: where each label has one of its own."""

STATES: Mapping[RunState, tuple[str, Message]] = {
    RunState.CHECKED: ("", msg("looked over, not made yet")),
    RunState.QUEUED: ("you", msg("waiting for its turn")),
    RunState.MAKING: ("you", msg("being made")),
    RunState.MADE: ("ok", msg("made, not published")),
    RunState.FAILED: ("act", msg("stopped by a problem")),
    RunState.PUBLISHED: ("ok", msg("published")),
}


def suggested_name(file_name: str) -> str:
    """`Données clients (2026).csv` as `donnees-clients-2026`: a name that a model may have."""
    path = PurePosixPath(file_name.replace("\\", "/"))
    stem = PurePosixPath(path.stem).stem if path.suffix.lower() in PACKED else path.stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return words[:LONGEST_SUGGESTION].strip("-") or FALLBACK_NAME


def has_sample(samples_dir: Path) -> bool:
    return (samples_dir / SAMPLE / "train.csv").is_file()


def copy_sample(samples_dir: Path, folder: Path) -> InputFiles:
    """
    Raises:
        NoTableError: this hub has no sample.
    """
    if not has_sample(samples_dir):
        raise NoTableError
    train, test, replies = (
        Path(shutil.copy(samples_dir / SAMPLE / name, folder / name))
        for name in ("train.csv", "test.csv", "answers.csv")
    )
    return InputFiles(train, test, replies)


def brought_in(form: ReceivedForm, folder: Path) -> InputFiles:
    """
    Raises:
        NoTableError: nothing was chosen.
    """
    files = [file.path for file in form.files.get("train", ())]
    return arrange(files, form.path("test"), form.path("replies"), folder)


def field_of(error: EtabliError, form: ReceivedForm | None) -> str:
    """The field beside which an error belongs; empty when it is no field's."""
    if isinstance(error, BadTableError):
        named = str(error.text.values.get("file"))
        paths = {field: form.path(field) if form else None for field in FILES}
        return next(
            (field for field, path in paths.items() if path and path.name == named), "train"
        )
    if isinstance(error, InvalidRepoNameError):
        return "name"
    of_table = NoTableError | TableTooLargeError | TooSlowError | TooMuchMemoryError
    return "train" if isinstance(error, of_table) else ""


def licence_options(also: str = "") -> Sequence[tuple[str, str]]:
    codes = LICENCES if not also or also in LICENCES else (also, *LICENCES)
    return [(code, licence_label(code)) for code in codes]


def writable_namespaces(actor: Actor) -> Sequence[str]:
    """Where this person may publish, their own name first."""
    names = (name for name, role in actor.roles.items() if role is not Role.READ)
    return sorted(names, key=lambda name: (name != actor.name, name))


def columns_of(understood: Understood) -> Mapping[str, ChosenColumn | None]:
    """By the name of the field of a form: what a table is taken to be read by."""
    return {
        "text_column": understood["text_column"],
        "label_column": understood["label_column"],
    }


def understood_columns(understood: Understood) -> tuple[str | None, tuple[str, ...]]:
    """The column of the texts, and those of the labels: one, or several."""
    text = understood["text_column"]
    return text["name"] if text else None, tuple(understood.get("label_columns", ()))


def asked_columns(fields: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """The same, as a form asks for them."""
    ticked = [name.removeprefix(ONE_OF_THEM) for name in fields if name.startswith(ONE_OF_THEM)]
    chosen = fields.get("label_column")
    return fields.get("text_column") or None, (chosen,) if chosen else tuple(ticked)


def offered_fixes(findings: Mapping[str, Any]) -> Sequence[str]:
    """The corrections that the findings of a table suggest."""
    return [finding["fix"] for finding in findings.get("findings", ()) if finding.get("fix")]
