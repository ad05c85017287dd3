"""The kinds of AI that can be made here: a descriptor each, and a line in this list.

Owns: all that the hub says of a kind; how it is made is a program of the engine.
May use: what the engine and the hub say to each other, and the nouns of the workshop.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.training import TABLE
from etabli.features.workshop.recipes.faq import Faq
from etabli.features.workshop.recipes.multilabel_classification import MultilabelClassification
from etabli.features.workshop.recipes.question_answering import QuestionAnswering
from etabli.features.workshop.recipes.recipe import Recipe
from etabli.features.workshop.recipes.text_classification import TextClassification

__all__ = [
    "FIRST",
    "NO_FIXES",
    "RECIPES",
    "Recipe",
    "kind_for",
    "known_fixes",
    "known_preferences",
    "recipe_called",
    "recipe_of",
]

RECIPES: Sequence[Recipe] = (
    TextClassification(),
    MultilabelClassification(),
    Faq(),
    QuestionAnswering(),
)
FIRST = RECIPES[0]
"""Of what was written before there were several kinds, and where nothing says which."""


def kind_for(source: str) -> Recipe | None:
    """The kind that is made from such a source; None of a table, which says itself what it fits."""
    return None if source == TABLE else next(one for one in RECIPES if one.source == source)


def recipe_called(name: str) -> Recipe | None:
    """None where there is no such kind here."""
    return next((one for one in RECIPES if one.name == name), None)


def recipe_of(said: Mapping[str, Any]) -> Recipe:
    """The kind that `check.json`, `result.json` or `eval.json` says it is of."""
    return recipe_called(str(said.get("recipe"))) or FIRST


def known_fixes() -> Sequence[str]:
    """The names of the corrections that any kind can make."""
    return list(dict.fromkeys(name for one in RECIPES for name in one.fixes))


def known_preferences() -> Sequence[str]:
    return list(dict.fromkeys(name for one in RECIPES for name in one.preferences))


NO_FIXES: Mapping[str, bool] = dict.fromkeys(known_fixes(), False)
"""The table as it is."""
