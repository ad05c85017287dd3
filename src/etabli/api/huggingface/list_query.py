"""What a list is asked for. Whatever is asked is heeded, or refused with a sentence; never ignored.

Source: HfApi.list_models, list_datasets, list_spaces in huggingface_hub/hf_api.py, and `listModels`
and its like in huggingface.js.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from fastapi import Request
from starlette.datastructures import QueryParams

from etabli.features.catalogue import Query, Sort
from etabli.features.repos import RepoType
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import Message, msg

_SORTS: Mapping[str, Sort] = {
    "": Sort.UPDATED,
    "lastModified": Sort.UPDATED,
    "last_modified": Sort.UPDATED,
    "modified": Sort.UPDATED,
    "createdAt": Sort.CREATED,
    "created_at": Sort.CREATED,
    "created": Sort.CREATED,
    "downloads": Sort.DOWNLOADS,
    # Of which nothing has any more than another here.
    "likes": Sort.UPDATED,
    "trendingScore": Sort.UPDATED,
    "trending_score": Sort.UPDATED,
    "trending": Sort.UPDATED,
}
"""Those of huggingface_hub, and those of huggingface.js and of releases before 0.27."""
SORT_NAMES = ("lastModified", "createdAt", "downloads", "likes", "trendingScore")

_ALWAYS = frozenset(
    {"author", "cardData", "cursor", "direction", "expand", "expand[]", "filter", "full"}
    | {"limit", "search", "sort"}
)
_OWN: Mapping[RepoType, frozenset[str]] = {
    RepoType.MODEL: frozenset(
        {"apps", "config", "gated", "inference", "inference_provider", "num_parameters"}
        | {"pipeline_tag"}
    ),
    RepoType.DATASET: frozenset({"gated"}),
    RepoType.SPACE: frozenset({"datasets", "linked", "models"}),
}

_GGUF_APPS = """backyard docker-model-runner jan jellybox koboldcpp lemonade llama-cpp-python
    llama.cpp lmstudio msty node-llama-cpp ollama recursechat sanctum""".split()  # noqa: SIM905
_SERVERS = "sglang tgi vllm".split()  # noqa: SIM905
APPS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(_GGUF_APPS, ("gguf",)),
    **dict.fromkeys(_SERVERS, ("transformers", "safetensors", "text-generation")),
    "mlx-lm": ("mlx",),
}
"""The tags of what runs in an app. Source: local-apps.ts in huggingface.js, in short."""

_NUMBER = r"(\d{1,18}(?:\.\d{1,12})?)([KMBT]?)"
_UNITS = {"": 0, "K": 3, "M": 6, "B": 9, "T": 12}
_MOST = 10**18


class UnknownFilterError(InvalidInputError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            msg(
                "This list knows no filter “{name}”. It knows: {known}.",
                name=name[:100],
                known=", ".join(known),
            )
        )


class BadFilterError(InvalidInputError):
    def __init__(self, text: Message) -> None:
        super().__init__(text)


def query_of(request: Request, type: RepoType) -> Query:
    """
    Raises:
        UnknownFilterError, BadFilterError: something is asked that this hub does not do.
    """
    asked = request.query_params
    known = _ALWAYS | _OWN[type]
    for name in asked:
        if name not in known:
            raise UnknownFilterError(name, sorted(known - {"cursor", "direction", "expand[]"}))
    _refuse_providers(asked)
    return Query(
        type=type,
        words=[word for text in asked.getlist("search") for word in text.split()],
        every_word=True,
        tags=[*asked.getlist("filter"), *asked.getlist("pipeline_tag"), *_of_apps(asked)],
        owner=asked.get("author"),
        parameters=_parameters(asked.get("num_parameters")),
        gated=_flag("gated", asked.get("gated")),
        uses=[
            *((RepoType.MODEL, name) for name in asked.getlist("models")),
            *((RepoType.DATASET, name) for name in asked.getlist("datasets")),
        ],
        sort=_sort(asked),
    )


def _refuse_providers(asked: QueryParams) -> None:
    if "inference" in asked or "inference_provider" in asked:
        raise BadFilterError(
            msg(
                "No inference provider serves the models of this hub. Those that answer here are "
                "listed at /v1/models; ask for the list without this filter."
            )
        )


def _of_apps(asked: QueryParams) -> list[str]:
    found: list[str] = []
    for app in asked.getlist("apps"):
        if app not in APPS:
            raise BadFilterError(
                msg(
                    "This hub does not know which models run in “{app}”. It knows of: {known}.",
                    app=app[:100],
                    known=", ".join(sorted(APPS)),
                )
            )
        found += APPS[app]
    return list(dict.fromkeys(found))


def _sort(asked: QueryParams) -> Sort:
    if asked.get("direction", "-1") != "-1":
        raise BadFilterError(
            msg("Lists begin with the newest or the largest. Ask without “direction”.")
        )
    sort = asked.get("sort", "")
    if sort not in _SORTS:
        raise BadFilterError(
            msg(
                "A list cannot be sorted by “{sort}”. Sort by one of: {known}.",
                sort=sort[:100],
                known=", ".join(SORT_NAMES),
            )
        )
    return _SORTS[sort]


def _flag(name: str, given: str | None) -> bool | None:
    if given is None:
        return None
    if given.lower() not in ("true", "false"):
        raise BadFilterError(msg("“{name}” must be true or false.", name=name))
    return given.lower() == "true"


def _parameters(given: str | None) -> tuple[int, int] | None:
    """Source: `num_parameters="min:6B,max:128B"`; either of the two may be missing."""
    if given is None:
        return None
    bounds = {"min": 0, "max": _MOST}
    for part in given.split(","):
        found = re.fullmatch(rf"(min|max):{_NUMBER}", part.strip(), re.I)
        if found is None:
            raise BadFilterError(
                msg(
                    "“num_parameters” must be bounds such as min:6B,max:128B, with K, M, B or T "
                    "for thousands, millions, billions or trillions."
                )
            )
        number = Decimal(found[2]).scaleb(_UNITS[found[3].upper()])
        bounds[found[1].lower()] = min(int(number), _MOST)
    return bounds["min"], bounds["max"]
