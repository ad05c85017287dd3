"""Repositories as they stand in lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etabli.features.catalogue import Listing
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.labels import language_label, licence_label, task_label
from etabli.web.repo.frame import tasks, values


@dataclass(frozen=True)
class Item:
    """One line of a list, in the visitor's language."""

    type: str
    namespace: str
    name: str
    url: str
    private: bool
    summary: str
    task: str
    languages: Sequence[str]
    licence: str
    downloads: int
    updated_at: datetime


def items_of(listings: Sequence[Listing], language: str) -> list[Item]:
    return [_item(listing, language) for listing in listings]


def _item(listing: Listing, language: str) -> Item:
    repo, metadata = listing.repo, listing.facts.metadata
    codes = values(metadata.get("language"))[:3]
    return Item(
        type=repo.type,
        namespace=repo.namespace,
        name=repo.name,
        url=repo_base(repo),
        private=repo.private,
        summary=listing.facts.summary,
        task=", ".join(task_label(task, language) for task in tasks(metadata)[:1]),
        languages=[language_label(code, language) for code in codes],
        licence=", ".join(licence_label(name) for name in values(metadata.get("license"))[:1]),
        downloads=repo.downloads,
        updated_at=repo.updated_at,
    )
