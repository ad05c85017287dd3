"""What a repository says of itself on this wire, field by field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Request

from etabli.api.huggingface.compute import RUNTIME
from etabli.api.huggingface.errors import UnknownFieldError
from etabli.api.huggingface.schemas import siblings, wire_time
from etabli.features.catalogue import Derived, Facts, facts_in
from etabli.features.git import Entry, Snapshot
from etabli.features.repos import Repo, RepoType


@dataclass(frozen=True)
class RepoView:
    """A repository, and where its answers come from: each is read when a field asks for it."""

    repo: Repo
    indexed: Facts
    open_snapshot: Callable[[], Snapshot]
    with_blobs: bool = False
    fresh: bool = True
    """Whether to read the card itself where the index is behind the snapshot."""

    @cached_property
    def snapshot(self) -> Snapshot:
        return self.open_snapshot()

    @cached_property
    def files(self) -> list[Entry]:
        entries = self.snapshot.entries(recursive=True)
        return sorted((e for e in entries if not e.is_folder), key=lambda e: e.path)

    @cached_property
    def facts(self) -> Facts:
        if not self.fresh or self.indexed.commit_sha == self.snapshot.commit_sha:
            return self.indexed
        return facts_in(self.snapshot, self.repo.type)

    @property
    def metadata(self) -> Mapping[str, Any]:
        return self.facts.metadata

    @property
    def derived(self) -> Derived:
        return self.facts.derived


def _transformers_info(derived: Derived) -> dict[str, Any] | None:
    """Source: TransformersInfo in huggingface_hub/hf_api.py, which takes no other keys."""
    shape = {
        "auto_model": derived.auto_class,
        "custom_class": derived.custom_class,
        "pipeline_tag": derived.task,
        "processor": derived.processor,
    }
    known = {key: value for key, value in shape.items() if value}
    if derived.library != "transformers" or not derived.auto_class:
        return None
    return known


def _safetensors(derived: Derived) -> dict[str, Any] | None:
    if not derived.parameters:
        return None
    return {"parameters": dict(derived.parameters), "total": sum(derived.parameters.values())}


def _base_models(derived: Derived) -> dict[str, Any] | None:
    if not derived.base_models:
        return None
    models = [{"id": name} for name in derived.base_models]
    return {"relation": derived.base_relation, "models": models}


_VALUES: Mapping[str, Callable[[RepoView], Any]] = {
    "author": lambda view: view.repo.namespace,
    "baseModels": lambda view: _base_models(view.derived),
    "cardData": lambda view: dict(view.metadata),
    "config": lambda view: dict(view.derived.config) or None,
    "createdAt": lambda view: wire_time(view.repo.created_at),
    "datasets": lambda view: _list(view.metadata.get("datasets")),
    "description": lambda view: view.facts.summary,
    "disabled": lambda _: False,
    "downloads": lambda view: view.repo.downloads,
    "downloadsAllTime": lambda view: view.repo.downloads,
    "gated": lambda view: gated_word(view.repo),
    "gguf": lambda view: dict(view.derived.gguf) or None,
    "lastModified": lambda view: wire_time(view.repo.updated_at),
    "library_name": lambda view: view.facts.library,
    "likes": lambda view: view.repo.likes,
    "mask_token": lambda view: view.derived.config.get("tokenizer_config", {}).get("mask_token"),
    "model-index": lambda view: view.metadata.get("model-index"),
    "models": lambda view: _list(view.metadata.get("models")),
    "pipeline_tag": lambda view: view.facts.task,
    "private": lambda view: view.repo.private,
    "runtime": lambda _: RUNTIME,
    "safetensors": lambda view: _safetensors(view.derived),
    "sdk": lambda view: view.metadata.get("sdk"),
    "sha": lambda view: view.snapshot.commit_sha,
    "siblings": lambda view: siblings(view.files, with_blobs=view.with_blobs),
    "tags": lambda view: list(view.facts.tags),
    "transformersInfo": lambda view: _transformers_info(view.derived),
    "trendingScore": lambda _: 0,
    "xetEnabled": lambda _: True,
    "usedStorage": lambda view: sum(file.size_bytes for file in view.files),
}


def gated_word(repo: Repo) -> str | bool:
    """Source: `ModelInfo.gated`, and so on: how one is let in, or False."""
    return repo.gate.value if repo.gate else False


FROM_GIT = ("sha", "siblings", "usedStorage")
"""The fields that open the repository on disk, even where the index is asked for the rest."""

_COMMON = (
    "author cardData createdAt disabled downloads downloadsAllTime gated lastModified likes "
    "private resourceGroup sha siblings tags trendingScore usedStorage xetEnabled gitalyUid"
)
_KNOWN: Mapping[RepoType, Sequence[str]] = {
    RepoType.MODEL: sorted(
        f"{_COMMON} baseModels childrenModelCount config evalResults gguf inference "
        "inferenceProviderMapping library_name mask_token model-index pipeline_tag safetensors "
        "spaces transformersInfo widgetData".split()
    ),
    RepoType.DATASET: sorted(f"{_COMMON} citation description mainSize paperswithcode_id".split()),
    RepoType.SPACE: sorted(f"{_COMMON} datasets models region runtime sdk subdomain".split()),
}
"""Source: ExpandModelProperty_T and its like in huggingface_hub/hf_api.py, without kernels'."""

_LIGHT = "createdAt downloads likes private tags"
_FULL = (
    "author cardData disabled gated lastModified sha siblings trendingScore usedStorage xetEnabled"
)
_OWN = {
    RepoType.MODEL: "library_name pipeline_tag",
    RepoType.DATASET: "author description disabled gated lastModified",
    RepoType.SPACE: "sdk",
}

_OWN_INFO = {
    RepoType.MODEL: (
        "baseModels config gguf mask_token model-index safetensors spaces transformersInfo"
    ),
    RepoType.DATASET: "description",
    RepoType.SPACE: "datasets models runtime",
}


def light_fields(type: RepoType) -> Sequence[str]:
    """What each item of a list says when nothing more is asked for: `hf models ls` shows it all."""
    return [*_LIGHT.split(), *_OWN.get(type, "").split()]


def full_fields(type: RepoType) -> Sequence[str]:
    """What each item of a list says with `full=true`."""
    return [*light_fields(type), *_FULL.split()]


def info_fields(type: RepoType) -> Sequence[str]:
    """What a repository says of itself when it is asked for by name."""
    return [*full_fields(type), *_OWN_INFO.get(type, "").split()]


def expanded_fields(request: Request, type: RepoType) -> Sequence[str] | None:
    """The fields that `expand` asks for, written in either way; None when it asks for none.

    Raises:
        UnknownFieldError: there is no such field.
    """
    query = request.query_params
    asked = [*query.getlist("expand"), *query.getlist("expand[]")]
    for place, field in enumerate(asked):
        if field not in _KNOWN[type]:
            raise UnknownFieldError(field, place, _KNOWN[type])
    return asked or None


def present(view: RepoView, fields: Sequence[str]) -> dict[str, Any]:
    """The name, and those of the fields that this hub knows of the repository.

    Source: ModelInfo, DatasetInfo and SpaceInfo in huggingface_hub/hf_api.py.
    """
    shape: dict[str, Any] = {"_id": view.repo.key, "id": view.repo.full_name}
    if view.repo.type is RepoType.MODEL:
        shape["modelId"] = view.repo.full_name
    for field in fields:
        value = _VALUES[field](view) if field in _VALUES else None
        if value is not None:
            shape[field] = value
    return shape


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
