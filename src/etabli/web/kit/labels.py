"""What cards write in codes, in words that people read: tasks, languages, licences."""

from babel import Locale

from etabli.foundation.i18n.messages import msg
from etabli.foundation.i18n.translations import translator

# The identifiers are those of the clients: huggingface_hub, `pipeline_tag`.
_TASKS = {
    "text-classification": msg("Sort text"),
    "token-classification": msg("Find names and fields"),
    "table-question-answering": msg("Answer from tables"),
    "question-answering": msg("Answer questions"),
    "zero-shot-classification": msg("Sort text without examples"),
    "translation": msg("Translate"),
    "summarization": msg("Summarise"),
    "feature-extraction": msg("Turn text into vectors"),
    "sentence-similarity": msg("Compare sentences"),
    "text-generation": msg("Write text"),
    "text2text-generation": msg("Rewrite text"),
    "fill-mask": msg("Fill in a missing word"),
    "image-classification": msg("Recognise images"),
    "object-detection": msg("Find objects in images"),
    "image-to-text": msg("Describe images"),
    "automatic-speech-recognition": msg("Write down speech"),
    "text-to-speech": msg("Read aloud"),
    "audio-classification": msg("Recognise sounds"),
    "tabular-classification": msg("Sort rows of a table"),
    "tabular-regression": msg("Estimate a number"),
    "time-series-forecasting": msg("Forecast"),
}

_LICENCES = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "gpl-3.0": "GPL-3.0",
    "agpl-3.0": "AGPL-3.0",
    "eupl-1.2": "EUPL-1.2",
    "mpl-2.0": "MPL-2.0",
    "cc0-1.0": "CC0 1.0",
    "cc-by-4.0": "CC BY 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "etalab-2.0": "Licence Ouverte 2.0",
    "odc-by": "ODC-By",
    "odbl": "ODbL",
}


def task_label(task: str, language: str) -> str:
    """The task in plain words; its code, readable, when it is one that we have no words for."""
    known = _TASKS.get(task)
    return known.translate(translator(language)) if known else task.replace("-", " ")


def language_label(code: str, language: str) -> str:
    """`fr` as `French` or `Français`: a name that begins a label."""
    name = Locale.parse(language).languages.get(code)
    return name[0].upper() + name[1:] if name else code


def licence_label(licence: str) -> str:
    return _LICENCES.get(licence, licence)


def is_task(tag: str) -> bool:
    """Whether a tag of a model names its task, which has no prefix of its own."""
    return tag in _TASKS


def is_language(tag: str) -> bool:
    """Whether a tag of a model is a language's code, which has no prefix of its own."""
    return len(tag) in (2, 3) and tag in Locale.parse("en").languages
