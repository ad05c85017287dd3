"""Letters without accents."""

import pytest

from etabli.foundation.letters import without_accents


@pytest.mark.parametrize(
    ("text", "plain"),
    [("plain", "plain"), ("cœur forcé", "coeur force"), ("łódź", "lodz"), ("straße", "straße")],
)
def test_accents_go_and_letters_stay(text, plain):
    assert without_accents(text) == plain
