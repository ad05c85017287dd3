"""Each kind of AI is known to both sides by one name, and all that may be asked of it is there."""

from pathlib import Path

import pytest

import etabli.web
from etabli.engine.recipes.__main__ import RECIPES as PROGRAMS
from etabli.engine_contract.training import Stage
from etabli.features.workshop.recipes import FIRST, NO_FIXES, RECIPES, recipe_called, recipe_of

TEMPLATES = Path(etabli.web.__file__).parent / "templates" / "kinds"
DRAWN = {"figures.html", "result.html", "evaluation.html", "understood.html", "columns.html"}


def test_the_hub_describes_what_the_engine_can_make():
    made_from = {name: source for name, (source, _folder) in PROGRAMS.items()}
    assert {one.name: one.source for one in RECIPES} == made_from


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.name)
def test_a_kind_has_its_words_and_its_templates(recipe):
    assert set(recipe.fixes) <= set(NO_FIXES)
    assert set(recipe.changes) <= set(recipe.fixes)
    assert str(recipe.stage("something of tomorrow")) == "At work"
    assert str(recipe.stage(Stage.LEARNING)) != "At work"
    assert {path.name for path in (TEMPLATES / recipe.templates).iterdir()} == DRAWN


def test_what_says_no_kind_is_of_the_first():
    assert recipe_called("image-generation") is None
    assert recipe_of({}) is recipe_of({"recipe": "image-generation"}) is FIRST
    assert recipe_of({"recipe": FIRST.name}) is FIRST
