"""The door for people: pages made on the server, readable without JavaScript.

Owns: pages, forms, templates, styles, the errors that people see. No decision about the product.
May use: the hub and the features' nouns and errors.
"""

from fastapi import APIRouter

from etabli.web.account import settings, sign_in
from etabli.web.browse import buckets, compare, home, profile, search
from etabli.web.create import results, steps
from etabli.web.kit import static_files
from etabli.web.kit.errors import present_error
from etabli.web.kit.routing import dataset_router, model_router
from etabli.web.repo import (
    access,
    discussions,
    edits,
    embed,
    files,
    improve,
    model_pages,
    pages,
    sort,
)

# These add their pages to the two routers of repositories.
_WITH_REPO_PAGES = (access, discussions, edits, files, pages)

router = APIRouter()
for part in (
    static_files,
    buckets,
    home,
    sign_in,
    settings,
    search,
    compare,
    steps,
    results,
    pages,
    embed,
):
    router.include_router(part.router)
router.include_router(dataset_router)
router.include_router(model_pages.router)
router.include_router(improve.router)
router.include_router(sort.router)
router.include_router(profile.router)
router.include_router(model_router)

__all__ = ["present_error", "router"]
