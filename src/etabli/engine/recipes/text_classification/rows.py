"""The rows of a job, as they were written and as they will be learned."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from etabli.engine.recipes.text_classification.archives import clear_unpacked
from etabli.engine.recipes.text_classification.columns import Choice, choose_columns
from etabli.engine.recipes.text_classification.errors import (
    ColumnMissingError,
    NoTestRowsError,
    OneClassError,
    TestColumnMissingError,
    TooFewRowsError,
    TooFewTextsError,
)
from etabli.engine.recipes.text_classification.job import Fixes, Job
from etabli.engine.recipes.text_classification.near_duplicates import group_near_duplicates
from etabli.engine.recipes.text_classification.personal import mask_personal
from etabli.engine.recipes.text_classification.reading import Table, open_table

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

Groups = Mapping[str, int]
"""For each text, by its `same_text_key`, the number of its group of near-duplicates."""


class Row(NamedTuple):
    line: int
    """Of the file, the header being line 1."""
    text: str
    label: str


@dataclass(frozen=True)
class Loaded:
    """What the files say, untouched."""

    train_file: Table
    text_choice: Choice
    label_choice: Choice
    train: list[Row]
    test_file: Table | None
    test: list[Row]
    answers: dict[str, str]
    files: list[Table]
    """All that were read."""


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


def load(job: Job) -> Loaded:
    try:
        return load_beside(job, open_train(job))
    finally:
        clear_unpacked(job.folder)


def open_train(job: Job) -> Table:
    return open_table(job.train, job.encoding, job.fixes, job.sheet)


def load_beside(job: Job, train_file: Table) -> Loaded:
    """All rows of the table, and the files that come with it."""
    text, label = choose_columns(train_file, job.text_column, job.label_column)
    train = _rows_of(train_file, text.position, label.position)
    _require_two_classes(train_file, train)
    test_file = _open_other(job, job.test)
    test = _test_rows_of(test_file, text.column, label.column) if test_file else []
    answers_file = _open_other(job, job.answers)
    labels = {row.label.strip() for row in train}
    answers = _answers_of(answers_file, labels) if answers_file else {}
    files = [file for file in (train_file, test_file, answers_file) if file]
    return Loaded(train_file, text, label, train, test_file, test, answers, files)


def _open_other(job: Job, path: Path | None) -> Table | None:
    """A file that comes with the table: its sheet is called as the table's, or is the likeliest."""
    if path is None:
        return None
    return open_table(path, job.encoding, job.fixes, job.sheet, must_have_sheet=False)


def _rows_of(file: Table, text: int, label: int) -> list[Row]:
    return [Row(line, fields[text], fields[label]) for line, fields in file.records()]


def _test_rows_of(file: Table, text: str, label: str) -> list[Row]:
    for column in (text, label):
        if column not in file.columns:
            raise TestColumnMissingError(file.name, column)
    return _rows_of(file, file.columns.index(text), file.columns.index(label))


def _require_two_classes(file: Table, rows: Sequence[Row]) -> None:
    labels = {row.label.strip() for row in rows} - {""}
    if len(labels) == 1:
        raise OneClassError(file.name, labels.pop())


def _answers_of(file: Table, labels: set[str]) -> dict[str, str]:
    """The reply for each label: the column that shares most values with the labels is theirs."""
    if len(file.columns) < 2:
        raise ColumnMissingError(file.name, "answer", ", ".join(file.columns))
    records = [fields for _line, fields in file.records()]
    positions = range(len(file.columns))
    label = max(positions, key=lambda at: sum(fields[at].strip() in labels for fields in records))
    answer = next(
        (at for at in positions if file.columns[at].lower() in ("answer", "réponse", "reponse")),
        max(
            (at for at in positions if at != label),
            key=lambda at: sum(len(fields[at]) for fields in records),
        ),
    )
    pairs = ((clean_label(fields[label]), fields[answer].strip()) for fields in records)
    return {name: reply for name, reply in pairs if name and reply}


def clean_label(label: str) -> str:
    """Spaces around and within a label are accidents of typing."""
    return " ".join(label.split())


def same_text_key(text: str) -> str:
    """Texts with the same key say the same: capitals and spaces do not count."""
    return " ".join(text.lower().split())


def look_alike_key(label: str) -> str:
    return "_".join(label.lower().replace("_", " ").replace("-", " ").split())


def prepare(loaded: Loaded, job: Job, max_grouped: int | None = None) -> Prepared:
    """Apply the corrections; without a test file, hold out a fifth of the training rows.

    `max_grouped` bounds the texts among which near-duplicates are looked for; None looks at all.

    Raises:
        TooFewRowsError, TooFewTextsError, NoTestRowsError: nothing can be learned or examined.
    """
    labelled = [row for row in tidied(loaded.train) if row.label]
    unlabelled = len(loaded.train) - len(labelled)
    train, changed = _rewritten(labelled, job.fixes)
    ragged = loaded.train_file.layout.ragged_count
    changed |= {"drop_ragged": ragged} if ragged else {}
    test, _ = _rewritten(tidied(loaded.test), job.fixes)
    if job.fixes.drop_error_cells:
        test = _without_error_cells(test)
    if job.fixes.merge_look_alikes:
        test = _spelt_as_in(train, test)
    for name, kept in _corrections(job.fixes, test):
        before = len(train)
        train = kept(train)
        changed[name] = before - len(train)
    _require_enough(loaded.train_file, train)
    usable = _usable_test(loaded, train, test) if loaded.test_file else []
    most = MAX_TRAINING_ROWS + (0 if loaded.test_file else MAX_TEST_ROWS)
    kept_train, kept_test = (
        at_most(train, most, job.seed),
        at_most(usable, MAX_TEST_ROWS, job.seed),
    )
    left_out = len(train) - len(kept_train)
    groups = groups_of([*kept_test, *kept_train], max_grouped)
    if loaded.test_file is None:
        kept_train, kept_test = split(kept_train, TEST_SHARE, job.seed, groups)
        if not kept_test:
            raise TooFewTextsError(loaded.train_file.name)
    is_official = loaded.test_file is not None
    return Prepared(kept_train, kept_test, changed, unlabelled, is_official, groups, left_out)


def _usable_test(loaded: Loaded, train: Sequence[Row], test: Sequence[Row]) -> list[Row]:
    known = {row.label for row in train}
    usable = [row for row in test if row.label in known and row.text.strip()]
    if not usable:
        raise NoTestRowsError(loaded.test_file.name if loaded.test_file else "")
    return usable


def at_most(rows: list[Row], most: int, seed: int) -> list[Row]:
    """All of them, or as many as that by chance, in their order."""
    if len(rows) <= most:
        return rows
    return sorted(Random(seed).sample(rows, most))  # noqa: S311  reproducible on purpose


def groups_of(rows: Sequence[Row], max_grouped: int | None = None) -> Groups:
    """Which texts say nearly the same. Those beyond `max_grouped` count as alone."""
    keys = list(dict.fromkeys(same_text_key(row.text) for row in rows))
    step = 1 if not max_grouped else -(-len(keys) // max_grouped)
    looked_at = keys[::step]
    groups = {key: len(keys) + number for number, key in enumerate(keys)}
    return groups | dict(zip(looked_at, group_near_duplicates(looked_at), strict=True))


def tidied(rows: Sequence[Row]) -> list[Row]:
    return [row._replace(label=clean_label(row.label)) for row in rows]


def _rewritten(rows: list[Row], fixes: Fixes) -> tuple[list[Row], dict[str, int]]:
    """Rows with what was changed in them, and how many, by the name of the correction."""
    changed: dict[str, int] = {}
    for name, wanted, rewrite in (
        ("mask_personal_data", fixes.mask_personal_data, _masked),
        ("merge_look_alikes", fixes.merge_look_alikes, merge_look_alikes),
    ):
        if wanted:
            before, rows = rows, rewrite(rows)
            changed[name] = sum(old != new for old, new in zip(before, rows, strict=True))
    return rows, changed


def _masked(rows: Sequence[Row]) -> list[Row]:
    return [row._replace(text=mask_personal(row.text)) for row in rows]


def merge_look_alikes(rows: Sequence[Row]) -> list[Row]:
    """Each label takes the spelling that is used most among its look-alikes."""
    usual: dict[str, str] = {}
    for label, _count in Counter(row.label for row in rows).most_common():
        usual.setdefault(look_alike_key(label), label)
    return [row._replace(label=usual[look_alike_key(row.label)]) for row in rows]


def _spelt_as_in(train: Sequence[Row], test: Sequence[Row]) -> list[Row]:
    """The test rows, their labels as the training rows spell them."""
    spelling = {look_alike_key(row.label): row.label for row in train}
    return [row._replace(label=spelling.get(look_alike_key(row.label), row.label)) for row in test]


Correction = tuple[str, Callable[[list[Row]], list[Row]]]


def _corrections(fixes: Fixes, test: Sequence[Row]) -> list[Correction]:
    """In the order in which they must happen: a class is tiny after the rest is gone."""
    chosen: list[tuple[str, bool, Callable[[list[Row]], list[Row]]]] = [
        ("drop_error_cells", fixes.drop_error_cells, _without_error_cells),
        ("drop_empty", fixes.drop_empty, lambda rows: [row for row in rows if row.text.strip()]),
        ("drop_duplicates", fixes.drop_duplicates, _without_duplicates),
        ("drop_leaked", fixes.drop_leaked, lambda rows: _without_leaked(rows, test)),
        ("drop_tiny_classes", fixes.drop_tiny_classes, _without_tiny_classes),
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


def _without_tiny_classes(rows: Sequence[Row]) -> list[Row]:
    counts = Counter(row.label for row in rows)
    return [row for row in rows if counts[row.label] >= MIN_ROWS_A_CLASS]


def _require_enough(file: Table, rows: Sequence[Row]) -> None:
    classes = len({row.label for row in rows})
    if len(rows) < MIN_ROWS or classes < MIN_CLASSES:
        raise TooFewRowsError(file.name, len(rows), classes, MIN_ROWS)


def split(
    rows: Sequence[Row], share: float, seed: int, groups: Groups
) -> tuple[list[Row], list[Row]]:
    """Kept and held out, about the same share of each label.

    Texts of one group of near-duplicates are never on both sides, and at least one group of each
    label is kept. Labels of few texts may have none held out; when that is true of all of them, as
    many labels as the share asks for give their smallest group. When each label is a single group,
    groups are all that there is to part: then only equal texts stay together.
    """
    by_label = _shuffled_groups(rows, Random(seed), groups)  # noqa: S311  reproducible on purpose
    held_out = {group for sizes in by_label for group in _held_out_of(sizes, share)}
    if not held_out:
        givers = [sizes for sizes in by_label if len(sizes) > 1]
        smallest = [min(sizes, key=lambda group: sizes[group]) for sizes in givers]
        held_out = set(smallest[: max(1, round(len(rows) * share))])
    if not held_out and len(set(groups.values())) < len(groups):
        return split(rows, share, seed, {key: number for number, key in enumerate(groups)})
    held_out -= _needed_to_learn(rows, held_out, groups)
    kept = [row for row in rows if groups[same_text_key(row.text)] not in held_out]
    return kept, [row for row in rows if groups[same_text_key(row.text)] in held_out]


def _needed_to_learn(rows: Sequence[Row], held_out: set[int], groups: Groups) -> set[int]:
    """Of the groups held out, one for each label that would have no other: groups mix labels."""
    places = [(row.label, groups[same_text_key(row.text)]) for row in rows]
    learned = {label for label, group in places if group not in held_out}
    needed: dict[str, int] = {}
    for label, group in places:
        if label not in learned:
            needed.setdefault(label, group)
    return set(needed.values())


def _shuffled_groups(rows: Sequence[Row], random: Random, groups: Groups) -> list[dict[int, int]]:
    """For each label, its groups in a random order and how many different texts each has.

    A group counts for the label of its first row.
    """
    first_label: dict[int, str] = {}
    texts: dict[int, set[str]] = {}
    for row in rows:
        key = same_text_key(row.text)
        first_label.setdefault(groups[key], row.label)
        texts.setdefault(groups[key], set()).add(key)
    by_label: dict[str, list[int]] = {}
    for group, label in first_label.items():
        by_label.setdefault(label, []).append(group)
    for members in by_label.values():
        random.shuffle(members)
    return [{group: len(texts[group]) for group in members} for members in by_label.values()]


def _held_out_of(sizes: Mapping[int, int], share: float) -> list[int]:
    """Groups that together come nearest to the share of the texts, one at least being left."""
    wanted = round(sum(sizes.values()) * share)
    held_out: list[int] = []
    count = 0
    for group, size in sizes.items():
        if count + size / 2 <= wanted and len(held_out) < len(sizes) - 1 and count < wanted:
            held_out.append(group)
            count += size
    return held_out
