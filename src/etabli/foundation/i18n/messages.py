"""Sentences for people, said once in English and translated where they are shown.

A feature that has something to tell says it in English with named gaps; it cannot know who reads.
The door that shows it chooses the language. `msg` is the mark by which the catalogues are made
(`make words` extracts it), so its first argument is always a literal string.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, Protocol, TypedDict


class Translator(Protocol):
    """What one language says for a sentence in English, and how it writes numbers."""

    def gettext(self, english: str) -> str:
        """The sentence, its gaps still in it."""

    def ngettext(self, one: str, many: str, number: float) -> str:
        """The same, of the form that this number of things takes."""

    def number(self, value: float) -> str:
        """With as many decimals as `str` gives it."""


class _English:
    def gettext(self, english: str) -> str:
        return english

    def ngettext(self, one: str, many: str, number: float) -> str:
        return one if number == 1 else many

    def number(self, value: float) -> str:
        return f"{value:,}"


ENGLISH: Translator = _English()


class TextAsJson(TypedDict):
    """A sentence as it crosses between processes, and as it is kept."""

    template: str
    values: dict[str, Any]
    """Another sentence among them is in the same shape."""
    plural: NotRequired[str]
    counted: NotRequired[str]


@dataclass(frozen=True)
class Message:
    """A sentence with named gaps, `{like_this}`, and what goes into them.

    A number in a gap is written as the language writes it, so what only looks like one (a port, a
    name, a seed) is given as a string. How many decimals are shown is said with `round`.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""
    """The same sentence for several, where it differs; `counted` is the gap that says how many."""
    counted: str = ""

    def __str__(self) -> str:
        return self.translate(ENGLISH)

    def translate(self, translator: Translator) -> str:
        values = {gap: _in_words(value, translator) for gap, value in self.values.items()}
        return shown(self._sentence(translator).format(**values))

    def _sentence(self, translator: Translator) -> str:
        if not self.plural:
            return translator.gettext(self.template)
        return translator.ngettext(self.template, self.plural, self.values[self.counted])

    def as_json(self) -> TextAsJson:
        """What `of_json` makes the same sentence of, in another process or another year."""
        values = {
            gap: value.as_json() if isinstance(value, Message) else value
            for gap, value in self.values.items()
        }
        content: TextAsJson = {"template": self.template, "values": values}
        if self.plural:
            content |= {"plural": self.plural, "counted": self.counted}
        return content

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> "Message":
        """
        Raises:
            KeyError, TypeError, ValueError: it is no sentence.
        """
        values = {
            gap: cls.of_json(value) if isinstance(value, Mapping) else value
            for gap, value in dict(content["values"]).items()
        }
        plural, counted = str(content.get("plural", "")), str(content.get("counted", ""))
        return cls(str(content["template"]), values, plural, counted)


def msg(template: str, **values: Any) -> Message:
    """A sentence to be translated later: `msg("Row {row} has no label.", row=3)`."""
    return Message(template, values)


def msg_plural(one: str, many: str, counted: str, **values: Any) -> Message:
    """The same, in two forms: `msg_plural("{n} row.", "{n} rows.", "n", n=count)`.

    A sentence that counts several things takes each from a sentence of its own, as a value.
    """
    return Message(one, values, many, counted)


def _in_words(value: object, translator: Translator) -> object:
    if isinstance(value, Message):
        return value.translate(translator)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return translator.number(value)
    return value


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
