"""Look at a table of questions and answers: what it is taken to be, and what is wrong in it."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from etabli.engine.recipes.faq.material import LONGEST_ANSWER, RECIPE, Material, load
from etabli.engine.runtimes.faq import Entry
from etabli.engine.tables.checking import read_facts
from etabli.engine.tables.columns import Choice
from etabli.engine.tables.file_findings import find_encodings, find_in_files
from etabli.engine.tables.finding import Finding, finding_of, first_examples
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.personal import find_personal, mask_personal
from etabli.engine.tables.reading import Table
from etabli.engine_contract.training import CheckReport, ChosenColumn, LabelCount
from etabli.foundation.i18n.messages import msg

MAX_LISTED = 1_000
MAX_SAMPLE = 3
SHOWN_CHARACTERS = 120
MANY_CHARACTERS = 2_000
"""An answer that is longer is said whole, and read by few."""
ENOUGH_PHRASINGS = 3


def look(job: Job, table: Table) -> CheckReport:
    material = load(job, table)
    listed = _listed(material.entries)
    lengths = [len(text) for one in material.entries for text in one.questions]
    return {
        "recipe": RECIPE,
        "understood": {
            **read_facts(table),
            "text_column": _present(material.columns.question),
            "label_column": _present(material.columns.answer),
            "label_columns": [material.columns.answer.column],
            "rows": material.rows,
            "test_rows": len(material.given) if job.test else None,
            "answers": 0,
            "classes": listed,
            "median_characters": median(lengths),
            "sample": [_shown(one) for one in _from_all_over(material.entries)],
            "language": material.language or "other",
        },
        "findings": [one.as_json() for one in _findings(material, table)],
        "after_fixes": {
            "rows": len(material.entries),
            "classes": listed,
            "train_rows": material.phrasings,
            "test_rows": len(material.given),
            "is_official_test": bool(material.given),
            "dropped": {},
        },
        "refused": None,
    }


def _present(choice: Choice) -> ChosenColumn:
    reason = choice.reason.as_json()
    return {"name": choice.column, "reason": reason, "confidence": choice.confidence}


def _listed(entries: Sequence[Entry]) -> list[LabelCount]:
    """Those with the fewest phrasings last: they are answered worst."""
    ordered = sorted(entries, key=lambda one: -len(one.questions))[:MAX_LISTED]
    return [{"label": one.label, "rows": len(one.questions)} for one in ordered]


def _from_all_over(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries[:: max(1, len(entries) // MAX_SAMPLE)][:MAX_SAMPLE]


def _shown(entry: Entry) -> dict[str, Any]:
    answer = mask_personal(cut(entry.answer or ""))
    return {"line": 0, "text": mask_personal(entry.label), "label": answer, "labels": [answer]}


def cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN_CHARACTERS else plain[: SHOWN_CHARACTERS - 1] + "…"


def _findings(material: Material, table: Table) -> list[Finding]:
    noticed, entries = material.noticed, material.entries
    found = [
        _contradictions(material),
        finding_of(
            "empty_answers",
            len(noticed.without_answer),
            msg("Questions without an answer, which are left out: {count}.",
                count=len(noticed.without_answer)),
            msg("Every question has an answer."),
            examples=_examples(noticed.without_answer),
        ),
        finding_of(
            "empty_questions",
            len(noticed.without_question),
            msg("Answers without a question, which are left out: {count}.",
                count=len(noticed.without_question)),
            msg("Every answer has a question."),
            examples=_examples(noticed.without_question),
        ),
        finding_of(
            "repeated_questions",
            len(noticed.repeated),
            msg("Questions that stand there twice with the same answer: {count}. One of each is "
                "kept.", count=len(noticed.repeated)),
            msg("No question is there twice."),
            examples=_examples(noticed.repeated),
        ),
        finding_of(
            "html_answers",
            len(noticed.with_html),
            msg("Answers that are written as HTML: {count}. People would read its signs.",
                count=len(noticed.with_html)),
            msg("No answer is written as HTML."),
            "plain_answers",
            _examples(noticed.with_html),
        ),
        _too_long(noticed.too_long),
        _long(entries),
        _single(entries),
        *_personal(material),
    ]  # fmt: skip
    if material.unexpected:
        found.append(_unexpected(material.unexpected))
    found += [find_encodings([table]), *find_in_files([table])]
    order = ("settle", "advise", "fine")
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _examples(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return first_examples(row._replace(label=mask_personal(cut(row.label))) for row in rows)


def _contradictions(material: Material) -> Finding:
    contradicted = material.noticed.contradicted
    examples = _examples([row for row, _ in contradicted])
    kept = [mask_personal(cut(answer)) for _, answer in contradicted[: len(examples)]]
    return finding_of(
        "two_answers",
        len(contradicted),
        msg("Questions that have two answers: {count}. The one that stands first is taken.",
            count=len(contradicted)),
        msg("No question has two answers."),
        examples=[{**one, "labels": [first, one["label"]]}
                  for one, first in zip(examples, kept, strict=True)],
    )  # fmt: skip


def _too_long(rows: Sequence[Row]) -> Finding:
    return finding_of(
        "endless_answers",
        len(rows),
        msg("Answers of more than {most} characters, which are left out: {count}.",
            most=LONGEST_ANSWER, count=len(rows)),
        msg("No answer has more than {most} characters.", most=LONGEST_ANSWER),
        examples=_examples(rows),
    )  # fmt: skip


def _long(entries: Sequence[Entry]) -> Finding:
    long = [Row(0, one.label, one.answer or "") for one in entries
            if len(one.answer or "") > MANY_CHARACTERS]  # fmt: skip
    return finding_of(
        "long_answers",
        [{"label": one.text} for one in long],
        msg("Answers of more than {most} characters, which are said whole: {count}.",
            most=MANY_CHARACTERS, count=len(long)),
        msg("No answer is too long to be read in one go."),
    )  # fmt: skip


def _single(entries: Sequence[Entry]) -> Finding:
    few = [one for one in entries if len(one.questions) < ENOUGH_PHRASINGS]
    return finding_of(
        "few_phrasings",
        [{"label": one.label, "rows": len(one.questions)} for one in few],
        msg("Answers with fewer than {few} ways to ask for them: {count} of {all}.",
            few=ENOUGH_PHRASINGS, count=len(few), all=len(entries)),
        msg("Every answer has at least {few} ways to ask for it.", few=ENOUGH_PHRASINGS),
    )  # fmt: skip


def _personal(material: Material) -> list[Finding]:
    """Masked in questions, which people wrote; never in answers, which are to be said so."""
    asked, holding = material.noticed.masked, [
        Row(0, one.label, "") for one in material.entries if any(find_personal(one.answer or ""))
    ]  # fmt: skip
    return [
        finding_of(
            "personal_data",
            len(asked),
            msg("Questions with e-mail addresses, telephone, card or account numbers: {count}.",
                count=len(asked)),
            msg("No question holds an e-mail address, telephone, card or account number."),
            "mask_personal_data",
            _examples(asked),
        ),
        finding_of(
            "personal_data",
            [{"label": row.text} for row in holding],
            msg("Answers with e-mail addresses, telephone, card or account numbers: {count}. They "
                "are said as they are written.", count=len(holding)),
            msg("No answer holds an e-mail address, telephone, card or account number."),
        ),
    ]  # fmt: skip


def _unexpected(rows: Sequence[Row]) -> Finding:
    return finding_of(
        "unknown_test_answers",
        len(rows),
        msg("Questions of the test file that expect an answer which the table does not have; they "
            "are left out: {count}.", count=len(rows)),
        msg("Every answer that the test file expects is in the table."),
        examples=_examples(rows),
    )  # fmt: skip
