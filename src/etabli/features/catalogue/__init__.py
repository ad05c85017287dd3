"""Catalogue: find repositories by what they say of themselves.

Owns: the search index, which can be dropped and rebuilt from the repos at any time.
May use: the foundation, git, accounts, blobs, cards, repos.
"""

from etabli.features.catalogue.derived import Derived
from etabli.features.catalogue.models import (
    Count,
    Facts,
    Lineage,
    Listing,
    Page,
    Query,
    Sort,
)
from etabli.features.catalogue.reading import Reading, UnreadableRepoError, facts_in
from etabli.features.catalogue.safetensors import NotSafetensorsError, headers_of
from etabli.features.catalogue.service import Catalogue
from etabli.features.catalogue.tasks import KNOWN_TASKS

__all__ = [
    "KNOWN_TASKS",
    "Catalogue",
    "Count",
    "Derived",
    "Facts",
    "Lineage",
    "Listing",
    "NotSafetensorsError",
    "Page",
    "Query",
    "Reading",
    "Sort",
    "UnreadableRepoError",
    "facts_in",
    "headers_of",
]
