from etabli.foundation.errors import ConflictError, InvalidInputError, LimitError, NotFoundError
from etabli.foundation.i18n.messages import msg


class DiscussionNotFoundError(NotFoundError):
    def __init__(self, num: int) -> None:
        super().__init__(
            msg("There is no discussion {num} here. See the list of them.", num=str(num))
        )


class CommentNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(msg("There is no such comment, or it was hidden. Load the page again."))


class NotAPullRequestError(InvalidInputError):
    def __init__(self, num: int) -> None:
        super().__init__(
            msg("Discussion {num} is no proposal: there is nothing to merge.", num=str(num))
        )


class PullRequestClosedError(ConflictError):
    def __init__(self, num: int) -> None:
        super().__init__(
            msg(
                "Proposal {num} is closed: it takes no more commits. Open it again, or make a "
                "new one.",
                num=str(num),
            )
        )


class DraftPullRequestError(ConflictError):
    def __init__(self, num: int) -> None:
        super().__init__(
            msg("Proposal {num} is still a draft. Open it, then merge it.", num=str(num))
        )


class AlreadyMergedError(ConflictError):
    def __init__(self, num: int) -> None:
        super().__init__(msg("Proposal {num} was merged: its status stays as it is.", num=str(num)))


class StatusUnchangedError(ConflictError):
    def __init__(self, num: int) -> None:
        super().__init__(
            msg("Discussion {num} is so already. Load it again to see it.", num=str(num))
        )


class TooManyOpenError(ConflictError):
    def __init__(self, most: int) -> None:
        super().__init__(
            msg(
                "You have {most} discussions open here, the most that one person may. "
                "Close some of them first.",
                most=str(most),
            )
        )


class TooManyTodayError(ConflictError):
    def __init__(self, most: int) -> None:
        super().__init__(
            msg(
                "You have begun {most} discussions here since yesterday: enough for today.",
                most=str(most),
            )
        )


class TooManyEventsError(ConflictError):
    def __init__(self, most: int) -> None:
        super().__init__(
            msg(
                "This discussion has {most} entries, the most that one may have. Open another.",
                most=str(most),
            )
        )


class EmptyTextError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("Write something first: this is empty."))


class TextTooLongError(LimitError):
    def __init__(self, most: int) -> None:
        super().__init__(
            msg("This is over {most} characters. Shorten it, or link to it.", most=str(most))
        )
