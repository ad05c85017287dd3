"""Names without an owner, such as `gpt2`: an operator says which repository each one means.

Source: the reference hub, which had such repositories first, and since leads whoever asks for one
to the name with its owner.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from etabli.features.accounts import is_valid_name
from etabli.features.repos.errors import AliasNotFoundError, InvalidAliasError
from etabli.features.repos.models import Alias, RepoType
from etabli.foundation.unit_of_work import UnitOfWork


class Aliases:
    """Keep them, and say what one means. Only who has the machine may: there is no page for it."""

    def __init__(self, work: UnitOfWork) -> None:
        self._db: Session = work.db

    def add(self, type: RepoType, name: str, full_name: str) -> None:
        """Idempotent; what the name meant before it means no more. Nothing need be there.

        Raises:
            InvalidAliasError: one of the two can be no name.
        """
        owner, slash, rest = full_name.partition("/")
        if not (is_valid_name(name) and slash and is_valid_name(owner) and is_valid_name(rest)):
            raise InvalidAliasError(name, full_name)
        self._db.merge(Alias(type=type, name_key=name.lower(), full_name=full_name))

    def add_many(self, known: Mapping[RepoType, Mapping[str, str]]) -> int:
        """As `add`, but for names that mean something already. How many were added."""
        taken = {(one.type, one.name_key) for one in self.all()}
        added = [
            (type, name, full_name)
            for type, names in known.items()
            for name, full_name in names.items()
            if (type, name.lower()) not in taken
        ]
        for one in added:
            self.add(*one)
        return len(added)

    def remove(self, type: RepoType, name: str) -> None:
        """
        Raises:
            AliasNotFoundError: it means nothing.
        """
        if self.find(type, name) is None:
            raise AliasNotFoundError(name)
        self._db.execute(delete(Alias).where(Alias.type == type, Alias.name_key == name.lower()))

    def all(self) -> Sequence[Alias]:
        return self._db.scalars(select(Alias).order_by(Alias.type, Alias.name_key)).all()

    def find(self, type: RepoType, name: str) -> str | None:
        """The full name that it means, whatever the case; None: it means nothing."""
        found = self._db.get(Alias, (type, name.lower()))
        return found.full_name if found else None
