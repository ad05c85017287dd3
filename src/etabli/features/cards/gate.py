"""What a card asks of those who want to be let in to a gated repository.

Source: the `extra_gated_*` fields of a card, https://huggingface.co/docs/hub/models-gated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_QUESTIONS = 30
MAX_OPTIONS = 100
MAX_LABEL_CHARS = 300
MAX_PROMPT_CHARS = 20_000


class QuestionKind(StrEnum):
    """How a question is answered. What is not known here is answered in words."""

    TEXT = "text"
    CHECKBOX = "checkbox"
    COUNTRY = "country"
    DATE = "date_picker"
    SELECT = "select"


@dataclass(frozen=True)
class GateQuestion:
    label: str
    kind: QuestionKind = QuestionKind.TEXT
    options: Sequence[str] = ()
    """Of a `SELECT`: what may be answered."""


@dataclass(frozen=True)
class GateForm:
    """What stands before the gate. Empty texts leave the words to the page."""

    heading: str = ""
    description: str = ""
    prompt: str = ""
    """Markdown."""
    button: str = ""
    questions: Sequence[GateQuestion] = ()


def gate_form(metadata: Mapping[str, Any]) -> GateForm:
    """What can be read of it: a card may hold anything under these names."""
    return GateForm(
        heading=_text(metadata, "extra_gated_heading"),
        description=_text(metadata, "extra_gated_description"),
        prompt=_text(metadata, "extra_gated_prompt", MAX_PROMPT_CHARS),
        button=_text(metadata, "extra_gated_button_content"),
        questions=tuple(_questions(metadata.get("extra_gated_fields")))[:MAX_QUESTIONS],
    )


def _text(metadata: Mapping[str, Any], name: str, most: int = MAX_LABEL_CHARS) -> str:
    found = metadata.get(name)
    return found.strip()[:most] if isinstance(found, str) else ""


def _questions(fields: Any) -> Iterator[GateQuestion]:
    if not isinstance(fields, Mapping):
        return
    for name, said in fields.items():
        label = str(name).strip()[:MAX_LABEL_CHARS]
        if label and isinstance(said, Mapping):
            yield _question(label, said.get("type"), said.get("options"))
        elif label:
            yield _question(label, said)


def _question(label: str, kind: Any, options: Any = None) -> GateQuestion:
    if kind not in list(QuestionKind):
        return GateQuestion(label)
    offered = tuple(_options(options)) if kind == QuestionKind.SELECT else ()
    if kind == QuestionKind.SELECT and not offered:
        return GateQuestion(label)
    return GateQuestion(label, QuestionKind(kind), offered)


def _options(options: Any) -> Iterator[str]:
    if not isinstance(options, Sequence) or isinstance(options, str):
        return
    for option in options[:MAX_OPTIONS]:
        said = option.get("label") or option.get("value") if isinstance(option, Mapping) else option
        if text := str(said or "").strip()[:MAX_LABEL_CHARS]:
            yield text
