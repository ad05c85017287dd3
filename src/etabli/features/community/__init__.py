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
    NotAProposalError,
    ProposalClosedError,
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
    Asked,
    Discussion,
    DiscussionEvent,
    EventType,
    Kind,
    Page,
    Status,
)
from etabli.features.community.pull_requests import Proposals
from etabli.features.community.service import Community

__all__ = [
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "AlreadyMergedError",
    "Asked",
    "CommentNotFoundError",
    "CommentPosted",
    "Community",
    "Discussion",
    "DiscussionEvent",
    "DiscussionNotFoundError",
    "DiscussionOpened",
    "DiscussionStatusChanged",
    "EventType",
    "Kind",
    "NotAProposalError",
    "Page",
    "ProposalClosedError",
    "Proposals",
    "Status",
    "TooManyOpenError",
]
