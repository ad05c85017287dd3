"""Sentences for people, said once in English and translated where they are shown.

A feature that has something to tell says it in English with named gaps; it cannot know who reads.
The door that shows it chooses the language. `say` is the mark by which the catalogues are made
(`make words` extracts it), so its first argument is always a literal string.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

Translate = Callable[[str], str]
"""From an English sentence with its gaps to the same sentence in another language."""


class TextAsJson(TypedDict):
    """A sentence as it crosses between processes, and as it is kept."""

    template: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Text:
    """A sentence with named gaps, `{like_this}`, and what goes into them."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.in_words_of(lambda english: english)

    def in_words_of(self, translate: Translate) -> str:
        values = {
            gap: value.in_words_of(translate) if isinstance(value, Text) else value
            for gap, value in self.values.items()
        }
        return shown(translate(self.template).format(**values))

    def as_json(self) -> TextAsJson:
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "Text":
        """
        Raises:
            KeyError: it is no sentence.
        """
        return cls(said["template"], said["values"])


def say(template: str, **values: Any) -> Text:
    """A sentence to be translated later: `say("Row {row} has no label.", row=3)`."""
    return Text(template, values)


_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(text: str) -> str:
    """The same text, as a person may be shown it: in a page, in a terminal, by any client.

    What a client sent is repeated in sentences. A control character in it would command the
    terminal that prints it, and half of a surrogate pair can be sent by no door: each becomes
    U+FFFD. Ends of lines and tabs stay.
    """
    return text if text.isprintable() else _NOT_SHOWN.sub("\ufffd", text)


def plain(text: str) -> str:
    """The same text without NUL and without halves of surrogate pairs, which nothing can store."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
