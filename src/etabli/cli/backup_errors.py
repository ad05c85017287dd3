"""What can go wrong with a backup, and with bringing one back."""

from pathlib import Path

from etabli.foundation.errors import ConflictError, InvalidInputError, UnavailableError
from etabli.foundation.i18n.messages import msg


class BackupFailedError(UnavailableError):
    def __init__(self, error: OSError) -> None:
        super().__init__(
            msg(
                "The backup could not be written: {reason}. Nothing was left behind.",
                reason=error.strerror or str(error),
            )
        )


class BackupInsideError(InvalidInputError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            msg(
                "Keep the backup outside the data folder {folder}, or better elsewhere.",
                folder=folder,
            )
        )


class NotEmptyError(ConflictError):
    def __init__(self, where: object) -> None:
        super().__init__(
            msg(
                "{where} is not empty, and a restore overwrites nothing. Choose an empty one.",
                where=where,
            )
        )


class DamagedBackupError(InvalidInputError):
    def __init__(self, file: Path, member: str) -> None:
        super().__init__(
            msg(
                "{file} is no complete backup: {member} is missing or damaged. "
                "Nothing was restored.",
                file=file,
                member=member,
            )
        )


class OtherDatabaseError(InvalidInputError):
    def __init__(self, kind: str) -> None:
        super().__init__(
            msg(
                "This backup was made from {kind}. Set ETABLI_DATABASE_URL to such a database.",
                kind=kind,
            )
        )
