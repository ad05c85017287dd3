"""A FAQ: what is said of its findings, its corrections, its stages."""

from collections.abc import Callable, Mapping

from etabli.engine_contract.training import Stage
from etabli.features.workshop.recipes.table_words import CHANGES as OF_TABLES
from etabli.features.workshop.recipes.table_words import FIXES as FIXES_OF_TABLES
from etabli.features.workshop.recipes.table_words import REASONS as REASONS_OF_TABLES
from etabli.foundation.i18n.messages import Message, msg

OF_FILES = ("mask_personal_data", "skip_titles", "name_columns", "drop_totals", "drop_ragged",
            "fill_merged")  # fmt: skip
"""Corrections of a table, whatever is made of it."""
FOUND_IN_FILES = ("encoding", "sheets", "titles", "no_header", "totals", "ragged_rows",
                  "merged_cells", "formulas_without_value", "personal_data")  # fmt: skip

FIXES: Mapping[str, Message] = {
    **{name: FIXES_OF_TABLES[name] for name in OF_FILES},
    "plain_answers": msg("Say their words, with the addresses of their links"),
}
REASONS: Mapping[str, Message] = {
    **{code: REASONS_OF_TABLES[code] for code in FOUND_IN_FILES},
    "two_answers": msg(
        "Whoever asks it can be told one of them only: make them one answer, or ask more clearly."
    ),
    "empty_answers": msg("There is nothing to reply with."),
    "empty_questions": msg("Nobody could ask for them."),
    "repeated_questions": msg("Once is enough."),
    "html_answers": msg("An answer is sent as text, in a chat, by mail or by program."),
    "endless_answers": msg("Part them into answers to smaller questions."),
    "long_answers": msg("Who asks reads three sentences: say the first thing first, or part them."),
    "few_phrasings": msg(
        "People ask in other words than yours. Each further way to ask, in a row of its own with "
        "the same answer, helps more than anything else; from about eight each, a classifier is "
        "tried too."
    ),
    "unknown_test_answers": msg("It cannot be examined on an answer that it was never given."),
}
STAGES: Mapping[str, Message] = {
    Stage.READING: msg("Reading your questions and answers"),
    Stage.CHECKING: msg("Trying whether a search or a classifier finds your answers better"),
    Stage.ENCODING: msg("Reading what your questions mean"),
    Stage.LEARNING: msg("Writing down which words ask for which answer"),
    Stage.CALIBRATING: msg("Learning when to say that no answer fits"),
    Stage.SAVING: msg("Writing the model down"),
    Stage.EXAMINING: msg("Taking its examination, on questions that nothing was fitted on"),
    Stage.DONE: msg("Done"),
}
CHANGES: Mapping[str, Callable[[int], Message]] = {
    "mask_personal_data": OF_TABLES["mask_personal_data"],
    "plain_answers": lambda n: msg("Answers that were HTML, and are text now: {count}.", count=n),
}
