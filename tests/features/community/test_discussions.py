import pytest

from etabli.features.accounts import NotAllowedError, SignInNeededError, TokenRole
from etabli.features.community import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    CommentNotFoundError,
    DiscussionNotFoundError,
    EventType,
    Filter,
    Kind,
    Status,
    TooManyOpenError,
)
from etabli.features.community.errors import (
    EmptyTextError,
    StatusUnchangedError,
    TextTooLongError,
    TooManyEventsError,
    TooManyTodayError,
)
from etabli.features.community.models import MAX_A_DAY, MAX_EVENTS, MAX_OPEN
from etabli.features.repos import RepoNotFoundError, RepoType


@pytest.fixture
def num(site, repo, people) -> int:
    """A discussion that the stranger has opened."""
    with site.open_hub() as hub:
        return hub.community.open(people["stranger"], repo, "A question", "Why?").num


def events(site, repo, num):
    with site.read_hub() as hub:
        return hub.community.events(hub.community.get(repo, num))


def may(site, deed) -> bool:
    """Whether a deed is let; what it does is not kept."""

    class UndoneError(Exception):
        pass

    try:
        with site.open_hub() as hub:
            deed(hub)
            raise UndoneError
    except UndoneError:
        return True
    except (NotAllowedError, SignInNeededError, CommentNotFoundError):
        return False


EVERYBODY = {"chief", "writer", "reader", "stranger", "other"}
WRITERS = {"chief", "writer"}


class TestWhoMay:
    """The stranger has opened the discussion, and said what is in it."""

    def who(self, site, people, deed) -> set[str]:
        return {
            name
            for name, actor in people.items()
            if may(site, lambda hub, actor=actor: deed(hub, actor))
        }

    def test_open_one(self, site, people, repo):
        def deed(hub, actor):
            hub.community.open(actor, repo, "t", "")

        assert self.who(site, people, deed) == EVERYBODY

    def test_answer(self, site, people, repo, num):
        def deed(hub, actor):
            hub.community.comment(actor, repo, num, "So.")

        assert self.who(site, people, deed) == EVERYBODY

    def test_rename_close_and_hide(self, site, people, repo, num):
        key = events(site, repo, num)[0].key
        for deed in (
            lambda hub, actor: hub.community.rename(actor, repo, num, "Else"),
            lambda hub, actor: hub.community.set_open(actor, repo, num, False),
            lambda hub, actor: hub.community.hide(actor, repo, num, key),
        ):
            assert self.who(site, people, deed) == WRITERS | {"stranger"}

    def test_say_it_otherwise(self, site, people, repo, num):
        key = events(site, repo, num)[0].key

        def deed(hub, actor):
            hub.community.edit(actor, repo, num, key, "Else.")

        assert self.who(site, people, deed) == {"stranger"}

    def test_none_of_it_where_one_may_not_read(self, site, people, repo, num):
        with site.open_hub() as hub:
            hub.repos.set_private(people["chief"], repo, True)
        with site.read_hub() as hub:
            hidden = hub.repos.by_key(repo.key)

        def deed(hub, actor):
            hub.community.comment(actor, hidden, num, "So.")

        assert self.who(site, people, deed) == WRITERS | {"reader"}

    def test_nothing_by_a_token_that_reads(self, site, people, repo, num):
        with site.open_hub() as hub:
            secret = hub.accounts.issue_token("chief", TokenRole.READ, "t").secret
            reader = hub.accounts.recognise(secret)
            with pytest.raises(Exception, match="cannot change anything"):
                hub.community.comment(reader, repo, num, "So.")


def test_numbers_are_a_repository_s_own_and_in_one_row(site, people, repo, propose):
    with site.open_hub() as hub:
        assert hub.community.open(people["other"], repo, "One", "").num == 1
    assert propose() == 2
    with site.open_hub() as hub:
        assert hub.community.open(people["other"], repo, "Three", "").num == 3
        box = hub.repos.create(people["chief"], RepoType.DATASET, "guild", "box")
        assert hub.community.open(people["other"], box, "One", "").num == 1


def test_the_newest_first_and_what_is_asked(site, people, repo, num, propose):
    propose()
    with site.open_hub() as hub:
        hub.community.set_open(people["stranger"], repo, num, False)

    def nums(**asked):
        with site.read_hub() as hub:
            return [d.num for d in hub.community.page(repo, Filter(**asked), 0, 10).discussions]

    assert nums() == [2, 1]
    assert nums(is_open=True) == [2]
    assert nums(is_open=False) == [1]
    assert nums(kind=Kind.PROPOSAL) == [2]
    assert nums(kind=Kind.DISCUSSION) == [1]
    assert nums(author="other") == []
    with site.read_hub() as hub:
        assert hub.community.count_open(repo) == 1
        assert hub.community.page(repo, Filter(), 1, 1).total == 2


def test_what_happened_in_order(site, people, repo, num):
    stranger, chief = people["stranger"], people["chief"]
    with site.open_hub() as hub:
        hub.community.comment(chief, repo, num, "So.")
        hub.community.rename(chief, repo, num, "  A  better question ")
        hub.community.set_open(stranger, repo, num, False, "Thanks.")
    found = [(e.type, e.author, e.text, e.detail) for e in events(site, repo, num)]
    assert found == [
        (EventType.COMMENT, "stranger", "Why?", ""),
        (EventType.COMMENT, "chief", "So.", ""),
        (EventType.TITLE, "chief", "A better question", "A question"),
        (EventType.COMMENT, "stranger", "Thanks.", ""),
        (EventType.STATUS, "stranger", "closed", ""),
    ]


def test_closed_and_open_again(site, people, repo, num):
    with site.open_hub() as hub:
        hub.community.set_open(people["stranger"], repo, num, False)
        with pytest.raises(StatusUnchangedError):
            hub.community.set_open(people["stranger"], repo, num, False)
        hub.community.set_open(people["stranger"], repo, num, True)
        assert hub.community.get(repo, num).status is Status.OPEN


def test_an_edited_comment_and_a_hidden_one(site, people, repo, num):
    stranger, first = people["stranger"], events(site, repo, num)[0]
    with site.open_hub() as hub:
        said = hub.community.comment(stranger, repo, num, "Secret.")
        hub.community.edit(stranger, repo, num, first.key, "Why not?")
        hub.community.hide(stranger, repo, num, said.key)
        with pytest.raises(CommentNotFoundError):
            hub.community.edit(stranger, repo, num, said.key, "Again")
    edited, hidden = events(site, repo, num)
    assert (edited.text, edited.hidden) == ("Why not?", False)
    assert edited.edited_at is not None
    assert (hidden.text, hidden.hidden) == ("", True)


def test_a_comment_is_found_in_its_own_discussion_only(site, people, repo, num):
    key = events(site, repo, num)[0].key
    with site.open_hub() as hub:
        other = hub.community.open(people["chief"], repo, "Other", "")
        with pytest.raises(CommentNotFoundError):
            hub.community.hide(people["chief"], repo, other.num, key)
        with pytest.raises(DiscussionNotFoundError):
            hub.community.comment(people["chief"], repo, 99, "So.")


def test_limits(site, people, repo, num):
    stranger = people["stranger"]
    with site.open_hub() as hub:
        for text in ("", "  \n"):
            with pytest.raises(EmptyTextError):
                hub.community.comment(stranger, repo, num, text)
            with pytest.raises(EmptyTextError):
                hub.community.open(stranger, repo, text, "x")
        with pytest.raises(TextTooLongError):
            hub.community.comment(stranger, repo, num, "x" * (LONGEST_TEXT + 1))
        with pytest.raises(TextTooLongError):
            hub.community.rename(stranger, repo, num, "x" * (LONGEST_TITLE + 1))


def test_one_person_has_so_many_open_and_a_discussion_so_many_entries(site, people, repo, num):
    stranger = people["stranger"]
    with site.open_hub() as hub:
        for _ in range(MAX_OPEN - 1):
            hub.community.open(stranger, repo, "Again", "")
        with pytest.raises(TooManyOpenError):
            hub.community.open(stranger, repo, "Once more", "")
        hub.community.open(people["writer"], repo, "Others may", "")
        for _ in range(MAX_EVENTS - 1):
            hub.community.comment(stranger, repo, num, "x")
        with pytest.raises(TooManyEventsError):
            hub.community.comment(stranger, repo, num, "x")
        hub.community.set_open(stranger, repo, num, False)
        hub.community.open(stranger, repo, "There is room again", "")


def test_one_person_begins_so_many_in_a_day(site, people, repo):
    stranger = people["stranger"]
    with site.open_hub() as hub:
        for _ in range(MAX_A_DAY):
            num = hub.community.open(stranger, repo, "Again", "").num
            hub.community.set_open(stranger, repo, num, False)
        with pytest.raises(TooManyTodayError):
            hub.community.open(stranger, repo, "Once more", "")
        hub.community.open(people["writer"], repo, "Others may", "")


def test_they_keep_to_the_repository_through_a_rename_and_go_with_it(site, people, repo, num):
    with site.open_hub() as hub:
        hub.repos.move(people["chief"], repo, "guild", "chest")
    with site.read_hub() as hub:
        moved = hub.repos.get(people["chief"], RepoType.MODEL, "guild/chest")
        assert hub.community.get(moved, num).title == "A question"
    with site.open_hub() as hub:
        hub.repos.delete(people["chief"], moved)
    with site.open_hub() as hub:
        with pytest.raises(DiscussionNotFoundError):
            hub.community.get(repo, num)
        with pytest.raises(RepoNotFoundError):
            hub.community.open(people["stranger"], repo, "Late", "")
