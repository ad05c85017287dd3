"""Patterns of paths, compared with git itself: a fixed seed, some thousands of cases."""

import random
import subprocess

import pytest

from etabli.api.huggingface.ignore import IgnoreRules
from etabli.features.git import Attributes
from etabli.foundation.globs import Glob, TooManyMatchesError, Work

PIECES = [
    *("a", "b", "ab", ".", "-", "é", "x"),
    *("*", "**", "***", "?", "/", "/", "**/", "/**", "/**/"),
    *("[ab]", "[!a]", "[^a]", "[a-c]", "[]a]", "[^]a]", "[a", "[[:alpha:]]", "[[:foo:]]"),
    *("[[:a]", "[\\]]", "[a\\-c]", "[b-]", "[-b]", "[z-a]", "\\*", "\\a", "\\", "#", "!"),
]
NAMES = ["a", "b", "ab", "ba", ".a", "a.b", "-", "é", "x", "aab", "c", "*", "#", "!a", "]", "[a"]


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    """Asks git, in a folder that holds nothing but the rules."""
    folder = tmp_path_factory.mktemp("git")
    run = ["git", "-C", str(folder), "-c", "core.excludesFile=/dev/null"]
    subprocess.run([*run, "init", "-q"], check=True, capture_output=True)

    def ask(file: str, rules: bytes, words: list[str], paths: list[str]) -> bytes:
        (folder / file).write_bytes(rules)
        given = "".join(f"{path}\0" for path in paths).encode()
        command = [*run, *words, "-z", "--stdin"]
        asked = subprocess.run(command, input=given, capture_output=True, check=False)
        (folder / file).unlink()
        assert asked.returncode in (0, 1), asked.stderr
        return asked.stdout

    return ask


def ignored_by_git(git, rules: bytes, paths: list[str]) -> set[str]:
    said = git(".gitignore", rules, ["check-ignore", "--no-index"], paths)
    return set(said.decode().split("\0")[:-1])


def large_by_git(git, rules: bytes, paths: list[str]) -> set[str]:
    said = git(".gitattributes", rules, ["check-attr", "filter"], paths).decode().split("\0")
    return {path for path, value in zip(said[::3], said[2::3], strict=False) if value == "lfs"}


def ignored(rules: bytes, paths: list[str]) -> set[str]:
    found = IgnoreRules(rules)
    return {path for path in paths if found.ignores(path)}


def large(rules: bytes, paths: list[str]) -> set[str]:
    found = Attributes(rules)
    return {path for path in paths if found.is_large(path, 1)}


def some_pattern(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(1, 6)))


def some_paths(chance: random.Random) -> list[str]:
    return ["/".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(60)]


class TestAsGitDoes:
    def test_one_pattern_of_ignore(self, git):
        chance = random.Random(1)
        for _ in range(250):
            pattern = some_pattern(chance) + chance.choice(["", "", "/", " ", "\\ "])
            rules, paths = pattern.encode(), some_paths(chance)
            assert ignored(rules, paths) == ignored_by_git(git, rules, paths), rules

    def test_several_lines_of_ignore(self, git):
        chance = random.Random(2)
        for _ in range(60):
            lines = [chance.choice(["", "!", "", "#"]) + some_pattern(chance) for _ in range(4)]
            end = chance.choice(["\n", "\r\n", "  \n", "\n\n"])
            rules, paths = end.join(lines).encode(), some_paths(chance)
            assert ignored(rules, paths) == ignored_by_git(git, rules, paths), rules

    def test_attributes(self, git):
        chance = random.Random(3)
        said = ["filter=lfs", "-filter", "!filter", "filter", "filter=lfs -text", "lfs", "-lfs"]
        said += ["lfs -filter", "-filter lfs", "filter=lfs =x", "binary filter=lfs", "twice"]
        macros = "[attr]lfs filter=lfs diff=lfs\n[attr]twice lfs\n"
        for _ in range(250):
            lines = [f"{some_pattern(chance)} {chance.choice(said)}" for _ in range(3)]
            rules = (chance.choice(["", macros]) + "\n".join(lines)).encode()
            paths = some_paths(chance)
            assert large(rules, paths) == large_by_git(git, rules, paths), rules

    @pytest.mark.parametrize(
        ("rules", "those", "others"),
        [
            (b"data/** filter=lfs", ["data/x", "data/a/b", "data/a/b/c/d"], ["data", "x/data/a"]),
            (b"*.[^o] filter=lfs", ["x.a"], ["x.o", "x.oo"]),
            (b'"a b.bin" filter=lfs', ["a b.bin"], ["a", "b.bin"]),
            (b'"\\303\\251*" filter=lfs', ["\u00e9t\u00e9"], ["e"]),
            (b"# x filter=lfs\n *.bin\tfilter=lfs ", ["y.bin"], ["x", "#"]),
            (b"x" * 2040 + b" filter=lfs\n*.bin filter=lfs", ["y.bin"], ["x" * 2040]),
        ],
    )
    def test_what_went_wrong_before_of_attributes(self, git, rules, those, others):
        assert large(rules, those + others) == set(those)
        short = [path for path in those + others if len(path) < 250]
        assert large_by_git(git, rules, short) == set(those)

    @pytest.mark.parametrize(
        ("rules", "those", "others"),
        [
            (b".[^.]*", [".env", "a/.env"], ["env", "..x"]),
            (b"\\#*\\#", ["#x#", "a/#x#"], ["x", "#x"]),
            (b"a**/b", ["a/b", "ax/b", "ax/y/b"], ["b", "xa/b"]),
            (b"*.log\x0b", ["a.log\x0b"], ["a.log"]),
            (b"caf\xe9\n*.tmp", ["x.tmp"], ["caf\u00e9"]),
        ],
    )
    def test_what_went_wrong_before_of_ignore(self, git, rules, those, others):
        assert ignored(rules, those + others) == set(those)
        assert ignored_by_git(git, rules, those + others) == set(those)


class TestBounds:
    """Counted in units, of which the worst takes some nanoseconds."""

    @pytest.mark.parametrize(
        "pattern",
        [
            b"**/" * 500 + b"b",
            b"**/a/" * 200 + b"b",
            b"*a" * 100 + b"b",
            b"**/*a*a*a*a/" * 50 + b"b",
            b"*" * 1000 + b"/" + b"*a" * 50,
            b"a" + b"**/a" * 200 + b"b",
            b"[" * 1000,
        ],
    )
    def test_what_takes_git_for_ever_ends(self, pattern):
        path = b"a" * 200 + b"/a" * 60 + b"/c"
        assert not Glob(pattern).matches(
            path, Work(3000 + 200 * len(pattern) + len(path) * len(pattern))
        )

    def test_work_is_bounded(self):
        glob, work = Glob(b"*a*a*b"), Work(100_000)
        with pytest.raises(TooManyMatchesError):
            for _ in range(100):
                glob.matches(b"a" * 1000, work)

    def test_of_one_request_in_all(self):
        rules = IgnoreRules(b"*a*a*a*a*b\n" * 5000)
        with pytest.raises(TooManyMatchesError):
            for number in range(2000):
                rules.ignores("a" * 200 + str(number))
