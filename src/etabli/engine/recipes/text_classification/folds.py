"""Each training row judged once by a model that had not learned it."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.rows import same_text_key


def folds(
    rows: Sequence[Row], count: int, seed: int, groups: Groups
) -> list[tuple[list[Row], list[Row]]]:
    """(learned, judged) pairs: each row is judged in one of them, each label spread over all.

    Near-duplicates are judged together. A pair with nothing to judge is left out.
    """
    by_label: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_label[row.label][groups[same_text_key(row.text)]].append(row)
    fold_of: dict[int, int] = {}
    chance = Random(seed)  # noqa: S311  reproducible on purpose
    turn = 0
    for label in sorted(by_label):
        names = sorted(by_label[label])
        chance.shuffle(names)
        for name in names:
            if name not in fold_of:
                fold_of[name] = turn % count
                turn += 1
    judged: list[list[Row]] = [[] for _ in range(count)]
    learned: list[list[Row]] = [[] for _ in range(count)]
    for row in rows:
        own = fold_of[groups[same_text_key(row.text)]]
        for fold in range(count):
            (judged if fold == own else learned)[fold].append(row)
    return [pair for pair in zip(learned, judged, strict=True) if pair[1] and pair[0]]
