"""Rows kept to learn from, and rows held out to examine or to judge with."""

from collections.abc import Mapping, Sequence
from random import Random

from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.rows import same_text_key


def split(
    rows: Sequence[Row], share: float, seed: int, groups: Groups
) -> tuple[list[Row], list[Row]]:
    """Kept and held out, about the same share of each label.

    Texts of one group of near-duplicates are never on both sides, and at least one group of each
    label is kept. Labels of few texts may have none held out; when that is true of all of them, as
    many labels as the share asks for give their smallest group. When each label is a single group,
    groups are all that there is to part: then only equal texts stay together.
    """
    by_label = _shuffled_groups(rows, Random(seed), groups)  # noqa: S311  reproducible on purpose
    held_out = {group for sizes in by_label for group in _held_out_of(sizes, share)}
    if not held_out:
        givers = [sizes for sizes in by_label if len(sizes) > 1]
        smallest = [min(sizes, key=lambda group: sizes[group]) for sizes in givers]
        held_out = set(smallest[: max(1, round(len(rows) * share))])
    if not held_out and len(set(groups.values())) < len(groups):
        return split(rows, share, seed, {key: number for number, key in enumerate(groups)})
    held_out -= _needed_to_learn(rows, held_out, groups)
    kept = [row for row in rows if groups[same_text_key(row.text)] not in held_out]
    return kept, [row for row in rows if groups[same_text_key(row.text)] in held_out]


def _needed_to_learn(rows: Sequence[Row], held_out: set[int], groups: Groups) -> set[int]:
    """Of the groups held out, one for each label that would have no other: groups mix labels."""
    places = [(row.label, groups[same_text_key(row.text)]) for row in rows]
    learned = {label for label, group in places if group not in held_out}
    needed: dict[str, int] = {}
    for label, group in places:
        if label not in learned:
            needed.setdefault(label, group)
    return set(needed.values())


def _shuffled_groups(rows: Sequence[Row], random: Random, groups: Groups) -> list[dict[int, int]]:
    """For each label, its groups in a random order and how many different texts each has.

    A group counts for the label of its first row.
    """
    first_label: dict[int, str] = {}
    texts: dict[int, set[str]] = {}
    for row in rows:
        key = same_text_key(row.text)
        first_label.setdefault(groups[key], row.label)
        texts.setdefault(groups[key], set()).add(key)
    by_label: dict[str, list[int]] = {}
    for group, label in first_label.items():
        by_label.setdefault(label, []).append(group)
    for members in by_label.values():
        random.shuffle(members)
    return [{group: len(texts[group]) for group in members} for members in by_label.values()]


def _held_out_of(sizes: Mapping[int, int], share: float) -> list[int]:
    """Groups that together come nearest to the share of the texts, one at least being left."""
    wanted = round(sum(sizes.values()) * share)
    held_out: list[int] = []
    count = 0
    for group, size in sizes.items():
        if count + size / 2 <= wanted and len(held_out) < len(sizes) - 1 and count < wanted:
            held_out.append(group)
            count += size
    return held_out
