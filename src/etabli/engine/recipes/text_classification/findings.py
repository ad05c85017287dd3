"""What is wrong with the data, found before anything is learned from it.

`settle` has a correction that we can make, `advise` is the person's to decide, and `fine` found
nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from etabli.engine.recipes.text_classification.encodings import title_of
from etabli.engine.recipes.text_classification.job import Fixes
from etabli.engine.recipes.text_classification.layout import Passage
from etabli.engine.recipes.text_classification.near_duplicates import members_of
from etabli.engine.recipes.text_classification.personal import (
    find_personal,
    mask_personal,
)
from etabli.engine.recipes.text_classification.reading import Table
from etabli.engine.recipes.text_classification.rows import (
    LEAST_ROWS_A_CLASS,
    Loaded,
    Prepared,
    Row,
    clean_label,
    has_error_cell,
    look_alike_key,
    merge_look_alikes,
    same_text_key,
    tidied,
)
from etabli.foundation.i18n.messages import Text, say

FEW_ROWS = 10
VERY_LONG_CHARACTERS = 2_000
IMBALANCE_RATIO = 20
MOST_EXAMPLES = 3
MOST_SHEETS_NAMED = 20
EXAMPLE_CHARACTERS = 160


@dataclass(frozen=True)
class Finding:
    code: str
    severity: str
    count: int
    text: Text
    examples: list[dict[str, Any]] = field(default_factory=list)
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "count": self.count,
            "text": {"template": self.text.template, "values": dict(self.text.values)},
            "examples": self.examples,
            "fix": self.fix,
        }


def find_all(loaded: Loaded, prepared: Prepared, fixes: Fixes) -> list[Finding]:
    """Every check, with those that found nothing: it is good to know what was looked for.

    Labels that are made one are one here too: no row is to be set aside for one and merged for
    the other.
    """
    train = merge_look_alikes(tidied(loaded.train)) if fixes.merge_look_alikes else loaded.train
    findings = [_look_alikes(loaded.train), *(check(train) for check in CHECKS_OF_TRAIN)]
    findings += [_encodings(loaded.files), *find_in_files(loaded.files), _error_cells(train)]
    findings.append(_near_duplicates(prepared))
    findings.append(_personal([*train, *loaded.test]))
    if loaded.test_file:
        findings += [_leaked(train, loaded.test), _unknown_test_labels(loaded, fixes)]
        findings.append(_near_leaked(prepared))
    if loaded.answers:
        findings += _answers(set(class_counts(train)), set(loaded.answers), fixes)
    return sorted(
        findings, key=lambda finding: ("settle", "advise", "fine").index(finding.severity)
    )


def find_in_files(files: Sequence[Table]) -> list[Finding]:
    """What in the files is no example, or stands otherwise than in a plain table."""
    return [_of_files(files, look) for look in CHECKS_OF_FILES]


def _of_files(files: Sequence[Table], look: Callable[[Table], Finding]) -> Finding:
    """The finding of the first file in which there is one."""
    found = [look(file) for file in files]
    return next((one for one in found if one.severity != "fine"), found[0])


def _passages(passages: Iterable[Passage]) -> list[dict[str, Any]]:
    return [_example(Row(one.line, one.text, "")) for one in passages]


def _sheets(file: Table) -> Finding:
    return _finding(
        "sheets",
        len(file.sheets),
        say("{file} holds several tables ({sheets}), and “{sheet}” is read: choose another if it "
            "is not the one.",
            file=file.name, sheets=", ".join(file.sheets[:MOST_SHEETS_NAMED]),
            sheet=file.sheet or ""),
        say("The file holds a single table."),
    )  # fmt: skip


def _titles(file: Table) -> Finding:
    titles = file.layout.titles
    return _finding(
        "titles",
        len(titles),
        say("Lines of {file} above the names of the columns: {count}.",
            file=file.name, count=len(titles)),
        say("Nothing stands above the names of the columns."),
        "skip_titles",
        _passages(titles),
    )  # fmt: skip


def _no_header(file: Table) -> Finding:
    first = [Passage(0, " · ".join(fields)) for fields in file.sample[:1]]
    return _finding(
        "no_header",
        int(file.layout.is_nameless),
        say("No line of {file} names the columns: its first line looks like an example.",
            file=file.name),
        say("The first line names the columns."),
        "name_columns",
        _passages(Passage(file.layout.header_line + 1, one.text) for one in first),
    )  # fmt: skip


def _totals(file: Table) -> Finding:
    totals = file.layout.totals
    return _finding(
        "totals",
        len(totals),
        say("Rows at the end of {file} that are a total, not an example: {count}.",
            file=file.name, count=len(totals)),
        say("No row is a total."),
        "drop_totals",
        _passages(totals),
    )  # fmt: skip


def _ragged(file: Table) -> Finding:
    layout = file.layout
    return _finding(
        "ragged_rows",
        layout.ragged_count,
        say("Rows of {file} with more or fewer fields than the {width} of the others, such as "
            "comments: {count}.",
            file=file.name, width=layout.width, count=layout.ragged_count),
        say("Every row has as many fields as the others."),
        "drop_ragged",
        _passages(layout.ragged),
    )  # fmt: skip


def _merged_cells(file: Table) -> Finding:
    return _finding(
        "merged_cells",
        file.merged_cells,
        say("Cells of {file} that were merged over several rows: {count}.",
            file=file.name, count=file.merged_cells),
        say("No cell is merged over several rows."),
        "fill_merged",
    )  # fmt: skip


def _formulas(file: Table) -> Finding:
    lines = file.formulas_without_value
    return _finding(
        "formulas_without_value",
        len(lines),
        say("Formulas of {file} that were saved without their value, and count as empty cells: "
            "{count}, the first on line {line}. Save the workbook again in your spreadsheet "
            "program, and bring it again.",
            file=file.name, count=len(lines), line=lines[0] if lines else 0),
        say("Every formula has its value."),
    )  # fmt: skip


CHECKS_OF_FILES: tuple[Callable[[Table], Finding], ...] = (
    _sheets, _titles, _no_header, _totals, _ragged, _merged_cells, _formulas,
)  # fmt: skip


def _finding(
    code: str,
    found: Sequence[dict[str, Any]] | int,
    text: Text,
    nothing: Text,
    fix: str | None = None,
    examples: Sequence[dict[str, Any]] = (),
) -> Finding:
    count = found if isinstance(found, int) else len(found)
    if not count:
        return Finding(code, "fine", 0, nothing)
    shown = list(examples if isinstance(found, int) else found)[:MOST_EXAMPLES]
    return Finding(code, "settle" if fix else "advise", count, text, shown, fix)


def _example(row: Row, **more: Any) -> dict[str, Any]:
    # Masked everywhere: a report is shown to people who need not see whose card it was.
    text = mask_personal(row.text)[:EXAMPLE_CHARACTERS]
    return {"line": row.line, "text": text, "label": row.label, **more}


def _first(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [_example(row) for row, _ in zip(rows, range(MOST_EXAMPLES), strict=False)]


def _duplicates(rows: Sequence[Row]) -> Finding:
    seen: dict[tuple[str, str], int] = {}
    repeated: list[tuple[Row, int]] = []
    for row in rows:
        key = (same_text_key(row.text), clean_label(row.label))
        if key in seen and key[0]:
            repeated.append((row, seen[key]))
        seen.setdefault(key, row.line)
    return _finding(
        "duplicates",
        len(repeated),
        say("Rows that repeat an earlier one, text and label: {count}.", count=len(repeated)),
        say("No row repeats another."),
        "drop_duplicates",
        [_example(row, first_line=line) for row, line in repeated[:MOST_EXAMPLES]],
    )


def _contradictions(rows: Sequence[Row]) -> Finding:
    first: dict[str, Row] = {}
    several: dict[str, list[Row]] = {}
    for row in rows:
        key = same_text_key(row.text)
        earlier = first.setdefault(key, row)
        if key and clean_label(earlier.label) != clean_label(row.label):
            several.setdefault(key, [earlier]).append(row)
    examples = [
        _example(same[0], labels=[row.label for row in same], lines=[row.line for row in same])
        for same in list(several.values())[:MOST_EXAMPLES]
    ]
    return _finding(
        "contradictions",
        len(several),
        say("Texts that are filed under two labels or more: {count}.", count=len(several)),
        say("No text is filed under two labels."),
        examples=examples,
    )


def _leaked(train: Sequence[Row], test: Sequence[Row]) -> Finding:
    tested = {same_text_key(row.text): row.line for row in test if row.text.strip()}
    leaked = [row for row in train if same_text_key(row.text) in tested]
    return _finding(
        "leakage",
        len(leaked),
        say("Training rows whose text is also in the test file: {count}.", count=len(leaked)),
        say("No text is in both the training and the test file."),
        "drop_leaked",
        [
            _example(row, test_line=tested[same_text_key(row.text)])
            for row in leaked[:MOST_EXAMPLES]
        ],
    )


def _encodings(files: Sequence[Table]) -> Finding:
    """A file that may be read wrongly: as what, and how some of its lines look so."""
    doubtful = next((file for file in files if not file.detection.is_certain), None)
    if doubtful is None:
        names = dict.fromkeys(title_of(file.encoding) for file in files)
        return Finding("encoding", "fine", 0, say("Letters are read as {encodings}.",
                                                  encodings=", ".join(names)))  # fmt: skip
    rows = (Row(line, " ".join(fields), "") for line, fields in doubtful.records())
    examples = _first(row for row in rows if not row.text.isascii())
    encoding = title_of(doubtful.encoding)
    others = ", ".join(title_of(name) for name in doubtful.detection.others)
    text = say(
        "{file} does not say how its letters are written. It is read as {encoding}, and may be "
        "{others}: if these lines look wrong, choose another.",
        file=doubtful.name, encoding=encoding, others=others,
    ) if others else say(
        "{file} does not say how its letters are written. It is read as {encoding}: if these "
        "lines look wrong, choose another.",
        file=doubtful.name, encoding=encoding,
    )  # fmt: skip
    return Finding("encoding", "advise", 1, text, examples)


def _near_duplicates(prepared: Prepared) -> Finding:
    first: dict[str, Row] = {}
    for row in [*prepared.train, *prepared.test]:
        first.setdefault(same_text_key(row.text), row)
    rows = list(first.values())
    groups = members_of([prepared.groups[key] for key in first])
    count = sum(len(members) for members in groups.values())
    return _finding(
        "near_duplicates",
        count,
        say(
            "Texts that say nearly the same as another: {count}, in {groups} groups. "
            "The examination counts each group once, and never learns from a part of it.",
            count=count,
            groups=len(groups),
        ),
        say("No text says nearly the same as another."),
        examples=[_example(rows[place]) for members in groups.values() for place in members[:2]],
    )


def _near_leaked(prepared: Prepared) -> Finding:
    learned = {prepared.groups[same_text_key(row.text)] for row in prepared.train}
    like = [row for row in prepared.test if prepared.groups[same_text_key(row.text)] in learned]
    return _finding(
        "near_leakage",
        len(like),
        say(
            "Texts of the test file that say nearly the same as one to learn from: {count} of "
            "{total}.",
            count=len(like),
            total=len(prepared.test),
        ),
        say("No text of the test file says nearly the same as one to learn from."),
        examples=_first(like),
    )


def class_counts(rows: Sequence[Row]) -> Counter[str]:
    counts = Counter(clean_label(row.label) for row in rows)
    del counts[""]
    return counts


def _tiny_classes(rows: Sequence[Row]) -> Finding:
    found = [
        {"label": label, "rows": count}
        for label, count in class_counts(rows).items()
        if count < LEAST_ROWS_A_CLASS
    ]
    return _finding(
        "tiny_classes",
        found,
        say("Labels with a single example, from which nothing can be learned: {count}.",
            count=len(found)),
        say("Every label has more than one example."),
        "drop_tiny_classes",
    )  # fmt: skip


def _small_classes(rows: Sequence[Row]) -> Finding:
    found = [
        {"label": label, "rows": count}
        for label, count in sorted(class_counts(rows).items(), key=lambda pair: pair[1])
        if LEAST_ROWS_A_CLASS <= count < FEW_ROWS
    ]
    return _finding(
        "small_classes",
        found,
        say("Labels with fewer than {few} examples, which will be learned badly: {count}.",
            few=FEW_ROWS, count=len(found)),
        say("Every label has at least {few} examples.", few=FEW_ROWS),
    )  # fmt: skip


def _personal(rows: Sequence[Row]) -> Finding:
    examples: list[dict[str, Any]] = []
    kinds: Counter[str] = Counter()
    count = 0
    for row in rows:
        found = list(find_personal(row.text))
        if not found:
            continue
        count += 1
        kinds.update(kind.value for kind in found)
        if len(examples) < MOST_EXAMPLES:
            examples.append(_example(row, kinds=sorted({kind.value for kind in found})))
    return _finding(
        "personal_data",
        count,
        say(
            "Rows with personal data: {count} (e-mail addresses: {email}, telephone numbers: "
            "{phone}, IBANs: {iban}, card numbers: {card}).",
            count=count,
            **{kind: kinds[kind] for kind in ("email", "phone", "iban", "card")},
        ),
        say("No e-mail address, telephone number, IBAN or card number was found."),
        "mask_personal_data",
        examples,
    )


def _error_cells(rows: Sequence[Row]) -> Finding:
    found = [row for row in rows if has_error_cell(row)]
    return _finding(
        "error_cells",
        len(found),
        say("Rows whose text or label is an error of the spreadsheet, such as #N/A: {count}.",
            count=len(found)),
        say("No text or label is an error of the spreadsheet."),
        "drop_error_cells",
        _first(found),
    )  # fmt: skip


def _empty(rows: Sequence[Row]) -> Finding:
    empty = [row for row in rows if not row.text.strip()]
    return _finding(
        "empty_texts",
        len(empty),
        say("Rows without a text: {count}.", count=len(empty)),
        say("Every row has a text."),
        "drop_empty",
        _first(empty),
    )


def _unlabelled(rows: Sequence[Row]) -> Finding:
    unlabelled = [row for row in rows if not row.label.strip()]
    return _finding(
        "empty_labels",
        len(unlabelled),
        say("Rows without a label, which will be left out: {count}.", count=len(unlabelled)),
        say("Every row has a label."),
        examples=_first(unlabelled),
    )


def _very_long(rows: Sequence[Row]) -> Finding:
    long = [row for row in rows if len(row.text) > VERY_LONG_CHARACTERS]
    return _finding(
        "long_texts",
        len(long),
        say("Texts of more than {most} characters, read up to there only: {count}.",
            most=VERY_LONG_CHARACTERS, count=len(long)),
        say("No text has more than {most} characters.", most=VERY_LONG_CHARACTERS),
        examples=_first(long),
    )  # fmt: skip


def _imbalance(rows: Sequence[Row]) -> Finding:
    counts = class_counts(rows).most_common()
    largest, smallest = counts[0], counts[-1]
    is_uneven = largest[1] >= IMBALANCE_RATIO * smallest[1]
    return _finding(
        "imbalance",
        [{"label": label, "rows": count} for label, count in (largest, smallest)] * is_uneven,
        say("“{largest}” has {most} examples and “{smallest}” only {least}: the rare labels will "
            "be found less often.",
            largest=largest[0], most=largest[1], smallest=smallest[0], least=smallest[1]),
        say("No label has {ratio} times as many examples as another.", ratio=IMBALANCE_RATIO),
    )  # fmt: skip


def _look_alikes(rows: Sequence[Row]) -> Finding:
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.label.strip():
            spellings[look_alike_key(row.label)][row.label] += 1
    found = [{"spellings": dict(same)} for same in spellings.values() if len(same) > 1]
    return _finding(
        "look_alike_labels",
        found,
        say("Labels written in several ways (capitals, spaces, dashes): {count}.",
            count=len(found)),
        say("Every label is written in one way."),
        "merge_look_alikes",
    )  # fmt: skip


def _unknown_test_labels(loaded: Loaded, fixes: Fixes) -> Finding:
    key = look_alike_key if fixes.merge_look_alikes else clean_label
    known = {key(row.label) for row in loaded.train}
    unknown = [label for label in class_counts(loaded.test) if key(label) not in known]
    return _finding(
        "unknown_test_labels",
        [{"label": label} for label in sorted(unknown)],
        say("Labels of the test file that the training file does not have; their rows are left "
            "out of the examination: {count}.", count=len(unknown)),
        say("Every label of the test file is in the training file."),
    )  # fmt: skip


def _answers(labels: set[str], answered: set[str], fixes: Fixes) -> list[Finding]:
    """Labels without an answer, and answers without a label."""
    key = look_alike_key if fixes.merge_look_alikes else clean_label
    known, replied = {key(label) for label in labels}, {key(label) for label in answered}
    missing = sorted(label for label in labels if key(label) not in replied)
    extra = sorted(label for label in answered if key(label) not in known)
    return [
        _finding(
            "labels_without_answer",
            [{"label": label} for label in missing],
            say("Labels for which no answer is written: {count}.", count=len(missing)),
            say("Every label has an answer."),
        ),
        _finding(
            "answers_without_label",
            [{"label": label} for label in extra],
            say("Answers for labels that no example has: {count}.", count=len(extra)),
            say("Every answer belongs to a label."),
        ),
    ]


CHECKS_OF_TRAIN: tuple[Callable[[Sequence[Row]], Finding], ...] = (
    _duplicates,
    _contradictions,
    _tiny_classes,
    _small_classes,
    _empty,
    _unlabelled,
    _very_long,
    _imbalance,
)
