"""What a page shows of changed files: as much as a person reads, and no more than a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.features.git import Comparison, FileDifference, TextDifference

MAX_FILES = 100
MAX_LINES_OF_A_FILE = 500
MAX_LINES = 4_000
MAX_COMPARED_BYTES = 4_000_000
"""Of all files of a page: what is compared and then not shown takes time too."""
LONGEST_LINE = 1_000


@dataclass(frozen=True)
class ShownFile:
    file: FileDifference
    text: TextDifference | None
    """Its lines; None when it is no text, or has no room left on the page."""
    too_long: bool


def shown_files(compared: Comparison) -> Sequence[ShownFile]:
    lines_left, bytes_left = MAX_LINES, MAX_COMPARED_BYTES
    shown = []
    for file in compared.files[:MAX_FILES]:
        bytes_left -= file.compared_bytes
        has_room = lines_left > 0 and bytes_left > 0 and not file.is_too_long
        text = file.text() if has_room else None
        count = sum(len(hunk.lines) for hunk in text.hunks) if text else 0
        too_long = not has_room or count > min(MAX_LINES_OF_A_FILE, lines_left)
        shown.append(ShownFile(file, None if too_long else text, too_long))
        lines_left -= 0 if too_long else count
    return shown
