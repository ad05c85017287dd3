"""What the hub must know of a kind of AI to have it made, shown and published."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from etabli.engine_contract.evaluation import Exam
from etabli.engine_contract.training import TABLE, Stage
from etabli.features.workshop.advice import Advice
from etabli.features.workshop.facts import Facts
from etabli.foundation.i18n.messages import Message, msg, msg_plural

Words = Callable[[Message], str]
"""From a sentence to the same in the language of a card."""


class Recipe(ABC):
    """One kind of AI: everything that is said of it, and how what was measured of it is read.

    `result` is what `result.json` of a run says, or `eval.json` of a published model.
    """

    name: str
    """By which the engine knows it: the folder of its program, with `-` for `_`."""
    source: str = TABLE
    """What it is made from."""
    title: Message
    """What it does, in a few words, for who chooses between kinds."""
    task: str
    """On the wire: a `pipeline_tag` of Hugging Face."""
    tags: Sequence[str] = ()
    """Of its cards, beside the hub's own."""
    exam: type[Exam]
    """How its figures are read."""

    fixes: Mapping[str, Message]
    """The corrections that it can make in a copy of a table, by name; each is made unless it is
    refused."""
    reasons: Mapping[str, Message]
    """Why each thing that it may find in a table matters, by the code of the finding."""
    preferences: Mapping[str, Message]
    """What may matter most, by name."""
    stages: Mapping[str, Message]
    """What it is doing while it makes a model."""
    changes: Mapping[str, Callable[[int], Message]]
    """What the card of the data says of each correction, by how many rows it changed."""

    holds_texts = False
    """Whether a model holds the texts that it was made from, its data published or not."""
    model_shows = msg(
        "The model: its weights, its replies, and each single word that it recognises, out of its "
        "messages."
    )
    """What of the data may be read in a model, for who is about to publish it."""
    parts_title = msg("Messages for each label")
    """Over the parts of what was brought, with how much is in each."""

    @property
    def templates(self) -> str:
        """The folder of the templates that draw its figures."""
        return self.name.replace("-", "_")

    def stage(self, stage: Stage | str) -> Message:
        return self.stages.get(stage, msg("At work"))

    def understood(self, found: Mapping[str, Any]) -> Message:
        """How a table that it can be made from is read, by what `check.json` says."""
        return msg(
            "It reads “{text}” and says “{label}”: {texts}, {labels}.",
            text=found["understood"]["text_column"]["name"],
            label=", ".join(
                found["understood"].get("label_columns")
                or [found["understood"]["label_column"]["name"]]
            ),
            texts=msg_plural("{n} text", "{n} texts", "n", n=found["after_fixes"]["rows"]),
            labels=msg_plural(
                "{n} label", "{n} labels", "n", n=len(found["after_fixes"]["classes"])
            ),
        )

    # What was measured

    @abstractmethod
    def labels(self, result: Mapping[str, Any]) -> Sequence[str]:
        """All that a model can say."""

    @abstractmethod
    def has_figure(self, result: Mapping[str, Any]) -> bool:
        """Whether enough was examined to say how good the model is."""

    @abstractmethod
    def verdict(self, result: Mapping[str, Any]) -> Message:
        """How good it is, in one sentence, or why no figure can be said."""

    @abstractmethod
    def choice(self, result: Mapping[str, Any]) -> Message | None:
        """Why the model is as large as it is; None where there was no choice."""

    @abstractmethod
    def remarks(self, result: Mapping[str, Any]) -> Sequence[Message]:
        """What else must be known to believe the verdict."""

    @abstractmethod
    def advise(self, exam: Any) -> Advice:
        """What to do with a model, by its examination, which is one of `self.exam`."""

    # The cards

    @abstractmethod
    def summary(self, facts: Facts) -> Message:
        """What the model does, and how well, under its name."""

    @abstractmethod
    def purpose(self, facts: Facts) -> Message: ...

    @abstractmethod
    def limits(self, facts: Facts) -> Message: ...

    @abstractmethod
    def examination(self, facts: Facts, words: Words) -> Sequence[str]:
        """Paragraphs of Markdown: how good it is."""

    @abstractmethod
    def mistakes(self, facts: Facts, words: Words) -> str:
        """Markdown: where it is wrong."""

    @abstractmethod
    def making(self, facts: Facts) -> Message: ...

    @abstractmethod
    def dataset_summary(self, facts: Facts) -> Message: ...

    def unpublished_data(self) -> Message:
        """What the card of a model says of its data where that stays private."""
        return msg(
            "The texts that it was made from are not published, nor are those that it got wrong. "
            "The single words that occur in them are: `vocab.json` holds what it recognises."
        )

    @abstractmethod
    def metrics(self, result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """For programs that compare models, as a `model-index` has them; none without a figure."""

    def standalone(self, full_name: str, result: Mapping[str, Any]) -> str:
        """A program that reads a published model and answers with it, without Établi; empty where
        nobody has written one."""
        return ""
