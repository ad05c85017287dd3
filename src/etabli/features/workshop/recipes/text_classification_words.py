"""Classifying texts: what is said of its findings, its corrections, its stages."""

from collections.abc import Callable, Mapping

from etabli.engine_contract.training import Stage
from etabli.foundation.i18n.messages import Text, say

FIXES: Mapping[str, Text] = {
    "drop_duplicates": say("Keep one of each"),
    "drop_leaked": say("Keep these for the examination only"),
    "drop_empty": say("Leave these rows out"),
    "mask_personal_data": say("Mask them everywhere"),
    "drop_tiny_classes": say("Leave these labels out"),
    "merge_look_alikes": say("Make each of them one label"),
    "skip_titles": say("Begin at the line that names the columns"),
    "name_columns": say("Take it as an example, and call the columns column_1, column_2…"),
    "drop_totals": say("Leave these rows out"),
    "drop_ragged": say("Set these rows aside"),
    "fill_merged": say("Repeat the value of each in all of its rows"),
    "drop_error_cells": say("Leave these rows out"),
}
"""The corrections that can be made in a copy of a table."""

REASONS: Mapping[str, Text] = {
    "duplicates": say("What is repeated counts twice, and the score would look better than it is."),
    "contradictions": say(
        "Nobody can be right on these: read them, and correct your table if you can."
    ),
    "leakage": say(
        "It would be examined on what it has learned by heart, and the score would flatter it."
    ),
    "encoding": say("Read wrongly, its letters teach nothing: the model would learn rubbish."),
    "sheets": say("Only one of them is learned from."),
    "titles": say("They are for people to read: nothing is to be learned from them."),
    "no_header": say("If it does name them, untick this, and look again."),
    "totals": say("A sum is nobody's message."),
    "ragged_rows": say(
        "What belongs in which column cannot be known. Put quotation marks around a text that "
        "contains the separator, to keep it."
    ),
    "merged_cells": say("Only the first row of such a cell has its value in the file."),
    "error_cells": say("It would be learned as if somebody had written it."),
    "formulas_without_value": say("Nothing is computed here: only values are read."),
    "near_duplicates": say(
        "Who has learned one of them knows the others: together they prove no more than one text."
    ),
    "near_leakage": say(
        "The test file stays as you gave it. What it is worth without these is said beside it."
    ),
    "tiny_classes": say("One example is not enough to learn what is meant."),
    "small_classes": say("Expect mistakes there. Thirty examples each would do."),
    "personal_data": say("If you publish the data, they would be public."),
    "empty_texts": say("There is nothing to read in them."),
    "empty_labels": say("There is nothing to learn from them."),
    "long_texts": say("It is made for short messages."),
    "imbalance": say("Add examples of the rare ones, if you have some."),
    "look_alike_labels": say("To a machine these are different labels."),
    "unknown_test_labels": say("It cannot be examined on what it was never shown."),
    "labels_without_answer": say(
        "For these it will name the subject. You can write replies later."
    ),
    "answers_without_label": say("These replies will not be used: check how the label is written."),
}

PREFERENCES: Mapping[str, Text] = {
    "balance": say("Balance: a larger model only where it is clearly better"),
    "accuracy": say("Fewest mistakes"),
    "frugal": say("Most frugal"),
    "offline": say("It must work anywhere, with no other file"),
}

STAGES: Mapping[str, Text] = {
    Stage.READING: say("Reading your table"),
    Stage.CHECKING: say("Setting some messages aside for the examination"),
    Stage.LEARNING: say("Learning from your messages"),
    Stage.ENCODING: say("Reading what your messages mean"),
    Stage.CALIBRATING: say("Learning when to doubt"),
    Stage.SAVING: say("Writing the model down"),
    Stage.EXAMINING: say("Taking its examination, on messages that it has never seen"),
    Stage.DONE: say("Done"),
}

CHANGES: Mapping[str, Callable[[int], Text]] = {
    "drop_duplicates": lambda n: say("Repeated texts that were taken out: {count}.", count=n),
    "drop_leaked": lambda n: say(
        "Texts that the examination repeats, taken out of learning: {count}.", count=n
    ),
    "drop_empty": lambda n: say("Empty texts that were taken out: {count}.", count=n),
    "drop_tiny_classes": lambda n: say(
        "Texts of labels with too few examples, taken out: {count}.", count=n
    ),
    "drop_ragged": lambda n: say(
        "Comments, or rows with more or fewer fields than the others, set aside: {count}.", count=n
    ),
    "drop_error_cells": lambda n: say(
        "Rows whose text or label was an error of the spreadsheet, taken out: {count}.", count=n
    ),
    "mask_personal_data": lambda n: say(
        "Texts in which personal data was masked: {count}.", count=n
    ),
    "merge_look_alikes": lambda n: say(
        "Labels that differed in case or spaces, and were made one: {count}.", count=n
    ),
}
