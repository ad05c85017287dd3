"""Pages of what the index finds, as far as the actor may see it now."""

from collections.abc import Iterator, Sequence, Set

from sqlalchemy.orm import Session

from etabli.features.accounts import Actor
from etabli.features.catalogue.index import All, Condition, Index, holds, id_at
from etabli.features.catalogue.models import (
    FACTS,
    Count,
    IndexEntry,
    Listing,
    Query,
    Sort,
    facts_of,
)
from etabli.features.catalogue.searching import (
    anything,
    filters,
    private_filters,
    steps,
    terms_of_word,
    words_lacking_in,
)
from etabli.features.repos import Repo, Repos

MAX_LOOKS = 20
"""How often a page looks into the index. After that it is shorter, and the next one goes on."""
MAX_RANKED = 1000
"""When no more match, all are fetched and put in order; else they are walked step by step."""

Place = tuple[int, int]
"""Where a page ends in a search: the step, and the place within it."""


class Finder:
    """Asks the index, and then the table of repositories, which says who may see them."""

    def __init__(self, db: Session, repos: Repos, index: Index) -> None:
        self._db = db
        self._repos = repos
        self._index = index
        self._last_count: tuple[All, int, int] | None = None

    def page(
        self, actor: Actor, query: Query, limit: int, after: Place | None
    ) -> tuple[list[Listing], Place | None]:
        """At most `limit`, and after which place the next page begins; None: there is none."""
        found: list[tuple[Place, Listing]] = []
        batches = self._places(actor, query, limit + 1, after)
        for looks, (places, seen) in enumerate(batches, start=1):
            found += self._there(actor, query, places)
            if len(found) > limit:
                return [listing for _, listing in found[:limit]], found[limit - 1][0]
            if looks == MAX_LOOKS:
                return [listing for _, listing in found], seen
        return [listing for _, listing in found], None

    def first(self, actor: Actor, wanted: Condition, sort: Sort, limit: int) -> list[Listing]:
        """The first of what meets a condition, which says whose it may be."""
        ids = [id_at(place) for place in self._index.find(wanted, sort, None, limit)]
        listings = self._listings(actor, ids)
        return [listings[id] for id in ids if id in listings]

    def count(self, actor: Actor, query: Query, most: int) -> Count:
        """Of public ones and the actor's own."""
        number = self._counted(All([*filters(actor, query), anything(query)]), most + 1)
        return Count(min(number, most), number > most)

    def _counted(self, wanted: All, most: int) -> int:
        """A page asks twice: how many there are, and whether there are few."""
        if self._last_count is None or self._last_count[:2] != (wanted, most):
            self._last_count = wanted, most, self._index.count(wanted, most)
        return self._last_count[2]

    def count_private(self, actor: Actor, query: Query, most: int) -> int:
        """Of the actor's own that are private, by tags only."""
        wanted = private_filters(actor, query)
        return self._index.count(wanted, most) if actor.namespaces else 0

    def _places(
        self, actor: Actor, query: Query, size: int, after: Place | None
    ) -> Iterator[tuple[list[Place], Place]]:
        """In order, a few at a time; and with them the last that was looked at."""
        always, wanted = filters(actor, query), steps(query)
        if len(wanted) > 1:
            every = All([*always, anything(query)])
            if self._counted(every, MAX_RANKED + 1) <= MAX_RANKED:
                few = self._index.find(every, query.sort, None, MAX_RANKED)
                ranked = self._ranked(few, wanted)
                yield from _chunks([one for one in ranked if _is_after(one, after)], size)
                return
        first, before = after or (0, None)
        for number in range(first, len(wanted)):
            step = All([*always, wanted[number]])
            while places := self._index.find(step, query.sort, before, size):
                before = places[-1]
                yield self._of_step(number, places, wanted), (number, before)
                if len(places) < size:
                    break
            before = None

    def _ranked(self, places: Sequence[int], wanted: Sequence[Condition]) -> list[Place]:
        terms = self._index.terms_of([id_at(place) for place in places])
        ranked = [(_level(wanted, terms.get(id_at(place), set())), place) for place in places]
        return sorted(ranked, key=lambda one: (one[0], -one[1]))

    def _of_step(
        self, number: int, places: Sequence[int], wanted: Sequence[Condition]
    ) -> list[Place]:
        """Those that no earlier step has shown."""
        if number == 0:
            return [(0, place) for place in places]
        return [one for one in self._ranked(places, wanted) if one[0] == number]

    def _there(
        self, actor: Actor, query: Query, places: Sequence[Place]
    ) -> list[tuple[Place, Listing]]:
        """Those that are still there for the actor to see, and that really match."""
        listings = self._listings(actor, [id_at(place) for _, place in places])
        if query.every_word:
            self._drop_others(query, listings)
        return [
            (place, listings[id_at(place[1])]) for place in places if id_at(place[1]) in listings
        ]

    def _drop_others(self, query: Query, listings: dict[int, Listing]) -> None:
        """Those whose names only seemed to have a word: the index knows of a name which three
        letters are in it, and not where."""
        lacking = {id: words_lacking_in(query, one.repo) for id, one in listings.items()}
        doubtful = [id for id, words in lacking.items() if words]
        terms = self._index.terms_of(doubtful) if doubtful else {}
        for id in doubtful:
            wanted = [terms_of_word(word) for word in lacking[id]]
            if not all(some and set(some) <= terms.get(id, set()) for some in wanted):
                del listings[id]

    def _listings(self, actor: Actor, ids: Sequence[int]) -> dict[int, Listing]:
        """By the number of the entry."""
        if not ids:
            return {}
        asked = (
            self._repos.visible_to(actor)
            .join(IndexEntry, IndexEntry.repo_key == Repo.key)
            .where(IndexEntry.id.in_(ids))
            .add_columns(IndexEntry.id.label("entry_id"), *FACTS)
        )
        return {
            row.entry_id: Listing(row.Repo, facts_of(row[2:])) for row in self._db.execute(asked)
        }


def _level(wanted: Sequence[Condition], terms: Set[str]) -> int:
    """The first step that shows an entry with these terms."""
    return next((n for n, step in enumerate(wanted) if holds(step, terms)), len(wanted))


def _is_after(one: Place, other: Place | None) -> bool:
    return other is None or (one[0], -one[1]) > (other[0], -other[1])


def _chunks(places: Sequence[Place], size: int) -> Iterator[tuple[list[Place], Place]]:
    for start in range(0, len(places), size):
        some = list(places[start : start + size])
        yield some, some[-1]
