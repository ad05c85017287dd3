from etabli.foundation.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg


class EntryNotFoundError(NotFoundError):
    def __init__(self, path: str, commit_sha: str) -> None:
        self.commit_sha = commit_sha
        super().__init__(
            msg("There is no file {path} in this revision. See the list of files.", path=path)
        )


class NothingToDeleteError(EntryNotFoundError):
    def __init__(self, path: str, commit_sha: str) -> None:
        super().__init__(path, commit_sha)
        self.text = msg(
            "A file with this name doesn't exist: {path}. Nothing was changed.", path=path
        )


class InvalidPathError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            msg(
                "“{path}” cannot be the path of a file: give a relative path, "
                "with no “..”, no “.git” and no empty part.",
                path=path,
            )
        )


class PathTooDeepError(InvalidPathError):
    def __init__(self, path: str, max_depth: int) -> None:
        super().__init__(path)
        self.text = msg(
            "“{path}” has more than {max_depth} folders within each other, the most that this "
            "hub takes. Put the file in fewer.",
            path=f"{path[:100]}…" if len(path) > 100 else path,
            max_depth=max_depth,
        )


class BrokenRepoError(ConflictError):
    """What is asked cannot be read from a repository as it is. Whoever goes through many skips it,
    and names it."""

    def __init__(self, text: Message, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or str(text)
        """For the operator: it may name a file of this machine."""


class DamagedRepoError(BrokenRepoError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            msg(
                "This repository cannot be read, since something in it is lost or damaged. "
                "The operator of this hub can find out what: etabli fsck."
            ),
            reason,
        )


class TreeOutOfBoundsError(BrokenRepoError):
    """It came before the limits did."""

    def __init__(self, max_depth: int, max_entries: int) -> None:
        super().__init__(
            msg(
                "This revision has more than {max_depth} folders within each other, or more than "
                "{max_entries} files and folders, and cannot be listed whole. Look at its folders "
                "one by one, or fetch it with git.",
                max_depth=max_depth,
                max_entries=str(max_entries),
            )
        )


class TreeTooLargeError(LimitError):
    def __init__(self, max_depth: int, max_entries: int, max_path_bytes: int) -> None:
        super().__init__(
            msg(
                "A revision here has at most {max_depth} folders within each other, {max_entries} "
                "files and folders in all, and paths of {max_path_bytes} bytes; this would have "
                "more. Put the files in fewer folders, or pack them in archives.",
                max_depth=max_depth,
                max_entries=str(max_entries),
                max_path_bytes=str(max_path_bytes),
            )
        )


class GitObjectTooLargeError(LimitError):
    def __init__(self, sha: str, limit_mb: int) -> None:
        super().__init__(
            msg(
                "The folder, the commit or the tag {sha} is over {limit_mb} MB, more than this hub "
                "takes. Put less in it, and push again.",
                sha=sha,
                limit_mb=limit_mb,
            )
        )


class PathClashError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            msg(
                "“{path}” would be both a file and a folder. Delete one of them first.",
                path=path,
            )
        )


class BadPackError(InvalidInputError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            msg("What git sent cannot be kept: {reason}", reason=reason or msg("it is damaged."))
        )


class PushTooLargeError(LimitError):
    def __init__(self, limit_mb: int, *, unpacked: bool = False) -> None:
        if unpacked:
            super().__init__(
                msg(
                    "The folders of all the commits in this push are over {limit_mb} MB unpacked, "
                    "the most that this hub looks through at once. Push in several steps.",
                    limit_mb=limit_mb,
                )
            )
            return
        super().__init__(
            msg(
                "This push is over {limit_mb} MB, the most that this hub takes at once. "
                "Push in several steps, or ask the operator to raise the limit.",
                limit_mb=limit_mb,
            )
        )


class GitFileTooLargeError(LimitError):
    def __init__(self, name: str, limit_mb: int) -> None:
        super().__init__(
            msg(
                "{name} is over {limit_mb} MB, which git itself should not carry. Let Git LFS do "
                "it: git lfs migrate import --include={name}",
                name=name,
                limit_mb=limit_mb,
            )
        )


class RepackFailedError(UnavailableError):
    def __init__(self, repo_key: str, reason: str) -> None:
        super().__init__(
            msg(
                "The packs of the repository {key} could not be made fewer: {reason}.",
                key=repo_key,
                reason=reason,
            )
        )


class SubmoduleError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(msg("{name} is a submodule, which this hub does not take.", name=name))
