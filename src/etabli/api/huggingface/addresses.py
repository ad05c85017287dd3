"""Addresses on this wire: what they name, and how an answer names the next one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlencode

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.convertors import Convertor, register_url_convertor

from etabli.features.repos import Repo, RepoType
from etabli.http import PLURALS, public_url, whole_number

Item = TypeVar("Item")


class _Plural(Convertor[str]):
    """`{plural:plural}`: only the types of repository that there are."""

    regex = "|".join(PLURALS)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("plural", _Plural())


def repo_url(request: Request, repo: Repo) -> str:
    """Source: the client compares its host to HF_ENDPOINT's (repo_type_and_id_from_hf_id)."""
    prefix = "" if repo.type is RepoType.MODEL else f"{repo.type}s/"
    return f"{public_url(request)}/{prefix}{repo.full_name}"


def api_path(repo: Repo) -> str:
    return f"/api/{repo.type}s/{repo.full_name}"


def revision_and_path(request: Request) -> tuple[str, str]:
    """The two halves of `{rest:path}`, each decoded once.

    A revision is one segment, its slashes written %2F: `refs%2Fpr%2F1`. The decoded address has
    lost where it ends, so this reads the raw one. Some proxies decode on the way: then a full ref
    such as `refs/pr/1` is still recognised.
    """
    rest: str = request.path_params["rest"]
    decoded: str = request.scope["path"]
    raw = request.scope.get("raw_path") or quote(decoded).encode()
    before = decoded.removesuffix(rest).count("/")
    segments = [unquote(part) for part in raw.decode("latin-1").split("/")[before:]]
    ends = 3 if segments[0] == "refs" else 1
    return "/".join(segments[:ends]), "/".join(segments[ends:])


def next_page(request: Request, path: str, **changes: str) -> dict[str, str]:
    """The header that leads to the next page: this request's parameters, with some changed.

    Source: `paginate` in huggingface_hub/utils/_pagination.py: absolute, and requested as it is.
    """
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes]
    query = urlencode([*kept, *changes.items()])
    return {"Link": f'<{public_url(request)}{quote(path, safe="/%")}?{query}>; rel="next"'}


def listed(
    request: Request,
    find: Callable[[int, int], Sequence[Item]],
    present: Callable[[Item], Mapping[str, Any]],
    on_a_page: int,
) -> JSONResponse:
    """A page of a list, and where the next one is.

    Args:
        find: gives so many from a place on, always in the same order.
    """
    start = whole_number(request.query_params.get("cursor")) or 0
    found = find(start, on_a_page + 1)
    shapes = [present(one) for one in found[:on_a_page]]
    more = next_page(request, request.url.path, cursor=str(start + on_a_page))
    return JSONResponse(shapes, headers=more if len(found) > on_a_page else None)
