"""The terms of a file, as they are kept."""

import random

import pytest

from etabli.features.blobs.xet.shards import Terms
from tests.xet_client import noise

LENGTHS = [3, 1, 10, 1, 1, 7]


@pytest.fixture
def terms():
    packed = b"".join(
        noise(32, place) + b"".join(n.to_bytes(4, "little") for n in (place, place + 2, length))
        for place, length in enumerate(LENGTHS)
    )
    return Terms(packed)


def test_they_are_read_one_by_one_and_in_parts(terms):
    assert [term.raw_bytes for term in terms] == LENGTHS
    assert (len(terms), terms[2].start, terms[2].end) == (6, 2, 4)
    assert [term.raw_bytes for term in terms[1:4]] == LENGTHS[1:4]
    assert list(terms.ends) == [3, 4, 14, 15, 16, 23]


def test_those_of_a_span_are_found(terms):
    whole = sum(LENGTHS)
    chance = random.Random(1)
    for _ in range(200):
        start = chance.randrange(whole)
        end = chance.randrange(start + 1, whole + 3)
        expected, at = [], 0
        for place, length in enumerate(LENGTHS):
            if at < end and at + length > start:
                expected.append((place, at))
            at += length
        assert [(term.start, at) for term, at in terms.between(start, end)] == expected


def test_nothing_is_in_an_empty_span_or_past_the_end(terms):
    assert list(terms.between(5, 5)) == []
    assert list(terms.between(23, 30)) == []
    assert list(Terms(b"").between(0, 9)) == []
