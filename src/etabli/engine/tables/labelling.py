"""How a kind of AI reads the labels of a table: one a row, or several."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from etabli.engine.tables.columns import Choice

Groups = Mapping[str, int]
"""For each text, by its `same_text_key`, the number of its group of near-duplicates."""


class Row(NamedTuple):
    line: int
    """Of the file, the header being line 1."""
    text: str
    label: str
    """All that it says of its labels, as one text; empty where it says nothing."""


class Labelling(ABC):
    """What a row says of its labels is kept as one text, as a data set is written and read again;
    how many labels are in it is the kind's to know."""

    def __init__(self, text: Choice, columns: Sequence[Choice]) -> None:
        self.text = text
        self.columns = columns
        """Those that hold the labels; at least one."""

    @abstractmethod
    def said(self, values: Sequence[str]) -> str:
        """Of a row, by its fields in `columns`."""

    @abstractmethod
    def labels(self, said: str) -> Sequence[str]:
        """Each label in what a row says."""

    @abstractmethod
    def written(self, labels: Sequence[str]) -> str:
        """The other way round."""

    @abstractmethod
    def split(
        self, rows: Sequence[Row], share: float, seed: int, groups: Groups
    ) -> tuple[list[Row], list[Row]]:
        """Kept and held out, about the same share of each label.

        Texts of one group of near-duplicates are never on both sides, and each label is kept.
        """
