import pytest

from etabli.api.huggingface.ignore import MAX_RULES_BYTES, IgnoreRules, LongIgnoreError


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
    found = IgnoreRules(rules.encode())
    assert all(found.ignores(path) for path in ignored)
    assert not any(found.ignores(path) for path in kept)


def test_what_is_too_long_is_refused_and_not_cut():
    with pytest.raises(LongIgnoreError):
        IgnoreRules(b"#" * MAX_RULES_BYTES + b"\n")
