"""Cards: what a repository says of itself, in the front matter and the text of its README.md.

Owns: reading, checking and writing cards, and the tags that follow from one. Pure: no database, no
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

__all__ = ["Card", "CardError", "CardProblems", "check", "parse", "tags_of", "values_of", "write"]
