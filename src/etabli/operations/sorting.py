"""Sort a whole file: its rows come back, each with what the model makes of it.

The file is read once, by a process; its rows are then asked in small lots, in turn with whoever
else asks the model, and each lot is sent on before the next is asked.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etabli.features.accounts import Actor
from etabli.features.footprint import Emissions, Energy
from etabli.features.repos import Repo
from etabli.features.serving import (
    LONGEST_QUESTION,
    Answer,
    ModelBusyError,
    ModelFolder,
    TooSlowToAnswerError,
)
from etabli.features.workshop import RawTable, TableChoice, read_rows
from etabli.foundation.csv_text import BOM, csv_of, sorted_cells
from etabli.foundation.i18n.messages import Message, msg
from etabli.operations.inference import ask_unmetered, locate
from etabli.operations.metering import count, metered
from etabli.pools import READS, TABLES
from etabli.site import Site

MAX_SORTED_MB = 20
"""Of the file that is sent."""
SORTED_AT_ONCE = 100
"""Rows in one question to the model; whoever else asks it waits for so many at most."""
SORT_WITHIN_S = 300.0
_TRIES_AGAIN_AFTER_S = 0.2

NOTHING, TOO_LONG = "empty", "too-long"
"""In the place of a decision: the row holds no text, or more than LONGEST_QUESTION characters."""
WHY_NOT_ASKED: Mapping[str, Message] = {
    NOTHING: msg("no text"),
    TOO_LONG: msg("too long to be asked"),
}


@dataclass
class Summary:
    """What sorting took, when it is done."""

    rows: int = 0
    left_out: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    titles: dict[str, Message] = field(default_factory=lambda: dict(WHY_NOT_ASKED))
    """What each of these means, in a few words."""
    cpu_s: float = 0.0
    energy: Energy | None = None
    emissions: Emissions | None = None


@dataclass(frozen=True)
class Sorting:
    """A file that was read, and the model that is to sort it."""

    site: Site
    actor: Actor
    folder: ModelFolder
    table: RawTable
    summary: Summary

    @property
    def columns(self) -> Sequence[str]:
        """Those of the file, and three more that are called like none of them."""
        taken = set(self.table.columns)
        return [*self.table.columns, *(_free(name, taken) for name in ADDED)]

    async def lots(self) -> AsyncIterator[Sequence[tuple[Sequence[str], Answer | None, str]]]:
        """The rows in their order, with the answer, or None and why there is none.

        Raises:
            TooSlowToAnswerError: not all of them could be sorted within SORT_WITHIN_S.
            AnsweringFailedError: the process that answers died.
        """
        ends_at_s = time.monotonic() + SORT_WITHIN_S
        for start in range(0, len(self.table.rows), SORTED_AT_ONCE):
            rows = self.table.rows[start : start + SORTED_AT_ONCE]
            texts = [row[self.table.text_at] for row in rows]
            refused = [_refusal(text) for text in texts]
            asked = [text for text, why in zip(texts, refused, strict=True) if not why]
            answers = iter(await self._ask(asked, ends_at_s) if asked else ())
            lot = [
                (row, None if why else next(answers), why)
                for row, why in zip(rows, refused, strict=True)
            ]
            self._add(lot)
            yield lot

    async def _ask(self, texts: Sequence[str], ends_at_s: float) -> Sequence[Answer]:
        while True:
            if time.monotonic() > ends_at_s:
                raise TooSlowToAnswerError(SORT_WITHIN_S)
            try:
                answers = await ask_unmetered(self.site, self.folder, texts, top=1)
                count(self.site, self.actor, len(texts), [answer.cost for answer in answers])
                return answers
            except ModelBusyError:  # others ask: a file waits its turn, up to its end
                await asyncio.sleep(_TRIES_AGAIN_AFTER_S)

    def _add(self, lot: Iterable[tuple[Sequence[str], Answer | None, str]]) -> None:
        summary, serving = self.summary, self.site.backends.serving
        for _row, answer, why in lot:
            summary.rows += 1
            summary.decisions[answer.decision.value if answer else why] += 1
            if answer:
                summary.titles[answer.decision.value] = answer.title
            summary.cpu_s += answer.cost.cpu_s if answer else 0.0
        summary.energy = serving.energy(summary.cpu_s)
        summary.emissions = serving.emissions(summary.energy)


ADDED = ("label", "certainty", "decision")


async def read(
    site: Site, actor: Actor, repo: Repo, folder: Path, table: Path, choice: TableChoice
) -> Sorting:
    """Look at the file and find the model: all that can be refused is refused here.

    Each row counts as a question of the token by which the actor came. A file that fits into what
    is left of its day is sorted to its end.

    Args:
        folder: where `table` is, and where nothing else is; the caller removes it.

    Raises:
        NotServableError, EncoderMissingError: this model cannot answer here.
        BadTableError, TooSlowError, TooMuchMemoryError: the table cannot be used.
        BudgetUsedUpError: the actor's token has not so many questions left for the day.
        BusyError: too many wait already.
    """
    model = await READS.run(locate, site, repo)
    raw = await TABLES.run(read_rows, folder, table, choice)
    async with metered(site, actor, len(raw.rows)):
        pass
    return Sorting(site, actor, model, raw, Summary(left_out=raw.left_out))


async def as_csv(sorting: Sorting) -> AsyncIterator[str]:
    """The whole table, a lot at a time; what the model says can start no formula."""
    yield BOM + csv_of([sorting.columns])
    async for lot in sorting.lots():
        yield csv_of([*row, *sorted_cells(*_said(answer, why))] for row, answer, why in lot)


async def as_json_lines(sorting: Sorting) -> AsyncIterator[str]:
    """Each row as a list of fields after the names of the columns, then the summary."""
    yield _line({"columns": sorting.columns})
    async for lot in sorting.lots():
        for row, answer, why in lot:
            label, sure, decision = _said(answer, why)
            yield _line({"row": row, "label": label, "certainty": sure, "decision": decision})


def _said(answer: Answer | None, why: str) -> tuple[str | None, float | None, str]:
    """The label, how sure, and the decision; for a row that was not asked, why not."""
    if answer is None:
        return None, None, why
    return answer.label, answer.certainty, answer.decision.value


def _refusal(text: str) -> str:
    if not text.strip():
        return NOTHING
    return TOO_LONG if len(text) > LONGEST_QUESTION else ""


def _free(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _line(content: object) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"
