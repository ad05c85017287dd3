"""Finding things otherwise than by a list: tags by their type, a search as one types, papers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from etabli.api.huggingface.compute import RUNTIME
from etabli.api.huggingface.errors import present_error
from etabli.features.accounts import Actor, NamespaceKind, Permission
from etabli.features.catalogue import KNOWN_TASKS, Query, Sort
from etabli.features.repos import RepoNotFoundError, RepoType
from etabli.foundation.errors import NotFoundError
from etabli.foundation.i18n.messages import msg
from etabli.http import ActorDep, HubDep, RepoDep, make_router, requires, whole_number
from etabli.hub import Hub

MAX_TAGS = 1000
MAX_OF_EACH = 20
"""Of a search as one types."""
MAX_SPACES_FOUND = 100

_TAG_TYPES = """annotations_creators arxiv base_model benchmark dataset language language_creators
    license multilinguality region size_categories source_datasets task_categories
    task_ids""".split()  # noqa: SIM905
"""What may stand before the colon of a tag, and is its type."""
_LIBRARIES = """adapter-transformers asteroid bertopic diffusers espnet etabli fastai flair gguf jax
    joblib keras mlx nemo onnx open_clip openvino paddlenlp peft pyannote-audio pytorch safetensors
    sentence-transformers setfit sklearn spacy span-marker speechbrain stable-baselines3 stanza
    tensorboard tf tf-keras timm transformers transformers.js unity-sentis""".split()  # noqa: SIM905
_LANGUAGE = re.compile(r"[a-z]{2,3}")

router = make_router(present_error)


@router.get("/api/{plural:plural}-tags-by-type")
@requires(Permission.PUBLIC)
def tags_by_type(
    request: Request, hub: HubDep, actor: ActorDep, plural: str
) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Source: HfApi.get_model_tags, get_dataset_tags: the most used, as far as one may see them."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for tag, _ in hub.catalogue.common_tags(actor, RepoType(plural[:-1]), limit=MAX_TAGS):
        type = _tag_type(tag)
        label = tag.removeprefix(f"{type}:")
        found.setdefault(type, []).append({"id": tag, "label": label, "type": type})
    return found


def _tag_type(tag: str) -> str:
    """Source: the keys of the answer that huggingface_hub's documentation shows."""
    prefix, colon, _ = tag.partition(":")
    if colon and prefix in _TAG_TYPES:
        return prefix
    if tag in KNOWN_TASKS:
        return "pipeline_tag"
    if tag in _LIBRARIES:
        return "library"
    return "language" if _LANGUAGE.fullmatch(tag) else "other"


@router.get("/api/quicksearch")
@requires(Permission.PUBLIC)
def quicksearch(request: Request, hub: HubDep, actor: ActorDep) -> dict[str, Any]:
    """Source: the search field of the Hub's pages, which tools ask too; see `GET /api/quicksearch`
    in its OpenAPI document."""
    asked = request.query_params
    text = asked.get("q", "")[:200]
    limit = min(whole_number(asked.get("limit")) or MAX_OF_EACH, MAX_OF_EACH)
    wanted = set(asked.getlist("type"))
    answer: dict[str, Any] = {"q": text}
    for type in RepoType:
        items = _found(hub, actor, type, text, limit) if _is_wanted(type, wanted) else []
        answer[f"{type}s"], answer[f"{type}sCount"] = items, len(items)
    for kind, key in ((NamespaceKind.USER, "user"), (NamespaceKind.ORG, "org")):
        people = hub.accounts.namespaces_like(text, limit) if _is_wanted(key, wanted) else []
        shown = [
            {"_id": one.name, "name": one.name, "fullname": one.full_name or one.name}
            | ({"user": one.name} if kind is NamespaceKind.USER else {})
            for one in people
            if one.kind is kind
        ]
        answer[f"{key}s"], answer[f"{key}sCount"] = shown, len(shown)
    return answer


def _is_wanted(kind: str, wanted: set[str]) -> bool:
    return not wanted or kind in wanted or "all" in wanted


def _found(hub: Hub, actor: Actor, type: RepoType, text: str, limit: int) -> list[dict[str, Any]]:
    query = Query(type=type, words=text.split(), every_word=True, sort=Sort.DOWNLOADS)
    page = hub.catalogue.search(actor, query, limit=limit)
    return [
        {"_id": item.repo.key, "id": item.repo.full_name, "trendingWeight": 0}
        for item in page.items
    ]


@router.get("/api/spaces/semantic-search")
@requires(Permission.PUBLIC)
def search_spaces(request: Request, hub: HubDep, actor: ActorDep) -> list[dict[str, Any]]:
    """Source: HfApi.search_spaces. By words, not by meaning; and only those that run, of which
    there are none here, unless those that do not are asked for too."""
    asked = request.query_params
    if asked.get("includeNonRunning", "").lower() not in ("true", "1"):
        return []
    query = Query(
        type=RepoType.SPACE, words=asked.get("q", "")[:1000].split(), tags=asked.getlist("filter")
    )
    kinds = asked.getlist("sdk")
    items = hub.catalogue.search(actor, query, limit=MAX_SPACES_FOUND).items
    return [
        {
            "id": item.repo.full_name,
            "author": item.repo.namespace,
            "title": item.facts.metadata.get("title") or item.repo.name,
            "emoji": item.facts.metadata.get("emoji"),
            "sdk": item.facts.metadata.get("sdk"),
            "likes": item.repo.likes,
            "private": item.repo.private,
            "tags": list(item.facts.tags),
            "runtime": RUNTIME,
            "trendingScore": 0,
        }
        for item in items
        if not kinds or item.facts.metadata.get("sdk") in kinds
    ]


class NoPapersError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(
            msg("This hub has no papers. Read this one where it was published, such as arxiv.org.")
        )


@router.get("/api/papers/search")
@router.get("/api/daily_papers")
@requires(Permission.PUBLIC)
async def list_papers() -> list[Any]:
    """Source: HfApi.list_papers, list_daily_papers: there are none."""
    return []


@router.get("/api/papers/{paper}")
@router.get("/papers/{paper}.md")
@requires(Permission.PUBLIC)
def find_paper(paper: str) -> None:
    """Source: HfApi.paper_info, read_paper."""
    raise NoPapersError


@router.get("/api/datasets/{namespace}/{name}/leaderboard")
@requires(Permission.SEE_REPO)
def leaderboard(repo: RepoDep) -> list[Any]:
    """Source: HfApi.get_dataset_leaderboard: nobody's results are kept here."""
    return []


@router.get("/api/kernels/{owner}/{kernel}")
@router.get("/api/kernels/{owner}/{kernel}/revision/{revision:path}")
@requires(Permission.PUBLIC)
def find_kernel(owner: str, kernel: str) -> None:
    """Source: HfApi.kernel_info: there are none."""
    raise RepoNotFoundError(f"{owner}/{kernel}")


@router.get("/api/tasks")
@requires(Permission.PUBLIC)
async def recommended_models() -> dict[str, Any]:
    """Source: `_fetch_recommended_models` in huggingface_hub: this hub recommends none."""
    return {}
