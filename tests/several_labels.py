"""A table whose rows have several labels, as people write such tables."""

import random

LABELS = ("refund", "broken", "delivery", "urgent")
SENTENCES = {
    "refund": (
        "I want my money back for the {}",
        "please refund the {}",
        "pay me back the {}",
        "you charged me twice for the {}",
    ),
    "broken": (
        "the {} arrived broken",
        "my {} does not switch on",
        "the {} is cracked",
        "a part of the {} fell off",
    ),
    "delivery": (
        "where is my {}",
        "the {} never came",
        "my parcel with the {} is late",
        "the courier lost the {}",
    ),
}
HURRIES = ("I need it today", "this is urgent", "answer at once", "it cannot wait")
THINGS = ("lamp", "kettle", "phone", "chair", "printer", "radio", "camera", "heater", "drill")


def _rows() -> list[tuple[str, list[str]]]:
    chance = random.Random(5)
    rows: dict[str, list[str]] = {}
    for _ in range(300):
        labels = chance.sample(list(SENTENCES), chance.choice((1, 1, 2)))
        thing = chance.choice(THINGS)
        text = " and ".join(chance.choice(SENTENCES[label]).format(thing) for label in labels)
        if chance.random() < 0.3:
            text, labels = f"{text}; {chance.choice(HURRIES)}", [*labels, "urgent"]
        rows[text] = labels
    return list(rows.items())


ROWS = _rows()


def in_cells(between: str = "|") -> str:
    rows = (f'{text},"{between.join(labels)}"\n' for text, labels in ROWS)
    return "message,reasons\n" + "".join(rows)


def in_columns(yes: str, no: str) -> str:
    lines = [",".join(("message", *LABELS))]
    for text, labels in ROWS:
        lines.append(",".join([text, *(yes if one in labels else no for one in LABELS)]))
    return "\n".join(lines) + "\n"
