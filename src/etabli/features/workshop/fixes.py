"""The corrections that a recipe can make in a copy of a table, and what is said of them."""

from collections.abc import Mapping

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
"""By the name that a recipe knows them by. Each is made unless it is refused."""

NO_FIXES: Mapping[str, bool] = dict.fromkeys(FIXES, False)
"""The table as it is."""
