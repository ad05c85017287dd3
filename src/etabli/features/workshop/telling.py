"""What is said of a run where it is told as lines of text: in a shell, and by program."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.features.workshop.advice import Advice
from etabli.features.workshop.recipes import Recipe, recipe_of
from etabli.foundation.i18n.messages import Message, msg


def understood_words(found: Mapping[str, Any]) -> Message | None:
    """How what was brought is read; None where nothing of it could be taken."""
    return recipe_of(found).understood(found) if found["after_fixes"] else None


def correction_words(recipe: Recipe, fix: str | None, fixes: Mapping[str, bool]) -> Message | None:
    """What becomes of something that was found, by the name of its correction."""
    if fix is None:
        return None
    if fixes.get(fix, True):
        return msg("{correction} ({name}).", correction=recipe.fixes[fix], name=fix)
    return msg("Left as it is ({name}).", name=fix)


def result_words(recipe: Recipe, result: Mapping[str, Any], advice: Advice) -> Sequence[Message]:
    """How good what was made is, what to do with it, and what must be known to believe that."""
    choice = recipe.choice(result)
    return [
        recipe.verdict(result),
        advice.title,
        advice.reason,
        advice.next_step,
        *([choice] if choice else ()),
        *recipe.remarks(result),
    ]
