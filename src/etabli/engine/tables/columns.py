"""Which column is the text and which is the label, why we think so, and how sure we are."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import mean

from etabli.engine.tables.errors import (
    ColumnMissingError,
    NoLabelColumnError,
    NoTextColumnError,
)
from etabli.engine.tables.layout import DATE
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import Message, msg


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


TEXT_NAMES = _words(
    "text texte message question utterance sentence phrase content contenu body query requête "
    "description review comment commentaire avis demande prompt input"
)
LABEL_NAMES = _words(
    "label labels étiquette etiquette category catégorie categorie class classe intent intention "
    "target tag topic sujet thème theme sentiment type y output motif raison reason service note "
    "status statut état rating stars kategorie categoría categoria grund"
)
YES_OR_NO = _words("yes no oui non true false vrai faux y n o ja nein si sí sì 0 1 x ok on off")
SEVERAL = re.compile(r"\s*[,;|]\s*")
USUAL_LABELS = range(3, 51)
MAX_WORDS_OF_A_NAME = 6
"""“Motif de la demande” is named as its first word says; a question of a form says nothing."""
MOST = 0.5
MIN_TEXT_CHARACTERS = 8
LONGEST_LABEL_CHARACTERS = 80

STOP_WORDS = {
    "en": _words("the is my to a i of and can how do it not for in have what you was why"),
    "fr": _words("le la les de des un une je est pas mon ma et que pour dans vous ne du"),
}
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Choice:
    column: str
    position: int
    reason: Message
    confidence: float
    """0 to 1: our guess at the chance that a person would choose the same."""


@dataclass(frozen=True)
class _Profile:
    position: int
    name: str
    mean_characters: float
    distinct_share: float
    spaced_share: float
    numeric_share: float
    date_share: float
    distinct: int
    is_yes_or_no: bool
    holds_several: bool
    """Whether its values are lists of a few choices, such as “A, B”."""


def choose_columns(file: Table, text: str | None, label: str | None) -> tuple[Choice, Choice]:
    """The text column, then the label column; a name that the person gave is never overruled."""
    profiles = [_profile(file, position) for position in range(len(file.columns))]
    named = {name for name in (text, label) if name}
    free = [profile for profile in profiles if profile.name not in named]
    label_choice = named_column(file, label) if label else None
    text_choice = named_column(file, text) if text else _guess_text(file, free)
    others = [profile for profile in free if profile.position != text_choice.position]
    return text_choice, label_choice or _guess_label(file, others)


def choose_text(file: Table, text: str | None, besides: Collection[str] = ()) -> Choice:
    """The column of texts alone, none of `besides`; the only one, if there is one."""
    if text:
        return named_column(file, text)
    if len(file.columns) == 1:
        return named_column(file, file.columns[0])
    free = [place for place, name in enumerate(file.columns) if name not in besides]
    return _guess_text(file, [_profile(file, position) for position in free])


def named_column(file: Table, column: str) -> Choice:
    """The one that a person chose.

    Raises:
        ColumnMissingError: the table has none that is called so.
    """
    if column not in file.columns:
        raise ColumnMissingError(file.name, column, ", ".join(file.columns))
    return Choice(column, file.columns.index(column), msg("You chose this column."), 1.0)


def _profile(file: Table, position: int) -> _Profile:
    values = [row[position].strip() for row in file.sample]
    filled = [value for value in values if value] or [""]
    distinct = set(filled)
    return _Profile(
        position=position,
        name=file.columns[position],
        mean_characters=mean(len(value) for value in filled),
        distinct_share=len(distinct) / len(filled),
        spaced_share=sum(" " in value for value in filled) / len(filled),
        numeric_share=sum(value.replace(".", "", 1).isdigit() for value in filled) / len(filled),
        date_share=sum(bool(DATE.fullmatch(value)) for value in filled) / len(filled),
        distinct=len(distinct),
        is_yes_or_no=len(distinct) <= 3 and all(_is_yes_or_no(value) for value in distinct),
        holds_several=_holds_several(distinct),
    )


def _is_yes_or_no(value: str) -> bool:
    """Also “Yes, I agree to be written to”: what a form asks for consent."""
    words = WORD.findall(value.lower())
    return bool(words) and words[0] in YES_OR_NO


def _holds_several(values: set[str]) -> bool:
    lists = [SEVERAL.split(value) for value in values]
    several = sum(len(one) > 1 for one in lists)
    parts = {part for one in lists for part in one}
    return several > len(values) * MOST and len(parts) < len(values)


def _guess_text(file: Table, profiles: Sequence[_Profile]) -> Choice:
    written = [profile for profile in profiles if _looks_written(profile)]
    if not written:
        raise NoTextColumnError(file.name, ", ".join(file.columns))
    best = max(written, key=lambda profile: (_is_named_text(profile), _writing(profile)))
    if _is_named_text(best):
        reason = msg("Its name says so, and it holds sentences.")
        return Choice(best.name, best.position, reason, 0.98)
    reason = msg("Of all columns it holds the longest and most varied sentences.")
    return Choice(best.name, best.position, reason, 0.8 if len(written) == 1 else 0.6)


def _looks_written(profile: _Profile) -> bool:
    if profile.numeric_share > MOST or profile.date_share > MOST:
        return False
    if _is_named_text(profile):
        return profile.mean_characters > 1
    return profile.mean_characters >= MIN_TEXT_CHARACTERS and profile.spaced_share >= 0.5


def _is_named_text(profile: _Profile) -> bool:
    """By its whole name: “Type de demande” is no request."""
    return profile.name.lower() in TEXT_NAMES


def _writing(profile: _Profile) -> float:
    return profile.mean_characters * profile.distinct_share


def _guess_label(file: Table, profiles: Sequence[_Profile]) -> Choice:
    coming_back = [profile for profile in profiles if _looks_like_labels(profile, len(file.sample))]
    if not coming_back:
        raise NoLabelColumnError(file.name, ", ".join(file.columns))
    best = max(coming_back, key=_likeness_to_labels)
    if _is_named_label(best):
        reason = msg("Its name says so, and its values come back from row to row.")
        return Choice(best.name, best.position, reason, 0.98)
    reason = msg("Its values are short and come back from row to row.")
    return Choice(best.name, best.position, reason, 0.8 if len(coming_back) == 1 else 0.6)


def _looks_like_labels(profile: _Profile, rows: int) -> bool:
    if profile.mean_characters > LONGEST_LABEL_CHARACTERS or profile.date_share > MOST:
        return False
    # With few rows even labels hardly come back; a name is then all that we have.
    return profile.distinct_share <= 0.5 or (_is_named_label(profile) and rows < 100)


def _likeness_to_labels(profile: _Profile) -> tuple[float, ...]:
    """More is likelier: an exact name, no consent, no list of choices, a usual number of values."""
    return (
        profile.name.lower() in LABEL_NAMES,
        not profile.is_yes_or_no and profile.distinct > 1,
        not profile.holds_several,
        _is_named_label(profile),
        profile.distinct in USUAL_LABELS,
        -profile.distinct_share,
    )


def _is_named_label(profile: _Profile) -> bool:
    words = WORD.findall(profile.name.lower())
    return len(words) <= MAX_WORDS_OF_A_NAME and not LABEL_NAMES.isdisjoint(words)


LANGUAGE_SAMPLE_ROWS = 2_000


def known_language(texts: Sequence[str]) -> str:
    """The code of the language of a table, empty when it is none that we can tell.

    Looks at texts from all over it: the first label may be written in another language.
    """
    guess = guess_language(texts[:: max(1, len(texts) // LANGUAGE_SAMPLE_ROWS)])
    return "" if guess == "other" else guess


def guess_language(texts: Sequence[str]) -> str:
    """`en`, `fr` or `other`, by counting the smallest words of each."""
    words = Counter(word for text in texts for word in WORD.findall(text.lower()))
    total = sum(words.values()) or 1
    shares = {
        language: sum(words[word] for word in stop_words) / total
        for language, stop_words in STOP_WORDS.items()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= 0.1 else "other"
