"""Which kind of AI a table fits: the best, unless a person chooses."""

import pytest

from etabli.engine.recipes.__main__ import UnknownRecipeError, check, run
from etabli.engine.recipes.text_classification.tables import KIND, RECIPE
from etabli.engine.tables import checking
from etabli.engine.tables.checking import Fit, Kind
from etabli.foundation.i18n.messages import Message


def another(share: float | None) -> Kind:
    """A kind that fits any table so well; None: that fits none."""
    fit = None if share is None else Fit(share, Message("It is another.", {}))
    return Kind("another", lambda job, table: fit, KIND.labelling_of)


def kinds_found(job, share: float | None, chosen: str | None = None):
    checking.run(job.path, [KIND, another(share)], chosen)
    report = job.read("check.json")
    return report["recipe"], [one["recipe"] for one in report["kinds"]]


def test_the_kind_that_fits_best_is_taken_unless_one_is_chosen(job):
    assert kinds_found(job, 0.9) == ("another", ["another", RECIPE])
    assert kinds_found(job, 0.1) == (RECIPE, [RECIPE, "another"])
    assert kinds_found(job, 0.9, chosen=RECIPE) == (RECIPE, ["another", RECIPE])
    assert kinds_found(job, None) == (RECIPE, [RECIPE])


def test_what_fits_no_kind_is_refused_in_the_words_of_the_first(job):
    job.write("train", "n\n" + "".join(f"{n}\n" for n in range(30)))
    job.choose(keeps_refused=True)
    recipe, fitting = kinds_found(job, None)
    assert (recipe, fitting) == (RECIPE, [])
    assert "looks like text" in job.read("check.json")["refused"]["template"]


def test_what_was_recognised_is_what_is_made(job):
    job.choose(recipe=None)
    check(job.path)
    assert run("train", job.path) == 0
    assert job.read("result.json")["recipe"] == RECIPE


def test_a_kind_that_there_is_not_is_refused(job):
    job.choose(recipe="image-generation")
    with pytest.raises(UnknownRecipeError):
        check(job.path)
