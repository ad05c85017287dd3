"""Small tables that real people might bring, for the pages by which an AI is made."""

import itertools

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
OPENINGS = ("Hello,", "Please help,", "Hi there,", "Good morning,", "Excuse me,")
ENDINGS = ("what can I do about the", "I have a problem with my", "tell me about the")
ROWS_A_SUBJECT = 30


def table(subjects: int = len(SUBJECTS)) -> str:
    """Eight labels, thirty examples each, and no two examples alike."""
    lines = ["text,label"]
    for label, words in list(SUBJECTS.items())[:subjects]:
        shapes = itertools.product(OPENINGS, ENDINGS, itertools.permutations(words, 2))
        for opening, ending, (first, second) in itertools.islice(shapes, ROWS_A_SUBJECT):
            lines.append(f'"{opening} {ending} {first} {second}",{label}')
    return "\n".join(lines) + "\n"


REPLIES = "label,reply\ncard_lost,Freeze it in the app.\n"

TEST = "text,label\n" + "".join(
    f"Dear bank number {n}: {words[0]} {words[2]},{label}\n"
    for n in range(5)
    for label, words in SUBJECTS.items()
)
