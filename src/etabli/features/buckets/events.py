"""What happens to buckets. Public where the bucket was, but for that one is hidden now."""

from dataclasses import dataclass

from etabli.foundation.events import Event


@dataclass(frozen=True)
class BucketEvent(Event):
    bucket_key: str

    @property
    def subject(self) -> str | None:
        return self.bucket_key


@dataclass(frozen=True)
class BucketCreated(BucketEvent):
    full_name: str


@dataclass(frozen=True)
class BucketMoved(BucketEvent):
    """It has another full name, and perhaps another owner."""

    old_full_name: str
    full_name: str


@dataclass(frozen=True)
class BucketShown(BucketEvent):
    full_name: str


@dataclass(frozen=True)
class BucketHidden(Event):
    """What was public is private now. About nothing that is hidden: who follows it must know."""

    bucket_key: str


@dataclass(frozen=True)
class BucketDeleted(BucketEvent):
    full_name: str


@dataclass(frozen=True)
class BucketChanged(BucketEvent):
    """Some of its files are others now."""
