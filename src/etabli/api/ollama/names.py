"""Names as Ollama has them: a model may be followed by a tag, and here there is one of each."""

from datetime import UTC, datetime

LATEST = ":latest"


def full_name(name: str) -> str:
    """`alice/helpdesk` of `alice/helpdesk:latest`, which clients make of it."""
    return name.removesuffix(LATEST)


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
