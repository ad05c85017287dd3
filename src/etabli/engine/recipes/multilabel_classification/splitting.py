"""Rows parted so that each label is on every side, as far as it has rows enough."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from random import Random

from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.rows import same_text_key

NONE_FITS = ""
"""Stands for a label in rows that have none: they are spread alike."""


def stratified(
    rows: Sequence[Row],
    shares: Sequence[float],
    labels_in: Callable[[str], Sequence[str]],
    seed: int,
    groups: Groups,
) -> list[list[Row]]:
    """Rows on as many sides as there are shares, which together make 1; the rarest label first.

    Each group of near-duplicates goes where its rarest label is wanted most. Of a label of few
    rows, the first goes where the share is the largest. When all texts are near-duplicates of
    one, only equal texts stay together.

    Source: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011).
    """
    of_group = _rows_of_groups(rows, groups)
    if len(of_group) == 1:
        of_group = _rows_of_groups(rows, {key: at for at, key in enumerate(groups)})
    counts = {
        group: Counter(label for row in same for label in labels_in(row.label) or (NONE_FITS,))
        for group, same in of_group.items()
    }
    side_of = _sides(counts, shares, Random(seed))  # noqa: S311  reproducible on purpose
    sides: list[list[Row]] = [[] for _ in shares]
    for group, same in of_group.items():
        sides[side_of[group]] += same
    return [sorted(side, key=lambda row: row.line) for side in sides]


def split(
    rows: Sequence[Row],
    share: float,
    labels_in: Callable[[str], Sequence[str]],
    seed: int,
    groups: Groups,
) -> tuple[list[Row], list[Row]]:
    """Kept and held out; of each label at least one group is kept."""
    kept, held_out = stratified(rows, (1 - share, share), labels_in, seed, groups)
    known = {label for row in kept for label in labels_in(row.label)}
    needed: set[int] = set()
    for row in held_out:
        if not known.issuperset(labels_in(row.label)):
            needed.add(groups[same_text_key(row.text)])
            known.update(labels_in(row.label))
    moved = [row for row in held_out if groups[same_text_key(row.text)] in needed]
    still = [row for row in held_out if groups[same_text_key(row.text)] not in needed]
    return sorted([*kept, *moved], key=lambda row: row.line), still


def _rows_of_groups(rows: Sequence[Row], groups: Groups) -> dict[int, list[Row]]:
    of_group: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of_group[groups[same_text_key(row.text)]].append(row)
    return of_group


def _sides(
    counts: dict[int, Counter[str]], shares: Sequence[float], random: Random
) -> dict[int, int]:
    totals = sum(counts.values(), Counter[str]())
    wanted = {label: [share * count for share in shares] for label, count in totals.items()}
    size_wanted = [share * totals.total() for share in shares]
    holders: dict[str, list[int]] = defaultdict(list)
    for group in random.sample(sorted(counts), len(counts)):
        for label in counts[group]:
            holders[label].append(group)
    side_of: dict[int, int] = {}
    while len(side_of) < len(counts):
        left = {
            label: [group for group in same if group not in side_of]
            for label, same in holders.items()
        }
        holders = {label: same for label, same in left.items() if same}
        rarest = min(holders, key=lambda label: (len(holders[label]), label))
        for group in holders[rarest]:
            side = max(
                range(len(shares)), key=lambda at: (wanted[rarest][at], size_wanted[at], -at)
            )
            side_of[group] = side
            size_wanted[side] -= counts[group].total()
            for label, count in counts[group].items():
                wanted[label][side] -= count
    return side_of
