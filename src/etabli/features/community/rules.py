"""Who may do what in a discussion, and what it may hold: shared by talk and proposals."""

from datetime import timedelta

from etabli.features.accounts import Accounts, Actor, Permission, can
from etabli.features.community.errors import (
    DiscussionNotFoundError,
    EmptyTextError,
    TextTooLongError,
    TooManyEventsError,
    TooManyOpenError,
    TooManyTodayError,
)
from etabli.features.community.events import (
    CommentPosted,
    DiscussionFact,
    DiscussionOpened,
    DiscussionStatusChanged,
)
from etabli.features.community.models import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MAX_A_DAY,
    MAX_EVENTS,
    MAX_OPEN,
    Discussion,
    DiscussionEvent,
    EventType,
    Filter,
    Status,
)
from etabli.features.community.queries import CommunityStore
from etabli.features.repos import Repo, RepoNotFoundError, Repos
from etabli.foundation.i18n.messages import plain
from etabli.foundation.unit_of_work import UnitOfWork


class Rules:
    def __init__(self, work: UnitOfWork, accounts: Accounts, repos: Repos) -> None:
        self._work = work
        self._accounts = accounts
        self._repos = repos
        self.store = CommunityStore(work.db)

    def require_part(self, actor: Actor, repo: Repo) -> str:
        """The name of somebody who may take part in what is said here."""
        self._accounts.require(actor, Permission.TAKE_PART, repo.resource)
        return actor.name or ""

    def require_proposer(self, actor: Actor, repo: Repo) -> str:
        """The name of somebody who may take part, and read what they propose to change."""
        self._repos.access.require(actor, Permission.PROPOSE, repo)
        return actor.name or ""

    def require_author(self, actor: Actor, repo: Repo, author: str) -> str:
        """Whoever began it may change it, and so may those who may write here."""
        self.require_part(actor, repo)
        if actor.name != author:
            self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        return actor.name or ""

    def require_writer(self, actor: Actor, repo: Repo) -> str:
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        return actor.name or ""

    def get(self, repo: Repo, num: int) -> Discussion:
        found = self.store.find(repo.key, num)
        if found is None:
            raise DiscussionNotFoundError(num)
        return found

    def lock(self, repo: Repo, num: int) -> Discussion:
        """To change it: nobody else does meanwhile."""
        found = self.store.lock(repo.key, num)
        if found is None:
            raise DiscussionNotFoundError(num)
        return found

    def begin(
        self,
        actor: Actor,
        repo: Repo,
        title: str,
        description: str,
        *,
        status: Status = Status.OPEN,
        base: str | None = None,
    ) -> Discussion:
        """A new discussion, under the next number."""
        author = self.require_part(actor, repo)
        if self._repos.by_key(repo.key) is None:
            raise RepoNotFoundError(repo.full_name)
        self._require_few_open(actor, repo)
        discussion = Discussion(
            repo_key=repo.key,
            title=checked_title(title),
            author=author,
            status=status,
            base=base,
            created_at=self._work.now,
        )
        self.store.add(discussion)
        self.note(discussion, EventType.COMMENT, author, checked_text(description, empty=True))
        return discussion

    def note(
        self, discussion: Discussion, type: EventType, author: str, text: str, detail: str = ""
    ) -> DiscussionEvent:
        """Add an event at the end.

        Raises:
            TooManyEventsError: there are enough; but what is open can always be closed or merged.
        """
        place = self.store.next_place(discussion)
        ends = type is EventType.STATUS and text in (Status.CLOSED, Status.MERGED)
        if place >= MAX_EVENTS and not ends:
            raise TooManyEventsError(MAX_EVENTS)
        event = DiscussionEvent(
            repo_key=discussion.repo_key,
            num=discussion.num,
            place=place,
            type=type,
            author=author,
            created_at=self._work.now,
            text=text,
            detail=detail,
        )
        self.store.add_event(event)
        self._announce(discussion, event)
        return event

    def _announce(self, discussion: Discussion, event: DiscussionEvent) -> None:
        key, num = discussion.repo_key, discussion.num
        happened: DiscussionFact
        if event.place == 0:
            happened = DiscussionOpened(key, num, discussion.is_pull_request)
        elif event.type is EventType.COMMENT:
            happened = CommentPosted(key, num)
        elif event.type is EventType.STATUS:
            happened = DiscussionStatusChanged(key, num, event.text)
        else:
            return
        repo = self._repos.by_key(key)
        self._work.announce(happened, public=repo is not None and not repo.private)

    def _require_few_open(self, actor: Actor, repo: Repo) -> None:
        if can(actor, Permission.WRITE_REPO, repo.resource):
            return
        mine = Filter(is_open=True, author=actor.name)
        if self.store.count(repo.key, mine) >= MAX_OPEN:
            raise TooManyOpenError(MAX_OPEN)
        since = self._work.now - timedelta(days=1)
        if self.store.count_since(repo.key, actor.name or "", since) >= MAX_A_DAY:
            raise TooManyTodayError(MAX_A_DAY)


def checked_title(title: str) -> str:
    title = " ".join(plain(title).split())
    if not title:
        raise EmptyTextError
    if len(title) > LONGEST_TITLE:
        raise TextTooLongError(LONGEST_TITLE)
    return title


def checked_text(text: str, *, empty: bool = False) -> str:
    text = plain(text).replace("\r\n", "\n").strip()
    if not text and not empty:
        raise EmptyTextError
    if len(text) > LONGEST_TEXT:
        raise TextTooLongError(LONGEST_TEXT)
    return text
