"""Reading, checking and writing README.md with its YAML front matter."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

import yaml
from yaml.composer import Composer

from etabli.features.cards.licences import LICENCES
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import Message, msg, plain

LONGEST_METADATA_BYTES = 64 * 1024
MAX_NESTING = 32
"""The deepest that cards go is the results in a model's `model-index`, at about ten."""
MAX_NUMBER_CHARS = 100
"""What is longer is kept as the text that it is."""

_TEXT = "tag:yaml.org,2002:str"
_NUMBERS_AND_DATES = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "timestamp")
)
_FRONT_MATTER = re.compile(
    r"\A\ufeff?(?:[ \t]*\r?\n){0,100}---[ \t]*\r?\n(.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)",
    re.S | re.M,
)


class CardError(InvalidInputError):
    """The metadata cannot be read."""


@dataclass(frozen=True)
class Card:
    metadata: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class CardProblems:
    errors: Sequence[Message] = ()
    warnings: Sequence[Message] = ()


class _TooDeepError(yaml.YAMLError):
    """Lists in lists in lists, more than `MAX_NESTING`."""


class _PlainLoader(Composer, yaml.CSafeLoader):
    """YAML read by libyaml and put together here, without what makes much of little.

    No aliases: a short card cannot grow into a large one. No deep nesting. Nothing long is taken
    for a number or a date: to read one of sixty thousand digits takes more than its share of time.
    """

    def __init__(self, source: str) -> None:
        yaml.CSafeLoader.__init__(self, source)
        Composer.__init__(self)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed in a card")
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise _TooDeepError
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def compose_scalar_node(self, anchor: Any) -> Any:
        node = super().compose_scalar_node(anchor)
        if node.tag in _NUMBERS_AND_DATES and len(node.value) > MAX_NUMBER_CHARS:
            node.tag = _TEXT
        return node


def parse(text: str) -> Card:
    """
    Raises:
        CardError: the front matter is no YAML mapping, is too long or too deep, or uses aliases.
    """
    found = _FRONT_MATTER.match(text)
    if found is None:
        return Card({}, text)
    source = found[1]
    if len(source.encode()) > LONGEST_METADATA_BYTES:
        raise CardError(msg("The metadata of the card is too long: keep it under 64 kB."))
    try:
        metadata = yaml.load(source, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader, stricter
    except _TooDeepError as error:
        raise CardError(
            msg(
                "The metadata of the card is nested too deeply: keep it under {max} levels.",
                max=MAX_NESTING,
            )
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise CardError(_unreadable(error, source)) from error
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise CardError(msg("The metadata of the card must be a list of “key: value” lines."))
    return Card(_as_json(metadata), text[found.end() :])


def write(metadata: Mapping[str, Any], body: str) -> str:
    header = yaml.safe_dump(dict(metadata), sort_keys=False, allow_unicode=True)
    return f"---\n{header}---\n\n{body.lstrip()}"


def check(text: str, *, before_a_push: bool = False) -> CardProblems:
    """What the writer of a card should mend (errors) and might (warnings).

    Args:
        before_a_push: as a client asks before it commits: an unknown licence is an error too. It
            is none of a card that is here: what others let in is taken as it is.
    """
    try:
        card = parse(text)
    except CardError as error:
        return CardProblems(errors=[error.text])
    if not card.metadata:
        return CardProblems(
            warnings=[
                msg("The card has no metadata: add at least a licence between two --- lines.")
            ]
        )
    errors = [
        msg("“{key}” must be {wanted}.", key=key, wanted=wanted)
        for key, types, wanted in _SHAPES
        if key in card.metadata and not isinstance(card.metadata[key], types)
    ]
    index = card.metadata.get(_INDEX)
    if isinstance(index, list) and not all(map(_is_result, index)):
        wanted = msg("a list of models, each with its name and its results")
        errors.append(msg("“{key}” must be {wanted}.", key=_INDEX, wanted=wanted))
    if before_a_push:
        errors += [_unknown_licence(one) for one in _unknown_licences(card.metadata)]
    warnings = []
    if "license" not in card.metadata:
        warnings.append(msg("The card names no licence: others cannot know what they may do."))
    return CardProblems(errors, warnings)


def _unknown_licences(metadata: Mapping[str, Any]) -> list[str]:
    return [one for one in values_of(metadata.get("license")) if one not in LICENCES]


def _unknown_licence(name: str) -> Message:
    near = get_close_matches(name.lower(), LICENCES, n=1, cutoff=0.6)
    if near:
        return msg(
            "“license” names no known licence: “{name}”. Did you mean “{near}”? Any other is "
            "“other”, with its name under “license_name”.",
            name=name[:100],
            near=near[0],
        )
    return msg(
        "“license” names no known licence: “{name}”. Write “other”, with its name under "
        "“license_name”, or an identifier such as apache-2.0, mit or cc-by-4.0.",
        name=name[:100],
    )


_INDEX = "model-index"
_SHAPES: Sequence[tuple[str, type | tuple[type, ...], str]] = (
    ("license", (str, list), "a licence's name, such as apache-2.0"),
    ("language", (str, list), "a language code or a list of them"),
    ("tags", (list, type(None)), "a list"),
    ("datasets", (str, list), "a dataset's name or a list of them"),
    ("pipeline_tag", str, "the name of one task"),
    ("library_name", str, "the name of one library"),
    (_INDEX, list, "a list"),
)


def _is_result(model: Any) -> bool:
    """Source: `model_index_to_eval_results` in huggingface_hub/repocard_data.py, which fails on a
    card where these are not."""
    return isinstance(model, dict) and "name" in model and isinstance(model.get("results"), list)


_TAGGED: Sequence[tuple[str, str]] = (
    ("library_name", ""),
    ("pipeline_tag", ""),
    ("tags", ""),
    ("language", ""),
    ("license", "license:"),
    ("datasets", "dataset:"),
    ("base_model", "base_model:"),
    ("task_categories", "task_categories:"),
    ("task_ids", "task_ids:"),
    ("size_categories", "size_categories:"),
    ("multilinguality", "multilinguality:"),
    ("language_creators", "language_creators:"),
    ("annotations_creators", "annotations_creators:"),
    ("source_datasets", "source_datasets:"),
)
_PRESENT = ("co2_eq_emissions",)
"""Keys whose presence is a tag."""


def tags_of(metadata: Mapping[str, Any], *, is_dataset: bool = False) -> list[str]:
    """The tags that follow from metadata, in order and once each.

    A dataset's language is `language:en` where a model's is `en`: huggingface_hub's filters.
    """
    found: dict[str, None] = {}
    for key, prefix in _TAGGED:
        if key == "language" and is_dataset:
            prefix = "language:"
        for value in values_of(metadata.get(key)):
            found[f"{prefix}{value}"[:200]] = None
    for key in _PRESENT:
        if metadata.get(key) is not None:
            found[key] = None
    return list(found)


def values_of(value: Any) -> list[str]:
    """What a key says that may name one thing or several; what is neither says nothing."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list):
        return [str(item) for item in value if isinstance(item, str | int | float) and item != ""]
    return []


def _as_json(value: Any) -> Any:
    """The same value with only what JSON and every database have: dates become their text."""
    if isinstance(value, dict):
        return {plain(str(key)): _as_json(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_as_json(inside) for inside in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return plain(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return str(value)


def _unreadable(error: Exception, source: str) -> Message:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return msg("The metadata of the card cannot be read: {reason}.", reason=str(error))
    return msg(
        "The metadata of the card cannot be read at line {line}: {reason}.",
        # The end of what is left open is told as the line after the last.
        line=min(mark.line, source.count("\n")) + 2,
        reason=getattr(error, "problem", None) or "not YAML",
    )
