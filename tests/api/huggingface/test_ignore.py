import time

import pytest

from etabli.api.huggingface.ignore import IgnoreRules


@pytest.mark.parametrize(
    ("rules", "ignored", "kept"),
    [
        ("*.log", ["a.log", "x/y.log"], ["a.logs"]),
        ("*.log\n!keep.log", ["a.log"], ["keep.log", "x/keep.log"]),
        ("build/", ["build/x", "a/build/x"], ["build"]),
        ("/top", ["top", "top/x"], ["a/top"]),
        ("a/*.txt", ["a/x.txt"], ["b/a/x.txt", "a/b/x.txt"]),
        ("**/cache", ["cache", "a/b/cache/x"], ["caches"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b"]),
        ("a/**/z", ["a/z", "a/b/c/z"], ["z"]),
        ("# note\n\n\\#x", ["#x"], ["# note"]),
        ("dir/\n!dir/x", ["dir/x"], []),
    ],
)
def test_as_git_reads_them(rules, ignored, kept):
    found = IgnoreRules(rules)
    assert all(found.ignores(path) for path in ignored)
    assert not any(found.ignores(path) for path in kept)


def test_no_rule_takes_long():
    started = time.perf_counter()
    assert not IgnoreRules("*a" * 30 + "b\n" + "**/" * 50 + "b").ignores("a" * 250 + "/c" * 200)
    assert time.perf_counter() - started < 1
