"""What an owner may change of a published model without making it again: what it says, and when.

These stand in its `etabli.json`; none of them changes a weight, so the examination stays true.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etabli.engine_contract.inference import Decision
from etabli.features.git import Snapshot
from etabli.features.serving.errors import (
    BadCertaintyError,
    NotServableError,
    SentenceTooLongError,
    UnknownLabelError,
    UnknownSituationError,
)

SETTINGS = "etabli.json"
MAX_SETTINGS_BYTES = 4_000_000
LONGEST_SENTENCE = 2_000
"""In characters."""
SITUATIONS = (Decision.CLARIFY, Decision.OUTSIDE, Decision.HUMAN)
"""In which a sentence of the owner's may stand in the place of the hub's."""


@dataclass(frozen=True)
class Assistant:
    """What a model says, and how sure it must be to speak alone."""

    replies: Mapping[str, str]
    """For each of its labels; empty where nothing was written."""
    sentences: Mapping[Decision, str]
    """For each of SITUATIONS; empty where the hub's own words stand."""
    certainty: float
    """From 0 to 1: below it, a message goes to a person."""
    commit: str = ""
    """At which these were read."""


def read_assistant(snapshot: Snapshot, labels: Sequence[str], full_name: str) -> Assistant:
    """
    Raises:
        NotServableError: the model's own settings cannot be read.
    """
    settings = _settings(snapshot, full_name)
    replies, sentences = settings.get("answers"), settings.get("sentences")
    try:
        certainty = float(_thresholds(settings)["answer_probability"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotServableError(full_name) from error
    written = replies if isinstance(replies, dict) else {}
    spoken = sentences if isinstance(sentences, dict) else {}
    return Assistant(
        replies={label: str(written.get(label, "")) for label in labels},
        sentences={decision: str(spoken.get(decision.value, "")) for decision in SITUATIONS},
        certainty=certainty,
        commit=snapshot.commit.sha,
    )


def write_assistant(
    snapshot: Snapshot, labels: Sequence[str], full_name: str, assistant: Assistant
) -> bytes:
    """The model's settings with these in them, everything else as it is. Idempotent.

    Raises:
        NotServableError: the model's own settings cannot be read.
        UnknownLabelError, SentenceTooLongError, BadCertaintyError: see each.
    """
    _check(labels, assistant)
    settings = _settings(snapshot, full_name)
    settings["answers"] = _written(assistant.replies)
    settings["sentences"] = _written(assistant.sentences)
    _thresholds(settings)["answer_probability"] = assistant.certainty
    return (json.dumps(settings, ensure_ascii=False, indent=2) + "\n").encode()


def situation(name: str) -> Decision:
    """Raises UnknownSituationError for a name that is none of SITUATIONS."""
    found = next((one for one in SITUATIONS if one.value == name), None)
    if found is None:
        raise UnknownSituationError(name, [one.value for one in SITUATIONS])
    return found


def _settings(snapshot: Snapshot, full_name: str) -> dict[str, Any]:
    try:
        settings = json.loads(snapshot.find_text(SETTINGS, MAX_SETTINGS_BYTES) or "")
    except (ValueError, RecursionError) as error:
        raise NotServableError(full_name) from error
    if not isinstance(settings, dict) or not isinstance(_thresholds(settings), dict):
        raise NotServableError(full_name)
    return settings


def _thresholds(settings: dict[str, Any]) -> Any:
    """Those that decide: of the second classifier, where the model has one."""
    small = settings.get("small")
    return (small if isinstance(small, dict) else settings).get("thresholds")


def _check(labels: Sequence[str], assistant: Assistant) -> None:
    for label in assistant.replies:
        if label not in labels:
            raise UnknownLabelError(label)
    for text in (*assistant.replies.values(), *assistant.sentences.values()):
        if len(text) > LONGEST_SENTENCE:
            raise SentenceTooLongError(text, LONGEST_SENTENCE)
    if not 0 <= assistant.certainty <= 1:
        raise BadCertaintyError


def _written(texts: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): text.strip() for key, text in texts.items() if text.strip()}
