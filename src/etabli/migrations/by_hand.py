"""What Alembic cannot write from the models: the search index of either database.

`scripts/new_migration.py --reset` copies these into the first step. After the first release, a
change of them is a step written by hand.
"""

from collections.abc import Mapping, Sequence

_ORDERS = ("updated", "created", "downloads")

UPGRADES: Mapping[str, Sequence[str]] = {
    "sqlite": [
        f"CREATE VIRTUAL TABLE catalogue_by_{order} USING fts5("
        "terms, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars './-_'\")"
        for order in _ORDERS
    ],
    "postgresql": [
        # Without a list of what is pending: every search would read it.
        "CREATE INDEX by_hand_catalogue_terms ON catalogue_entries USING gin (terms) "
        "WITH (fastupdate = off)",
        *(
            f"CREATE INDEX by_hand_catalogue_by_{order} ON catalogue_entries (by_{order})"
            for order in _ORDERS
        ),
        # For what begins so: the order of a language has no beginnings.
        "CREATE INDEX by_hand_namespaces_beginning ON namespaces (name_key text_pattern_ops)",
    ],
}
DOWNGRADES: Mapping[str, Sequence[str]] = {
    "sqlite": [f"DROP TABLE catalogue_by_{order}" for order in _ORDERS],
    "postgresql": [],  # they go with their tables
}


def is_by_hand(name: str | None) -> bool:
    """Whether a table or an index that a database has is one of these, or a part of one."""
    name = name or ""
    return name.startswith("by_hand_") or any(
        name == f"catalogue_by_{order}" or name.startswith(f"catalogue_by_{order}_")
        for order in _ORDERS
    )


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """For Alembic: what it may compare with the models."""
    return kind not in ("table", "index") or not is_by_hand(name)
