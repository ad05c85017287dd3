"""Read the documents and say what was read, and which were not and why; nothing is made."""

from collections import Counter
from pathlib import Path
from typing import Any, cast

from etabli.engine.documents.document import Why, sentence
from etabli.engine.files import write_json
from etabli.engine.recipes.question_answering.material import Material, load
from etabli.engine.tables.personal import find_personal, mask_personal
from etabli.engine_contract.training import (
    CHECK,
    CheckReport,
    FindingAsJson,
    JobFile,
    Understood,
)
from etabli.foundation.i18n.messages import Message, msg

RECIPE = "question-answering"
MAX_EXAMPLES = 20
MAX_LISTED = 1_000
EXAMPLE_CHARACTERS = 160


def run(job_dir: Path) -> None:
    """Write `check.json`; raises an InvalidInputError when nothing can be read."""
    job = JobFile.read(job_dir)
    material = load(job_dir, job)
    write_json(job_dir / CHECK, _report(material, job))


def _report(material: Material, job: JobFile) -> CheckReport:
    passages = Counter(one.document for one in material.passages)
    listed = [{"label": name, "rows": count} for name, count in passages.items()][:MAX_LISTED]
    understood: dict[str, Any] = {
        "file": Path(job.train).name,
        "sheet": None,
        "sheets": [],
        "encoding": "utf-8",
        "encodings": {},
        "delimiter": None,
        "columns": [],
        "preview": [],
        "text_column": None,
        "label_column": None,
        "rows": len(material.documents),
        "test_rows": len(material.given) or None,
        "answers": 0,
        "classes": listed,
        "sample": [],
        "language": material.language or "other",
    }
    return {
        "recipe": RECIPE,
        "understood": cast(Understood, understood),
        "findings": [*_unread(material), _repeated(material), _personal(material)],
        "after_fixes": {
            "rows": len(material.passages),
            "classes": cast(list, listed),  # type: ignore[type-arg]
            "train_rows": len(material.passages),
            "test_rows": len(material.given),
            "is_official_test": bool(material.given),
            "dropped": {},
        },
        "refused": None,
    }


def _unread(material: Material) -> list[FindingAsJson]:
    """One finding for each reason; of one file alone, its own sentence."""
    found = []
    for why in Why:
        names = [one.name for one in material.unread if one.why is why]
        if names:
            text = sentence(names[0] if len(names) == 1 else ", ".join(names[:3]), why)
            if len(names) > 1:
                text = msg("Files that are not read: {count}. {first}", count=len(names),
                           first=sentence(names[0], why))  # fmt: skip
            found.append(_finding(f"unread_{why}", len(names), text, names))
    if not found:
        found.append(_finding("unread", 0, msg("Every file was read."), []))
    return found


def _repeated(material: Material) -> FindingAsJson:
    if not material.repeated:
        return _finding("repeated", 0, msg("No passage is there twice."), [])
    text = msg("Passages that repeat another word for word: {count}. One of each is kept.",
               count=material.repeated)  # fmt: skip
    return _finding("repeated", material.repeated, text, [])


def _personal(material: Material) -> FindingAsJson:
    holding = [one for one in material.passages if any(find_personal(one.text))]
    if not holding:
        nothing = msg("No e-mail address, telephone, card or account number was found.")
        return _finding("personal_data", 0, nothing, [])
    text = msg(
        "Passages with e-mail addresses, telephone, card or account numbers: {count}. Quotes are "
        "letter by letter, so nothing is masked.",
        count=len(holding),
    )
    shown = [mask_personal(one.text)[:EXAMPLE_CHARACTERS] for one in holding[:3]]
    return _finding("personal_data", len(holding), text, shown)


def _finding(code: str, count: int, text: Message, examples: list[str]) -> FindingAsJson:
    return {
        "code": code,
        "severity": "advise" if count else "fine",
        "count": count,
        "text": text.as_json(),
        "examples": [{"label": one} for one in examples[:MAX_EXAMPLES]],
        "fix": None,
    }
