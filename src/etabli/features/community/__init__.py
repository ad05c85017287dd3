"""Community: what people say about repositories, and the changes that they propose to them.

Owns: discussions, proposals and what happened in each; who may change a proposal.
May use: the foundation, git, accounts, repos.
Words: a *discussion* has a number, which its repository uses once; a *proposal* is a discussion
with commits on `refs/pr/<number>`, which the wire calls a pull request; an *event* is one thing
that happened in it, and the first one is its description.
"""

from etabli.features.community.errors import (
    AlreadyMergedError,
    CommentNotFoundError,
    DiscussionNotFoundError,
    NotAPullRequestError,
    PullRequestClosedError,
    TooManyOpenError,
)
from etabli.features.community.events import (
    CommentPosted,
    DiscussionOpened,
    DiscussionStatusChanged,
)
from etabli.features.community.models import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Discussion,
    DiscussionEvent,
    EventType,
    Filter,
    Kind,
    Page,
    Status,
)
from etabli.features.community.pull_requests import PullRequests
from etabli.features.community.service import Community

__all__ = [
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "AlreadyMergedError",
    "CommentNotFoundError",
    "CommentPosted",
    "Community",
    "Discussion",
    "DiscussionEvent",
    "DiscussionNotFoundError",
    "DiscussionOpened",
    "DiscussionStatusChanged",
    "EventType",
    "Filter",
    "Kind",
    "NotAPullRequestError",
    "Page",
    "PullRequestClosedError",
    "PullRequests",
    "Status",
    "TooManyOpenError",
]
