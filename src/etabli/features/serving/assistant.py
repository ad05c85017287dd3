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
from etabli.features.serving.runtimes import FIRST, Runtime

SETTINGS = "etabli.json"
MAX_SETTINGS_BYTES = 4_000_000
LONGEST_SENTENCE, LONGEST_REPLY = 2_000, 20_000
"""In characters."""


@dataclass(frozen=True)
class Assistant:
    """What a model says, and how sure it must be to speak alone."""

    replies: Mapping[str, str]
    """For each of its labels; empty where nothing was written."""
    sentences: Mapping[Decision, str]
    """For each situation that its runtime knows; empty where the hub's own words stand."""
    certainty: float
    """From 0 to 1: below it, a message goes to a person."""
    runtime: Runtime = FIRST
    commit: str = ""
    """At which these were read."""

    def situation(self, name: str) -> Decision:
        """
        Raises:
            UnknownSituationError: no sentence is said for it.
        """
        known = self.runtime.situations
        found = next((one for one in known if one.value == name), None)
        if found is None:
            raise UnknownSituationError(name, [one.value for one in known])
        return found


def read_assistant(
    snapshot: Snapshot, runtime: Runtime, labels: Sequence[str], full_name: str
) -> Assistant:
    """
    Raises:
        NotServableError: the model's own settings cannot be read.
    """
    settings = _settings(snapshot, runtime, full_name)
    replies, sentences = settings.get("answers"), settings.get("sentences")
    try:
        certainty = float(runtime.thresholds(settings)["answer_probability"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotServableError(full_name) from error
    written = replies if isinstance(replies, dict) else {}
    spoken = sentences if isinstance(sentences, dict) else {}
    return Assistant(
        replies={label: str(written.get(label, "")) for label in labels},
        sentences={
            decision: str(spoken.get(decision.value, "")) for decision in runtime.situations
        },
        certainty=certainty,
        runtime=runtime,
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
    settings = _settings(snapshot, assistant.runtime, full_name)
    settings["answers"] = _written(assistant.replies)
    settings["sentences"] = _written(assistant.sentences)
    assistant.runtime.thresholds(settings)["answer_probability"] = assistant.certainty
    return (json.dumps(settings, ensure_ascii=False, indent=2) + "\n").encode()


def _settings(snapshot: Snapshot, runtime: Runtime, full_name: str) -> dict[str, Any]:
    try:
        settings = json.loads(snapshot.find_text(SETTINGS, MAX_SETTINGS_BYTES) or "")
    except (ValueError, RecursionError) as error:
        raise NotServableError(full_name) from error
    if not isinstance(settings, dict) or not isinstance(runtime.thresholds(settings), dict):
        raise NotServableError(full_name)
    return settings


def _check(labels: Sequence[str], assistant: Assistant) -> None:
    for label in assistant.replies:
        if label not in labels:
            raise UnknownLabelError(label)
    for texts, most in (
        (assistant.replies.values(), LONGEST_REPLY),
        (assistant.sentences.values(), LONGEST_SENTENCE),
    ):
        for text in texts:
            if len(text) > most:
                raise SentenceTooLongError(text, most)
    if not 0 <= assistant.certainty <= 1:
        raise BadCertaintyError


def _written(texts: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): text.strip() for key, text in texts.items() if text.strip()}
