"""The door for people: pages made on the server, readable without JavaScript.

Owns: pages, forms, templates, styles, the errors that people see. No decision about the product.
May use: the hub and the features' nouns and errors.
"""

from fastapi import APIRouter

from etabli.web import (
    accounts,
    create,
    create_results,
    discussions,
    edits,
    files,
    home,
    lists,
    models,
    owners,
    repos,
    settings,
    static_files,
)
from etabli.web.errors import present_error
from etabli.web.routing import dataset_router, model_router

# These add their pages to the two routers of repositories.
_WITH_REPO_PAGES = (discussions, edits, files, repos)

router = APIRouter()
for part in (static_files, home, accounts, settings, lists, create, create_results, repos):
    router.include_router(part.router)
router.include_router(dataset_router)
router.include_router(models.router)
router.include_router(owners.router)
router.include_router(model_router)

__all__ = ["present_error", "router"]
