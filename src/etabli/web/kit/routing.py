"""Routes that models and datasets share: one function, two addresses."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from etabli.features.repos import Ref
from etabli.http import make_router
from etabli.pools import PAGES
from etabli.web.kit.errors import present_error

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

# The first comes first: /datasets/alice/settings is a dataset's page, never a model's settings.
# The largest text that can be edited, half a million bytes, may weigh six times as much when sent.
dataset_router = make_router(present_error, reads=PAGES, max_body_size=4_000_000)
model_router = make_router(present_error, reads=PAGES, max_body_size=4_000_000)


def repo_get(path: str) -> Callable[[Endpoint], Endpoint]:
    """A page of every repository, at `/{namespace}/{name}` + path. `@requires` goes right below."""
    return _on_both("GET", path)


def repo_post(path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
    return _on_both("POST", path, **options)


def split_revision(refs: Sequence[Ref], address: str) -> tuple[str, str]:
    """The revision and the path in what follows `/tree/`: a branch's name may hold slashes."""
    for name in sorted((ref.short_name for ref in refs), key=len, reverse=True):
        if address == name or address.startswith(f"{name}/"):
            return name, address[len(name) + 1 :].strip("/")
    revision, _, path = address.partition("/")
    return revision, path.strip("/")


def _on_both(method: str, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
    def declare(endpoint: Endpoint) -> Endpoint:
        for router, prefix in ((dataset_router, "/datasets"), (model_router, "")):
            address = f"{prefix}/{{namespace}}/{{name}}{path}"
            router.add_api_route(
                address, endpoint, methods=[method], response_model=None, **options
            )
        return endpoint

    return declare
