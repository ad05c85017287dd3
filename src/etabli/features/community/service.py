"""The verbs of talking."""

from collections.abc import Sequence

from etabli.features.accounts import Accounts, Actor, Permission, can
from etabli.features.community.errors import (
    AlreadyMergedError,
    CommentNotFoundError,
    StatusUnchangedError,
)
from etabli.features.community.models import (
    Discussion,
    DiscussionEvent,
    EventType,
    Filter,
    Page,
    Status,
)
from etabli.features.community.rules import Rules, checked_text, checked_title
from etabli.features.repos import Repo, Repos
from etabli.foundation.unit_of_work import UnitOfWork


class Community:
    """Open discussions, read them, answer in them.

    Every verb that changes something is for whoever may read the repository and has signed in;
    what is not one's own, only those who may write there change.
    """

    def __init__(self, work: UnitOfWork, accounts: Accounts, repos: Repos) -> None:
        self._work = work
        self._rules = Rules(work, accounts, repos)
        self._store = self._rules.store

    # Reading: for whoever may read the repository, which the door has checked

    def get(self, repo: Repo, num: int) -> Discussion:
        """
        Raises:
            DiscussionNotFoundError: the repository has none of this number.
        """
        return self._rules.get(repo, num)

    def events(self, discussion: Discussion) -> Sequence[DiscussionEvent]:
        """All that happened in it, in order; the first one is its description."""
        return self._store.events(discussion)

    def page(self, repo: Repo, asked: Filter, start: int, most: int) -> Page:
        found = self._store.page(repo.key, asked, start, most)
        return Page(found, start, self._store.count(repo.key, asked))

    def count_open(self, repo: Repo) -> int:
        return self._store.count_open(repo.key)

    def may_change(self, actor: Actor, repo: Repo, author: str) -> bool:
        """Whether what `author` began is this actor's to rename, close or hide."""
        takes_part = can(actor, Permission.TAKE_PART, repo.resource)
        return takes_part and (
            actor.name == author or can(actor, Permission.WRITE_REPO, repo.resource)
        )

    # Talking

    def open(self, actor: Actor, repo: Repo, title: str, description: str) -> Discussion:
        """
        Raises:
            EmptyTextError, TextTooLongError: the title or the description cannot be.
            TooManyOpenError: this person has enough of them open here.
        """
        return self._rules.begin(actor, repo, title, description)

    def comment(self, actor: Actor, repo: Repo, num: int, text: str) -> DiscussionEvent:
        """
        Raises:
            EmptyTextError, TextTooLongError, TooManyEventsError: it cannot be kept.
        """
        author = self._rules.require_part(actor, repo)
        discussion = self._rules.lock(repo, num)
        return self._rules.note(discussion, EventType.COMMENT, author, checked_text(text))

    def rename(self, actor: Actor, repo: Repo, num: int, title: str) -> DiscussionEvent:
        """For its author, and for those who may write here."""
        discussion = self._rules.lock(repo, num)
        author = self._rules.require_author(actor, repo, discussion.author)
        before, discussion.title = discussion.title, checked_title(title)
        return self._rules.note(discussion, EventType.TITLE, author, discussion.title, before)

    def set_open(
        self, actor: Actor, repo: Repo, num: int, is_open: bool, comment: str = ""
    ) -> DiscussionEvent:
        """Close it, open it again, or publish a draft: for its author, and for those who may
        write here.

        Raises:
            AlreadyMergedError: it was merged, for good.
            StatusUnchangedError: it is so already.
        """
        discussion = self._rules.lock(repo, num)
        author = self._rules.require_author(actor, repo, discussion.author)
        wanted = Status.OPEN if is_open else Status.CLOSED
        if discussion.status is Status.MERGED:
            raise AlreadyMergedError(num)
        if discussion.status is wanted:
            raise StatusUnchangedError(num)
        if comment.strip():
            self._rules.note(discussion, EventType.COMMENT, author, checked_text(comment))
        discussion.status = wanted
        return self._rules.note(discussion, EventType.STATUS, author, discussion.status)

    def edit(self, actor: Actor, repo: Repo, num: int, key: str, text: str) -> DiscussionEvent:
        """Say it otherwise: for who has said it. What it said before is not kept.

        Raises:
            CommentNotFoundError: there is none, it was hidden, or it is somebody else's.
        """
        author = self._rules.require_part(actor, repo)
        event = self._comment(self._rules.lock(repo, num), key)
        if event.author != author:
            raise CommentNotFoundError
        event.text = checked_text(text, empty=event.place == 0)
        event.edited_at = self._work.now
        self._store.flush()
        return event

    def hide(self, actor: Actor, repo: Repo, num: int, key: str) -> DiscussionEvent:
        """Take a comment's text away for good: for its author, and for those who may write here.

        Raises:
            CommentNotFoundError: there is none, or it was hidden.
        """
        event = self._comment(self._rules.lock(repo, num), key)
        self._rules.require_author(actor, repo, event.author)
        event.text, event.hidden, event.edited_at = "", True, self._work.now
        self._store.flush()
        return event

    def _comment(self, discussion: Discussion, key: str) -> DiscussionEvent:
        event = self._store.event(discussion, key)
        if event is None or event.type is not EventType.COMMENT or event.hidden:
            raise CommentNotFoundError
        return event
