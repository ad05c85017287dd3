"""From the rows as they were written to those that are learned and examined."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from etabli.engine.tables.errors import NoTestRowsError, TooFewRowsError, TooFewTextsError
from etabli.engine.tables.job import Fixes, Job
from etabli.engine.tables.labelling import Groups, Labelling, Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.reading import Table
from etabli.engine.tables.rows import (
    Loaded,
    at_most,
    clean_label,
    groups_of,
    look_alike_key,
    same_text_key,
)

MIN_ROWS = 20
MIN_CLASSES = 2
MIN_ROWS_A_CLASS = 2
TEST_SHARE = 0.2
# Beyond this the memory of a laptop is the limit, and the accuracy hardly grows.
MAX_TRAINING_ROWS = 100_000
MAX_TEST_ROWS = 50_000

ERROR_CELL = re.compile(
    r"#(?:N/A|N/D|REF!|VALUE!|VALEUR!|WERT!|DIV/0!|NAME\?|NOM\?|NULL!|NUL!|NUM!|NOMBRE!|SPILL!|CALC!"
    r"|NV|BEZUG!|ZAHL!)|Err:\d{3}"
)
"""What spreadsheets show in place of a value, in English, French and German."""


@dataclass(frozen=True)
class Prepared:
    """What will be learned and examined, after the corrections that the person chose."""

    train: list[Row]
    test: list[Row]
    changed: dict[str, int]
    """Rows of the training file left out or rewritten, by the name of the correction."""
    unlabelled: int
    """Rows of the training file without a label: always left out."""
    is_official_test: bool
    groups: Groups
    left_out: int
    """Rows beyond what can be learned from and examined with."""


def prepare(loaded: Loaded, job: Job, max_grouped: int | None = None) -> Prepared:
    """Apply the corrections; without a test file, hold out a fifth of the training rows.

    `max_grouped` bounds the texts among which near-duplicates are looked for; None looks at all.

    Raises:
        TooFewRowsError, TooFewTextsError, NoTestRowsError: nothing can be learned or examined.
    """
    labelling = loaded.labelling
    labelled = [row for row in tidied(loaded.train) if row.label]
    unlabelled = len(loaded.train) - len(labelled)
    train, changed = _rewritten(labelled, job.fixes, labelling)
    ragged = loaded.train_file.layout.ragged_count
    changed |= {"drop_ragged": ragged} if ragged else {}
    test, _ = _rewritten(tidied(loaded.test), job.fixes, labelling)
    if job.fixes.drop_error_cells:
        test = _without_error_cells(test)
    if job.fixes.merge_look_alikes:
        test = _spelt_as_in(train, test, labelling)
    for name, kept in _corrections(job.fixes, test, labelling):
        before = len(train)
        train = kept(train)
        changed[name] = before - len(train)
    _require_enough(loaded.train_file, train, labelling)
    usable = _usable_test(loaded, train, test) if loaded.test_file else []
    most = MAX_TRAINING_ROWS + (0 if loaded.test_file else MAX_TEST_ROWS)
    kept_train, kept_test = (
        at_most(train, most, job.seed),
        at_most(usable, MAX_TEST_ROWS, job.seed),
    )
    left_out = len(train) - len(kept_train)
    groups = groups_of([*kept_test, *kept_train], max_grouped)
    if loaded.test_file is None:
        kept_train, kept_test = labelling.split(kept_train, TEST_SHARE, job.seed, groups)
        if not kept_test:
            raise TooFewTextsError(loaded.train_file.name)
    is_official = loaded.test_file is not None
    return Prepared(kept_train, kept_test, changed, unlabelled, is_official, groups, left_out)


def _usable_test(loaded: Loaded, train: Sequence[Row], test: Sequence[Row]) -> list[Row]:
    labels_of = loaded.labelling.labels
    known = {label for row in train for label in labels_of(row.label)}
    usable = [
        row
        for row in test
        if row.label and row.text.strip() and known.issuperset(labels_of(row.label))
    ]
    if not usable:
        raise NoTestRowsError(loaded.test_file.name if loaded.test_file else "")
    return usable


def tidied(rows: Sequence[Row]) -> list[Row]:
    return [row._replace(label=clean_label(row.label)) for row in rows]


def _rewritten(
    rows: list[Row], fixes: Fixes, labelling: Labelling
) -> tuple[list[Row], dict[str, int]]:
    """Rows with what was changed in them, and how many, by the name of the correction."""
    changed: dict[str, int] = {}
    for name, wanted, rewrite in (
        ("mask_personal_data", fixes.mask_personal_data, _masked),
        (
            "merge_look_alikes",
            fixes.merge_look_alikes,
            lambda rows: merge_look_alikes(rows, labelling),
        ),
    ):
        if wanted:
            before, rows = rows, rewrite(rows)
            changed[name] = sum(old != new for old, new in zip(before, rows, strict=True))
    return rows, changed


def _masked(rows: Sequence[Row]) -> list[Row]:
    return [row._replace(text=mask_personal(row.text)) for row in rows]


def merge_look_alikes(rows: Sequence[Row], labelling: Labelling) -> list[Row]:
    """Each label takes the spelling that is used most among its look-alikes."""
    usual: dict[str, str] = {}
    counts = Counter(label for row in rows for label in labelling.labels(row.label))
    for label, _count in counts.most_common():
        usual.setdefault(look_alike_key(label), label)
    return [_spelt(row, usual, labelling) for row in rows]


def _spelt_as_in(train: Sequence[Row], test: Sequence[Row], labelling: Labelling) -> list[Row]:
    """The test rows, their labels as the training rows spell them."""
    spelling = {
        look_alike_key(label): label for row in train for label in labelling.labels(row.label)
    }
    return [_spelt(row, spelling, labelling) for row in test]


def _spelt(row: Row, spelling: Mapping[str, str], labelling: Labelling) -> Row:
    labels = labelling.labels(row.label)
    return row._replace(
        label=labelling.written([spelling.get(look_alike_key(one), one) for one in labels])
    )


Correction = tuple[str, Callable[[list[Row]], list[Row]]]


def _corrections(fixes: Fixes, test: Sequence[Row], labelling: Labelling) -> list[Correction]:
    """In the order in which they must happen: a class is tiny after the rest is gone."""
    chosen: list[tuple[str, bool, Callable[[list[Row]], list[Row]]]] = [
        ("drop_error_cells", fixes.drop_error_cells, _without_error_cells),
        ("drop_empty", fixes.drop_empty, lambda rows: [row for row in rows if row.text.strip()]),
        ("drop_duplicates", fixes.drop_duplicates, _without_duplicates),
        ("drop_leaked", fixes.drop_leaked, lambda rows: _without_leaked(rows, test)),
        (
            "drop_tiny_classes",
            fixes.drop_tiny_classes,
            lambda rows: _without_tiny_classes(rows, labelling),
        ),
    ]
    return [(name, correct) for name, wanted, correct in chosen if wanted]


def has_error_cell(row: Row) -> bool:
    return any(ERROR_CELL.fullmatch(value.strip()) for value in (row.text, row.label))


def _without_error_cells(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not has_error_cell(row)]


def _without_duplicates(rows: Sequence[Row]) -> list[Row]:
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        first.setdefault((same_text_key(row.text), row.label), row)
    return list(first.values())


def _without_leaked(rows: Sequence[Row], test: Sequence[Row]) -> list[Row]:
    """The test stays whole, so that its figure can be compared with that of others."""
    tested = {same_text_key(row.text) for row in test}
    return [row for row in rows if same_text_key(row.text) not in tested]


def _without_tiny_classes(rows: Sequence[Row], labelling: Labelling) -> list[Row]:
    """Without each row that has one: without the label alone, it would say what is not true."""
    counts = Counter(label for row in rows for label in labelling.labels(row.label))
    return [
        row
        for row in rows
        if all(counts[one] >= MIN_ROWS_A_CLASS for one in labelling.labels(row.label))
    ]


def _require_enough(file: Table, rows: Sequence[Row], labelling: Labelling) -> None:
    classes = len({label for row in rows for label in labelling.labels(row.label)})
    if len(rows) < MIN_ROWS or classes < MIN_CLASSES:
        raise TooFewRowsError(file.name, len(rows), classes, MIN_ROWS)
