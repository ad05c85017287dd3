"""What a namespace may hold in large files: one object, wired into what links them."""

from dataclasses import dataclass

from etabli.features.blobs.errors import QuotaReachedError


@dataclass(frozen=True)
class Quota:
    namespace_bytes: int
    """0: as much as there is room for."""

    @property
    def is_limited(self) -> bool:
        return self.namespace_bytes > 0

    def require(self, namespace: str, held_bytes: int, new_bytes: int) -> None:
        """
        Raises:
            QuotaReachedError: `namespace` would hold more than it may.
        """
        if self.is_limited and new_bytes and held_bytes + new_bytes > self.namespace_bytes:
            raise QuotaReachedError(namespace, self.namespace_bytes)
