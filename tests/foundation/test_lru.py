"""What is kept in memory stays within its bound."""

from etabli.foundation.lru import LruCache, digest_of


def test_what_was_used_least_goes_first():
    kept = LruCache[bytes, str](10)
    kept.keep(b"a", "A", 4)
    kept.keep(b"b", "B", 4)
    assert kept.find(b"a") == "A"
    kept.keep(b"c", "C", 4)
    assert [kept.find(key) for key in (b"a", b"b", b"c")] == ["A", None, "C"]
    assert kept.size == 8


def test_what_is_larger_than_the_bound_is_not_kept_and_drives_nothing_out():
    kept = LruCache[bytes, str](10)
    kept.keep(b"a", "A", 4)
    kept.keep(b"b", "B", 11)
    assert (kept.find(b"a"), kept.find(b"b")) == ("A", None)


def test_what_is_kept_twice_counts_once():
    kept = LruCache[bytes, str](10)
    for size_bytes in (4, 6, 3):
        kept.keep(b"a", "A", size_bytes)
    assert (len(kept), kept.size) == (1, 3)


def test_a_key_is_of_these_texts_in_this_order():
    assert digest_of("a", "b") == digest_of("a", "b")
    assert len({digest_of(*parts) for parts in (("a", "b"), ("b", "a"), ("ab",), ("ab", ""))}) == 4
    assert digest_of("\ud800") != digest_of("\ud801")
