"""Catalogue: find repositories by what they say of themselves.

Owns: the search index, which can be dropped and rebuilt from the repos at any time.
May use: the foundation, git, accounts, cards, repos.
"""

from etabli.features.catalogue.models import (
    Count,
    Facts,
    Lineage,
    Listing,
    Page,
    Query,
    Sort,
)
from etabli.features.catalogue.reading import Reading, UnreadableRepoError
from etabli.features.catalogue.service import Catalogue

__all__ = [
    "Catalogue",
    "Count",
    "Facts",
    "Lineage",
    "Listing",
    "Page",
    "Query",
    "Reading",
    "Sort",
    "UnreadableRepoError",
]
