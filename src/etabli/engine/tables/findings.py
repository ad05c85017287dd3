"""What is wrong with the data, found before anything is learned from it.

`settle` has a correction that we can make, `advise` is the person's to decide, and `fine` found
nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from etabli.engine.tables.file_findings import find_encodings, find_in_files
from etabli.engine.tables.finding import (
    MAX_EXAMPLES,
    Finding,
    example_of,
    finding_of,
    first_examples,
)
from etabli.engine.tables.job import Fixes
from etabli.engine.tables.labelling import Labelling, Row
from etabli.engine.tables.near_duplicates import members_of
from etabli.engine.tables.personal import find_personal
from etabli.engine.tables.preparing import (
    MIN_ROWS_A_CLASS,
    Prepared,
    has_error_cell,
    merge_look_alikes,
    tidied,
)
from etabli.engine.tables.rows import Loaded, clean_label, look_alike_key, same_text_key
from etabli.foundation.i18n.messages import msg, msg_plural

FEW_ROWS = 10
VERY_LONG_CHARACTERS = 2_000
IMBALANCE_RATIO = 20


def find_all(loaded: Loaded, prepared: Prepared, fixes: Fixes) -> list[Finding]:
    """Every check, with those that found nothing: it is good to know what was looked for.

    Labels that are made one are one here too: no row is to be set aside for one and merged for
    the other.
    """
    labelling, train = loaded.labelling, loaded.train
    if fixes.merge_look_alikes:
        train = merge_look_alikes(tidied(train), labelling)
    findings = [_look_alikes(loaded.train, labelling), *(check(train) for check in CHECKS_OF_ROWS)]
    findings += [check(class_counts(train, labelling)) for check in CHECKS_OF_LABELS]
    findings += [find_encodings(loaded.files), *find_in_files(loaded.files), _error_cells(train)]
    findings.append(_near_duplicates(prepared))
    findings.append(_personal([*train, *loaded.test]))
    if loaded.test_file:
        findings += [_leaked(train, loaded.test), _unknown_test_labels(loaded, fixes)]
        findings.append(_near_leaked(prepared))
    if loaded.answers:
        findings += _answers(set(class_counts(train, labelling)), set(loaded.answers), fixes)
    return sorted(
        findings, key=lambda finding: ("settle", "advise", "fine").index(finding.severity)
    )


def _duplicates(rows: Sequence[Row]) -> Finding:
    seen: dict[tuple[str, str], int] = {}
    repeated: list[tuple[Row, int]] = []
    for row in rows:
        key = (same_text_key(row.text), clean_label(row.label))
        if key in seen and key[0]:
            repeated.append((row, seen[key]))
        seen.setdefault(key, row.line)
    return finding_of(
        "duplicates",
        len(repeated),
        msg("Rows that repeat an earlier one, text and label: {count}.", count=len(repeated)),
        msg("No row repeats another."),
        "drop_duplicates",
        [example_of(row, first_line=line) for row, line in repeated[:MAX_EXAMPLES]],
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
        example_of(same[0], labels=[row.label for row in same], lines=[row.line for row in same])
        for same in list(several.values())[:MAX_EXAMPLES]
    ]
    return finding_of(
        "contradictions",
        len(several),
        msg("Texts that are filed under two labels or more: {count}.", count=len(several)),
        msg("No text is filed under two labels."),
        examples=examples,
    )


def _leaked(train: Sequence[Row], test: Sequence[Row]) -> Finding:
    tested = {same_text_key(row.text): row.line for row in test if row.text.strip()}
    leaked = [row for row in train if same_text_key(row.text) in tested]
    return finding_of(
        "leakage",
        len(leaked),
        msg("Training rows whose text is also in the test file: {count}.", count=len(leaked)),
        msg("No text is in both the training and the test file."),
        "drop_leaked",
        [
            example_of(row, test_line=tested[same_text_key(row.text)])
            for row in leaked[:MAX_EXAMPLES]
        ],
    )


def _near_duplicates(prepared: Prepared) -> Finding:
    first: dict[str, Row] = {}
    for row in [*prepared.train, *prepared.test]:
        first.setdefault(same_text_key(row.text), row)
    rows = list(first.values())
    groups = members_of([prepared.groups[key] for key in first])
    count = sum(len(members) for members in groups.values())
    return finding_of(
        "near_duplicates",
        count,
        msg(
            "Texts that say nearly the same as another: {count}, in {groups}. "
            "The examination counts each group once, and never learns from a part of it.",
            count=count,
            groups=msg_plural("{n} group", "{n} groups", "n", n=len(groups)),
        ),
        msg("No text says nearly the same as another."),
        examples=[example_of(rows[place]) for members in groups.values() for place in members[:2]],
    )


def _near_leaked(prepared: Prepared) -> Finding:
    learned = {prepared.groups[same_text_key(row.text)] for row in prepared.train}
    like = [row for row in prepared.test if prepared.groups[same_text_key(row.text)] in learned]
    return finding_of(
        "near_leakage",
        len(like),
        msg(
            "Texts of the test file that say nearly the same as one to learn from: {count} of "
            "{total}.",
            count=len(like),
            total=len(prepared.test),
        ),
        msg("No text of the test file says nearly the same as one to learn from."),
        examples=first_examples(like),
    )


def class_counts(rows: Sequence[Row], labelling: Labelling) -> Counter[str]:
    """How many rows have each label."""
    counts = Counter(clean_label(one) for row in rows for one in labelling.labels(row.label))
    del counts[""]
    return counts


def _tiny_classes(counts: Counter[str]) -> Finding:
    found = [
        {"label": label, "rows": count}
        for label, count in counts.items()
        if count < MIN_ROWS_A_CLASS
    ]
    return finding_of(
        "tiny_classes",
        found,
        msg("Labels with a single example, from which nothing can be learned: {count}.",
            count=len(found)),
        msg("Every label has more than one example."),
        "drop_tiny_classes",
    )  # fmt: skip


def _small_classes(counts: Counter[str]) -> Finding:
    found = [
        {"label": label, "rows": count}
        for label, count in sorted(counts.items(), key=lambda pair: pair[1])
        if MIN_ROWS_A_CLASS <= count < FEW_ROWS
    ]
    return finding_of(
        "small_classes",
        found,
        msg("Labels with fewer than {few} examples, which will be learned badly: {count}.",
            few=FEW_ROWS, count=len(found)),
        msg("Every label has at least {few} examples.", few=FEW_ROWS),
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
        if len(examples) < MAX_EXAMPLES:
            examples.append(example_of(row, kinds=sorted({kind.value for kind in found})))
    return finding_of(
        "personal_data",
        count,
        msg(
            "Rows with personal data: {count} (e-mail addresses: {email}, telephone numbers: "
            "{phone}, IBANs: {iban}, card numbers: {card}).",
            count=count,
            **{kind: kinds[kind] for kind in ("email", "phone", "iban", "card")},
        ),
        msg("No e-mail address, telephone number, IBAN or card number was found."),
        "mask_personal_data",
        examples,
    )


def _error_cells(rows: Sequence[Row]) -> Finding:
    found = [row for row in rows if has_error_cell(row)]
    return finding_of(
        "error_cells",
        len(found),
        msg("Rows whose text or label is an error of the spreadsheet, such as #N/A: {count}.",
            count=len(found)),
        msg("No text or label is an error of the spreadsheet."),
        "drop_error_cells",
        first_examples(found),
    )  # fmt: skip


def _empty(rows: Sequence[Row]) -> Finding:
    empty = [row for row in rows if not row.text.strip()]
    return finding_of(
        "empty_texts",
        len(empty),
        msg("Rows without a text: {count}.", count=len(empty)),
        msg("Every row has a text."),
        "drop_empty",
        first_examples(empty),
    )


def _unlabelled(rows: Sequence[Row]) -> Finding:
    unlabelled = [row for row in rows if not row.label.strip()]
    return finding_of(
        "empty_labels",
        len(unlabelled),
        msg("Rows without a label, which will be left out: {count}.", count=len(unlabelled)),
        msg("Every row has a label."),
        examples=first_examples(unlabelled),
    )


def _very_long(rows: Sequence[Row]) -> Finding:
    long = [row for row in rows if len(row.text) > VERY_LONG_CHARACTERS]
    return finding_of(
        "long_texts",
        len(long),
        msg("Texts of more than {most} characters, read up to there only: {count}.",
            most=VERY_LONG_CHARACTERS, count=len(long)),
        msg("No text has more than {most} characters.", most=VERY_LONG_CHARACTERS),
        examples=first_examples(long),
    )  # fmt: skip


def _imbalance(counts: Counter[str]) -> Finding:
    ordered = counts.most_common()
    largest, smallest = ordered[0], ordered[-1]
    is_uneven = largest[1] >= IMBALANCE_RATIO * smallest[1]
    return finding_of(
        "imbalance",
        [{"label": label, "rows": count} for label, count in (largest, smallest)] * is_uneven,
        msg("“{largest}” has {most} examples and “{smallest}” only {least}: the rare labels will "
            "be found less often.",
            largest=largest[0], most=largest[1], smallest=smallest[0], least=smallest[1]),
        msg("No label has {ratio} times as many examples as another.", ratio=IMBALANCE_RATIO),
    )  # fmt: skip


def _look_alikes(rows: Sequence[Row], labelling: Labelling) -> Finding:
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for label in (one for row in rows for one in labelling.labels(row.label)):
        if label.strip():
            spellings[look_alike_key(label)][label] += 1
    found = [{"spellings": dict(same)} for same in spellings.values() if len(same) > 1]
    return finding_of(
        "look_alike_labels",
        found,
        msg("Labels written in several ways (capitals, spaces, dashes): {count}.",
            count=len(found)),
        msg("Every label is written in one way."),
        "merge_look_alikes",
    )  # fmt: skip


def _unknown_test_labels(loaded: Loaded, fixes: Fixes) -> Finding:
    key = look_alike_key if fixes.merge_look_alikes else clean_label
    labelling = loaded.labelling
    known = {key(one) for row in loaded.train for one in labelling.labels(row.label)}
    unknown = [one for one in class_counts(loaded.test, labelling) if key(one) not in known]
    return finding_of(
        "unknown_test_labels",
        [{"label": label} for label in sorted(unknown)],
        msg("Labels of the test file that the training file does not have; their rows are left "
            "out of the examination: {count}.", count=len(unknown)),
        msg("Every label of the test file is in the training file."),
    )  # fmt: skip


def _answers(labels: set[str], answered: set[str], fixes: Fixes) -> list[Finding]:
    """Labels without an answer, and answers without a label."""
    key = look_alike_key if fixes.merge_look_alikes else clean_label
    known, replied = {key(label) for label in labels}, {key(label) for label in answered}
    missing = sorted(label for label in labels if key(label) not in replied)
    extra = sorted(label for label in answered if key(label) not in known)
    return [
        finding_of(
            "labels_without_answer",
            [{"label": label} for label in missing],
            msg("Labels for which no answer is written: {count}.", count=len(missing)),
            msg("Every label has an answer."),
        ),
        finding_of(
            "answers_without_label",
            [{"label": label} for label in extra],
            msg("Answers for labels that no example has: {count}.", count=len(extra)),
            msg("Every answer belongs to a label."),
        ),
    ]


CHECKS_OF_ROWS: tuple[Callable[[Sequence[Row]], Finding], ...] = (
    _duplicates, _contradictions, _empty, _unlabelled, _very_long,
)  # fmt: skip
CHECKS_OF_LABELS: tuple[Callable[[Counter[str]], Finding], ...] = (
    _tiny_classes, _small_classes, _imbalance,
)  # fmt: skip
