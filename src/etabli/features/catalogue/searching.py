"""What a query asks of the index, and in which steps.

Whoever names several words seldom finds one repository with all of them: any is enough, and more
are better. So a search goes down steps: all words in the name; all words; all but one; and so on;
at last, of a single word, a part of the name. What an earlier step has shown is left out, and only
as many are taken as the page needs.
"""

from collections.abc import Sequence

from etabli.features.accounts import Actor
from etabli.features.catalogue.index import ALWAYS, All, Condition, Some, at_least
from etabli.features.catalogue.models import Query
from etabli.features.catalogue.words import (
    few_part_terms,
    gate_term,
    link_term,
    name_word_term,
    nearly_terms,
    number_ranges,
    owner_term,
    part_terms,
    private_term,
    public_term,
    tag_term,
    word_term,
    words_of,
)
from etabli.features.repos import Repo, RepoType

MAX_WORDS_SOUGHT = 6
"""Words of one search; those after them are ignored. Any four of eight would be seventy choices."""
MAX_TAGS_SOUGHT = 20
"""Tags of one search: of more, none is found that has them all."""
MAX_NAMESPACES = 500
"""Whose private repositories a search looks into, for one actor."""


def filters(actor: Actor, query: Query) -> list[Condition]:
    """All but the words: what the actor may see, the type, the tags and the owner."""
    wanted: list[Condition] = [_visible(actor, types_of(query))]
    wanted += [tag_term(tag) for tag in query.tags[:MAX_TAGS_SOUGHT]]
    if query.owner is not None:
        wanted.append(owner_term(query.owner))
    if query.parameters is not None:
        wanted.append(Some(number_ranges(*query.parameters)))
    if query.gated is not None:
        wanted.append(gate_term(query.gated))
    return [*wanted, *(link_term(*one) for one in query.uses[:MAX_TAGS_SOUGHT])]


def private_filters(actor: Actor, query: Query) -> Condition:
    """What is the actor's own and private, of a type and with the tags."""
    own = _private(actor, types_of(query))
    return All([Some(own), *(tag_term(tag) for tag in query.tags[:MAX_TAGS_SOUGHT])])


def types_of(query: Query) -> Sequence[RepoType]:
    return list(RepoType) if query.type is None else [query.type]


def steps(query: Query) -> list[Condition]:
    """What the words ask for, the best first. What one shows, those after it would show again."""
    if not query.words:
        return [ALWAYS]
    if query.every_word:
        return [All([_as_part_or_word(word) for word in query.words])]
    words, parts = _sought(query), _parts(query)
    wanted = [word_term(word) for word in words]
    found: list[Condition] = [All([name_word_term(word) for word in words])] if words else []
    found += [at_least(count, wanted) for count in range(len(wanted), 0, -1)]
    return [*found, Some(parts)] if parts else found


def anything(query: Query) -> Condition:
    """What any step shows."""
    if query.every_word or not query.words:
        return steps(query)[0]
    wanted: list[Condition] = [word_term(word) for word in _sought(query)]
    return Some([*wanted, *_parts(query)])


def nearly(actor: Actor, query: Query) -> list[Condition]:
    """Where nothing matches, what to look for instead: any of the tags; names with nearly one of
    the words."""
    always = _visible(actor, types_of(query))
    found: list[Condition] = []
    if len(query.tags) > 1 and not query.words:
        found.append(All([always, Some([tag_term(tag) for tag in query.tags])]))
    alike = [All(terms) for word in _sought(query) for terms in nearly_terms(word)]
    return [*found, All([always, Some(alike)])] if alike else found


def terms_of_word(word: str) -> list[str]:
    """For a query of every word: what an entry has that has it as a word."""
    return [word_term(one) for one in words_of(word)]


def words_lacking_in(query: Query, repo: Repo) -> list[str]:
    """Those that are no part of the full name."""
    return [word for word in query.words if word.lower() not in repo.full_name_key]


def _visible(actor: Actor, types: Sequence[RepoType]) -> Condition:
    return Some([*(public_term(type) for type in types), *_private(actor, types)])


def _private(actor: Actor, types: Sequence[RepoType]) -> list[Condition]:
    own = sorted(actor.namespaces)[:MAX_NAMESPACES]
    return [private_term(type, one) for type in types for one in own]


def _sought(query: Query) -> list[str]:
    return words_of(" ".join(query.words)[:1000])[:MAX_WORDS_SOUGHT]


def _parts(query: Query) -> list[Condition]:
    """Of a search for one word, what a name has that contains it. Of a sentence, nobody's name
    does, and to look for three letters here and there takes longer than all the rest."""
    terms = part_terms(query.words[0]) if len(query.words) == 1 else []
    return [All(terms)] if terms else []


def _as_part_or_word(word: str) -> Condition:
    ways = (few_part_terms(word), terms_of_word(word))
    return Some([All(terms) for terms in ways if terms])
