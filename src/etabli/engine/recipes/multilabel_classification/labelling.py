"""Several labels a row: in one cell, with a separator between, or each in a column of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from etabli.engine.recipes.multilabel_classification.splitting import split
from etabli.engine.tables.columns import Choice
from etabli.engine.tables.labelling import Groups, Labelling, Row
from etabli.engine.tables.rows import clean_label

BETWEEN = "|"
"""Between the labels of a row, as a data set is written. Alone it says that none fits."""
SEPARATORS = ("|", ";", "\n", ",")
MIN_ROWS_WITH_SEVERAL = 2
MIN_SHARE_WITH_SEVERAL = 0.02
MIN_ROWS_A_LABEL = 2.0
"""On average: what does not come back is no label."""
LONGEST_LABEL_CHARACTERS = 80
YES = frozenset(("1", "1.0", "yes", "y", "oui", "o", "true", "vrai", "x", "✓", "✔", "☑", "ja", "si",
                 "sí", "sì", "on"))  # fmt: skip
NO = frozenset(["0", "0.0", "no", "n", "non", "false", "faux", "-", "✗", "☐", "nein", "off"])


class SeveralLabels(Labelling):
    def __init__(
        self,
        text: Choice,
        columns: Sequence[Choice],
        read: Callable[[Sequence[str]], Sequence[str] | None],
    ) -> None:
        """
        Args:
            read: the labels in the fields of a row; None where these say nothing.
        """
        super().__init__(text, columns)
        self._read = read

    def said(self, values: Sequence[str]) -> str:
        labels = self._read(values)
        return "" if labels is None else self.written(labels)

    def labels(self, said: str) -> Sequence[str]:
        return labels_in(said)

    def written(self, labels: Sequence[str]) -> str:
        return written(labels)

    def split(
        self, rows: Sequence[Row], share: float, seed: int, groups: Groups
    ) -> tuple[list[Row], list[Row]]:
        return split(rows, share, labels_in, seed, groups)


def labels_in(said: str) -> Sequence[str]:
    return parts_of(said, BETWEEN)


def written(labels: Sequence[str]) -> str:
    """Always in one order, so that what says the same is written the same."""
    return BETWEEN.join(sorted(set(labels))) or BETWEEN


def parts_of(cell: str, separator: str) -> list[str]:
    """The names between the separators, none of them empty or twice."""
    names = (clean_label(part) for part in cell.split(separator))
    plain = (name.replace(BETWEEN, "/") for name in names if name)
    return list(dict.fromkeys(plain))


def in_one_cell(separator: str) -> Callable[[Sequence[str]], Sequence[str] | None]:
    return lambda values: parts_of(values[0], separator) if values[0].strip() else None


def in_a_column_each(
    names: Sequence[str], marks: Sequence[bool]
) -> Callable[[Sequence[str]], Sequence[str] | None]:
    """A mark says the name of its column; anything else in a cell is a label of its own.

    Cells that are all empty say nothing; where “no” is written, it is known that none fits.
    """

    def read(values: Sequence[str]) -> Sequence[str] | None:
        if not any(value.strip() for value in values):
            return None
        labels: list[str] = []
        for name, is_mark, value in zip(names, marks, values, strict=True):
            if is_mark:
                labels += parts_of(name, "\n") if value.strip().lower() in YES else []
            else:
                labels += parts_of(value, "\n")
        return labels

    return read


@dataclass(frozen=True)
class Lists:
    """How the cells of a column hold several labels."""

    separator: str
    share: float
    """Of the cells that hold any, those that hold several."""


def lists_in(values: Sequence[str]) -> Lists | None:
    """None where a column holds no lists of a few names that come back in other company."""
    filled = [value for value in values if value.strip()]
    return next((found for one in SEPARATORS if (found := _lists(filled, one))), None)


def _lists(filled: Sequence[str], separator: str) -> Lists | None:
    cells = [tuple(parts_of(value, separator)) for value in filled]
    several = sum(len(cell) > 1 for cell in cells)
    if several < max(MIN_ROWS_WITH_SEVERAL, MIN_SHARE_WITH_SEVERAL * len(cells)):
        return None
    uses = Counter(name for cell in cells for name in cell)
    combinations = Counter(name for cell in set(cells) for name in cell)
    is_name = all(len(name) <= LONGEST_LABEL_CHARACTERS for name in uses)
    comes_back = uses.total() >= MIN_ROWS_A_LABEL * len(uses)
    mixes = any(count > 1 for count in combinations.values())
    if separator == ",":  # it is also within a name, and within a number
        is_number = all(name.replace(" ", "").isdigit() for name in uses)
        mixes = mixes and not is_number and len(uses) < len(set(cells))
    return Lists(separator, several / len(cells)) if is_name and comes_back and mixes else None


def is_marks(values: Sequence[str]) -> bool:
    """Whether a column only says yes or no, and both of them."""
    said = {value.strip().lower() for value in values}
    return said <= YES | NO | {""} and bool(said & YES) and bool(said - YES)
