"""What a page shows of changed files: as much as a person reads, and no more than a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.features.repos import Comparison, FileDifference, TextDifference

MOST_FILES = 100
MOST_LINES_OF_A_FILE = 500
MOST_LINES = 4_000
LONGEST_LINE = 1_000


@dataclass(frozen=True)
class ShownFile:
    file: FileDifference
    text: TextDifference | None
    """Its lines; None when it is no text, or has no room left on the page."""
    too_long: bool


def shown_files(compared: Comparison) -> Sequence[ShownFile]:
    left = MOST_LINES
    shown = []
    for file in compared.files[:MOST_FILES]:
        text = file.text() if left > 0 else None
        count = sum(len(hunk.lines) for hunk in text.hunks) if text else 0
        too_long = left <= 0 or count > min(MOST_LINES_OF_A_FILE, left)
        shown.append(ShownFile(file, None if too_long else text, too_long))
        left -= 0 if too_long else count
    return shown
