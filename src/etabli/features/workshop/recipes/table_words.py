"""What every kind that learns from tables says of findings, of corrections, of its stages."""

from collections.abc import Callable, Mapping

from etabli.engine_contract.training import Stage
from etabli.foundation.i18n.messages import Message, msg

FIXES: Mapping[str, Message] = {
    "drop_duplicates": msg("Keep one of each"),
    "drop_leaked": msg("Keep these for the examination only"),
    "drop_empty": msg("Leave these rows out"),
    "mask_personal_data": msg("Mask them everywhere"),
    "drop_tiny_classes": msg("Leave these labels out"),
    "merge_look_alikes": msg("Make each of them one label"),
    "skip_titles": msg("Begin at the line that names the columns"),
    "name_columns": msg("Take it as an example, and call the columns column_1, column_2…"),
    "drop_totals": msg("Leave these rows out"),
    "drop_ragged": msg("Set these rows aside"),
    "fill_merged": msg("Repeat the value of each in all of its rows"),
    "drop_error_cells": msg("Leave these rows out"),
}
"""The corrections that can be made in a copy of a table."""

REASONS: Mapping[str, Message] = {
    "duplicates": msg("What is repeated counts twice, and the score would look better than it is."),
    "contradictions": msg(
        "Nobody can be right on these: read them, and correct your table if you can."
    ),
    "leakage": msg(
        "It would be examined on what it has learned by heart, and the score would flatter it."
    ),
    "encoding": msg("Read wrongly, its letters teach nothing: the model would learn rubbish."),
    "sheets": msg("Only one of them is learned from."),
    "titles": msg("They are for people to read: nothing is to be learned from them."),
    "no_header": msg("If it does name them, untick this, and look again."),
    "totals": msg("A sum is nobody's message."),
    "ragged_rows": msg(
        "What belongs in which column cannot be known. Put quotation marks around a text that "
        "contains the separator, to keep it."
    ),
    "merged_cells": msg("Only the first row of such a cell has its value in the file."),
    "error_cells": msg("It would be learned as if somebody had written it."),
    "formulas_without_value": msg("Nothing is computed here: only values are read."),
    "near_duplicates": msg(
        "Who has learned one of them knows the others: together they prove no more than one text."
    ),
    "near_leakage": msg(
        "The test file stays as you gave it. What it is worth without these is said beside it."
    ),
    "tiny_classes": msg("One example is not enough to learn what is meant."),
    "small_classes": msg("Expect mistakes there. Thirty examples each would do."),
    "personal_data": msg("If you publish the data, they would be public."),
    "empty_texts": msg("There is nothing to read in them."),
    "empty_labels": msg("There is nothing to learn from them."),
    "long_texts": msg("It is made for short messages."),
    "imbalance": msg("Add examples of the rare ones, if you have some."),
    "look_alike_labels": msg("To a machine these are different labels."),
    "unknown_test_labels": msg("It cannot be examined on what it was never shown."),
    "labels_without_answer": msg(
        "For these it will name the subject. You can write replies later."
    ),
    "answers_without_label": msg("These replies will not be used: check how the label is written."),
}

STAGES: Mapping[str, Message] = {
    Stage.READING: msg("Reading your table"),
    Stage.CHECKING: msg("Setting some messages aside for the examination"),
    Stage.LEARNING: msg("Learning from your messages"),
    Stage.ENCODING: msg("Reading what your messages mean"),
    Stage.CALIBRATING: msg("Learning when to doubt"),
    Stage.SAVING: msg("Writing the model down"),
    Stage.EXAMINING: msg("Taking its examination, on messages that it has never seen"),
    Stage.DONE: msg("Done"),
}

CHANGES: Mapping[str, Callable[[int], Message]] = {
    "drop_duplicates": lambda n: msg("Repeated texts that were taken out: {count}.", count=n),
    "drop_leaked": lambda n: msg(
        "Texts that the examination repeats, taken out of learning: {count}.", count=n
    ),
    "drop_empty": lambda n: msg("Empty texts that were taken out: {count}.", count=n),
    "drop_tiny_classes": lambda n: msg(
        "Texts of labels with too few examples, taken out: {count}.", count=n
    ),
    "drop_ragged": lambda n: msg(
        "Comments, or rows with more or fewer fields than the others, set aside: {count}.", count=n
    ),
    "drop_error_cells": lambda n: msg(
        "Rows whose text or label was an error of the spreadsheet, taken out: {count}.", count=n
    ),
    "mask_personal_data": lambda n: msg(
        "Texts in which personal data was masked: {count}.", count=n
    ),
    "merge_look_alikes": lambda n: msg(
        "Labels that differed in case or spaces, and were made one: {count}.", count=n
    ),
}
