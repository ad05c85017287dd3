"""The forms by which a person makes an AI: what they bring, and what the words on them mean."""

import re
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from etabli.features.accounts import Actor, Role
from etabli.features.repos import InvalidRepoNameError
from etabli.features.workshop import (
    BadTableError,
    NoTableError,
    RunState,
    Source,
    Tables,
    TableTooLargeError,
)
from etabli.foundation.errors import EtabliError
from etabli.foundation.words import Text, say
from etabli.uploads import ReceivedForm
from etabli.web.labels import licence_label

SAMPLE = "banking77"
SAMPLE_NAME = "banking77-assistant"
SAMPLE_SOURCE = Source(
    license="cc-by-4.0",
    attribution=(
        "BANKING77, by Iñigo Casanueva, Tadas Temčinas, Daniela Gerz, Matthew Henderson and "
        "Ivan Vulić: Efficient Intent Detection with Dual Sentence Encoders, 2020, CC BY 4.0. "
        "The replies are illustrative: written for Établi, checked by no bank."
    ),
    url="https://arxiv.org/abs/2003.04807",
    language="en",
)
FALLBACK_NAME = "my-assistant"
LONGEST_SUGGESTION = 60
MOST_FIELDS = 5_000

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

# The names that the recipe gives to the three files, and the fields that they came from.
_FIELD_OF = {"train.csv": "train", "test.csv": "test", "answers.csv": "replies"}

STATES: Mapping[RunState, tuple[str, Text]] = {
    RunState.CHECKED: ("", say("looked over, not made yet")),
    RunState.QUEUED: ("you", say("waiting for its turn")),
    RunState.MAKING: ("you", say("being made")),
    RunState.MADE: ("ok", say("made, not published")),
    RunState.FAILED: ("act", say("stopped by a problem")),
    RunState.PUBLISHED: ("ok", say("published")),
}

STAGES: Mapping[str, Text] = {
    "reading": say("Reading your table"),
    "checking": say("Setting some messages aside for the examination"),
    "learning": say("Learning from your messages"),
    "calibrating": say("Learning when to doubt"),
    "saving": say("Writing the model down"),
    "examining": say("Taking its examination, on messages that it has never seen"),
    "done": say("Done"),
}
"""The stages that the recipe tells of, see its `progress.py`."""

FIXES: Mapping[str, Text] = {
    "drop_duplicates": say("Keep one of each"),
    "drop_leaked": say("Keep these for the examination only"),
    "drop_empty": say("Leave these rows out"),
    "mask_personal_data": say("Mask them everywhere"),
    "drop_tiny_classes": say("Leave these labels out"),
    "merge_look_alikes": say("Make each of them one label"),
}

WHY: Mapping[str, Text] = {
    "duplicates": say("What is repeated counts twice, and the score would look better than it is."),
    "contradictions": say(
        "Nobody can be right on these: read them, and correct your table if you can."
    ),
    "leakage": say(
        "It would be examined on what it has learned by heart, and the score would flatter it."
    ),
    "tiny_classes": say("One example is not enough to learn what is meant."),
    "small_classes": say("Expect mistakes there. Thirty examples each would do."),
    "personal_data": say("If you publish the data, they would be public."),
    "empty_texts": say("There is nothing to read in them."),
    "empty_labels": say("There is nothing to learn from them."),
    "long_texts": say("It is made for short messages."),
    "imbalance": say("Add examples of the rare ones, if you have some."),
    "look_alike_labels": say("To a machine these are different labels."),
    "unknown_test_labels": say("It cannot be examined on what it was never shown."),
    "labels_without_answer": say(
        "For these it will name the subject. You can write replies later."
    ),
    "answers_without_label": say("These replies will not be used: check how the label is written."),
}
"""Why each finding matters, by its code."""


async def read_fields(request: Request) -> Mapping[str, str]:
    """The fields of a form whose names depend on the table; files are left aside."""
    async with request.form(max_fields=MOST_FIELDS) as form:
        return {
            name: value for name, value in form.multi_items() if not isinstance(value, UploadFile)
        }


FieldsDep = Annotated[Mapping[str, str], Depends(read_fields)]


def suggested_name(file_name: str) -> str:
    """`Données clients (2026).csv` as `donnees-clients-2026`: a name that a model may have."""
    stem = PurePosixPath(file_name.replace("\\", "/")).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return words[:LONGEST_SUGGESTION].strip("-") or FALLBACK_NAME


def has_sample(samples_dir: Path) -> bool:
    return (samples_dir / SAMPLE / "train.csv").is_file()


def copy_sample(samples_dir: Path, folder: Path) -> Tables:
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
    return Tables(train, test, replies)


def tables_in(form: ReceivedForm) -> Tables:
    """
    Raises:
        NoTableError: no table was chosen.
    """
    train, test, replies = (form.first(field) for field in ("train", "test", "replies"))
    if train is None:
        raise NoTableError
    return Tables(
        train.path,
        test.path if test else None,
        replies.path if replies else None,
    )


def place(error: EtabliError, form: ReceivedForm | None) -> tuple[str, EtabliError]:
    """The field beside which an error belongs, and the error in the names of the person's files."""
    if isinstance(error, BadTableError):
        field = _FIELD_OF.get(str(error.text.values.get("file")), "train")
        sent = form.first(field) if form else None
        return field, in_own_names(error, {field: sent.name} if sent else {})
    if isinstance(error, InvalidRepoNameError):
        return "name", error
    if isinstance(error, NoTableError | TableTooLargeError):
        return "train", error
    return "", error


def in_own_names(error: BadTableError, names: Mapping[str, str]) -> BadTableError:
    """The same error, with the file called as its owner calls it."""
    text = error.text
    name = names.get(_FIELD_OF.get(str(text.values.get("file")), ""))
    if name is None:
        return error
    return BadTableError(Text(text.template, {**text.values, "file": name}))


def licence_options(also: str = "") -> Sequence[tuple[str, str]]:
    codes = LICENCES if not also or also in LICENCES else (also, *LICENCES)
    return [(code, licence_label(code)) for code in codes]


def writable_namespaces(actor: Actor) -> Sequence[str]:
    """Where this person may publish, their own name first."""
    names = (name for name, role in actor.roles.items() if role is not Role.READ)
    return sorted(names, key=lambda name: (name != actor.name, name))


def offered_fixes(findings: Mapping[str, Any]) -> Sequence[str]:
    """The corrections that the findings of a table suggest."""
    return [finding["fix"] for finding in findings.get("findings", ()) if finding.get("fix")]


def text_of(part: Mapping[str, Any]) -> Text:
    """A sentence that a recipe wrote down in two parts."""
    return Text(part["template"], part["values"])
