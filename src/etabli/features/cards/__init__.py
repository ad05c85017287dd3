"""Cards: what a repository says of itself, in the front matter and the text of its README.md.

Owns: reading, checking and writing cards, the tags that follow from one, and what it asks of those
who want to be let in. Pure: no database, no
disk, no repository.
May use: the foundation.
Words: *metadata* is the YAML between two `---` lines at the top; the wire calls it `cardData`.
"""

from etabli.features.cards.cards import (
    Card,
    CardError,
    CardProblems,
    check,
    parse,
    tags_of,
    values_of,
    write,
)
from etabli.features.cards.gate import GateForm, GateQuestion, QuestionKind, gate_form

__all__ = [
    "Card",
    "CardError",
    "CardProblems",
    "GateForm",
    "GateQuestion",
    "QuestionKind",
    "check",
    "gate_form",
    "parse",
    "tags_of",
    "values_of",
    "write",
]
