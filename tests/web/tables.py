"""Small tables that real people might bring, for the pages by which an AI is made."""

import random

SUBJECTS = {
    "card_lost": ("card", "lost", "stolen"),
    "transfer_late": ("transfer", "late", "pending"),
    "pin_forgotten": ("pin", "forgotten", "code"),
    "fee_charged": ("fee", "charged", "cost"),
    "loan_wanted": ("loan", "borrow", "credit"),
    "address_changed": ("address", "moved", "street"),
    "app_broken": ("app", "crash", "screen"),
    "cheque_refused": ("cheque", "refused", "bounced"),
}
ASIDES = (
    "yesterday morning",
    "on the train",
    "during my holiday",
    "with both children",
    "after lunch",
    "in Bordeaux",
    "at the counter",
    "by telephone",
    "under pressure",
    "since Whitsun",
    "for my neighbour",
    "without warning",
    "behind schedule",
    "near the harbour",
    "through a window",
    "upstairs",
    "among friends",
    "against advice",
    "before midnight",
    "beyond the border",
    "despite sunshine",
    "inside the theatre",
    "towards evening",
    "within a fortnight",
    "along the river",
    "beneath a bridge",
    "across town",
    "halfway home",
    "off duty",
    "outside Marseille",
)
ROWS_A_SUBJECT = len(ASIDES)


def table(subjects: int = len(SUBJECTS)) -> str:
    """Eight labels, thirty examples each, and no two examples nearly alike."""
    chance = random.Random(0)
    lines = ["text,label"]
    for label, words in list(SUBJECTS.items())[:subjects]:
        for aside in ASIDES:
            first, second = chance.sample(words, 2)
            lines.append(f"{aside} {first} {second} {chance.choice(ASIDES)},{label}")
    return "\n".join(lines) + "\n"


REPLIES = "label,reply\ncard_lost,Freeze it in the app.\n"

TEST = "text,label\n" + "".join(
    f"Dear bank number {n}: {words[0]} {words[2]},{label}\n"
    for n in range(5)
    for label, words in SUBJECTS.items()
)
