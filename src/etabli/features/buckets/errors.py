from etabli.foundation.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
)
from etabli.foundation.i18n.messages import msg


class BucketNotFoundError(NotFoundError):
    """Also raised when the bucket exists and the actor may not know it."""

    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
                "There is no bucket {full_name} that you can see. Check the spelling, "
                "or sign in if it is private.",
                full_name=full_name,
            )
        )


class BucketExistsError(ConflictError):
    def __init__(self, full_name: str) -> None:
        self.full_name = full_name
        super().__init__(
            msg(
                "A bucket called {full_name} already exists. Choose another name.",
                full_name=full_name,
            )
        )


class InvalidBucketNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "“{name}” cannot name a bucket: use 1 to 96 letters, digits, “-”, “_” or “.”, "
                "with no “-” or “.” at either end, no “--” and no “..”.",
                name=name,
            )
        )


class BadBucketPathError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            msg(
                "“{path}” cannot be the path of a file in a bucket: give a relative path of at "
                "most 1,024 bytes, with no “..”, no backslash, no control character and no empty "
                "part.",
                path=f"{path[:100]}…" if len(path) > 100 else path,
            )
        )


class BucketFileNotFoundError(NotFoundError):
    def __init__(self, path: str) -> None:
        super().__init__(
            msg("There is no file {path} in this bucket. See the list of files.", path=path)
        )


class BytesNotHereError(InvalidInputError):
    """The bytes that a path is to show were never sent to this bucket, or to the source named."""

    def __init__(self, file_hash: str) -> None:
        super().__init__(
            msg(
                "The bytes of {hash} are not here. Send them by Xet first, or copy them from "
                "where they are.",
                hash=file_hash,
            )
        )


class TooManyFoldersError(LimitError):
    def __init__(self, limit: int) -> None:
        super().__init__(
            msg(
                "These changes touch more than {limit} folders, the most that this hub takes at "
                "once. Send them in several times.",
                limit=limit,
            )
        )
