"""What a namespace may hold in large files, and all mirrors together: one object, wired into what
links them."""

from dataclasses import dataclass

from etabli.features.blobs.errors import MirrorsFullError, QuotaReachedError

MIRRORED = "~mirrors"
"""Whose count the files of mirrors go in: no namespace can be called so."""


@dataclass(frozen=True)
class Quota:
    namespace_bytes: int
    """0: as much as there is room for."""

    mirrored_bytes: int = 0
    """The same, of all that came from other hubs."""

    def is_limited(self, namespace: str) -> bool:
        return self.limit_bytes(namespace) > 0

    def limit_bytes(self, namespace: str) -> int:
        return self.mirrored_bytes if namespace == MIRRORED else self.namespace_bytes

    def require(self, namespace: str, held_bytes: int, new_bytes: int) -> None:
        """
        Raises:
            QuotaReachedError: `namespace` would hold more than it may.
            MirrorsFullError: the same, of `MIRRORED`.
        """
        limit_bytes = self.limit_bytes(namespace)
        if limit_bytes and new_bytes and held_bytes + new_bytes > limit_bytes:
            if namespace == MIRRORED:
                raise MirrorsFullError(limit_bytes)
            raise QuotaReachedError(namespace, limit_bytes)
