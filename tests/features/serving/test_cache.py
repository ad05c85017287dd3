"""Copies of models: whole or not there, and within a bound."""

import os
import time

import pytest

from etabli.features.serving import ModelCache, ModelFolder, cache


@pytest.fixture
def root(tmp_path):
    return tmp_path / "serving"


@pytest.fixture
def models(root):
    return ModelCache(root)


def folder(root, name, content=b"{}"):
    return ModelFolder(root / name, {"config.json": lambda: iter([content])})


def folders(root):
    return sorted(path.name for path in root.iterdir())


def test_a_copy_holds_every_file(models, root):
    models.fill(ModelFolder(root / "a", {"a": lambda: iter([b"1", b"2"]), "b": lambda: iter(())}))
    assert {path.name: path.read_bytes() for path in (root / "a").iterdir()} == {
        "a": b"12",
        "b": b"",
    }
    assert models.has(root / "a")


def test_a_copy_that_fails_half_way_leaves_nothing(models, root):
    def broken():
        yield b"half"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        models.fill(ModelFolder(root / "a", {"a": lambda: iter([b"1"]), "b": broken}))
    assert folders(root) == []


def test_while_it_is_copied_it_is_not_there(models, root):
    def pieces():
        yield b"1"
        assert not models.has(root / "a")
        yield b"2"

    models.fill(ModelFolder(root / "a", {"a": pieces}))
    assert models.has(root / "a")


def test_what_is_there_is_not_copied_again(models, root):
    models.fill(folder(root, "a"))

    def never():
        raise AssertionError

    models.fill(ModelFolder(root / "a", {"config.json": never}))


def test_another_process_may_be_quicker(models, root):
    def meanwhile():
        ModelCache(root).fill(folder(root, "a", b"theirs"))
        yield b"ours"

    models.fill(ModelFolder(root / "a", {"config.json": meanwhile}))
    assert (root / "a" / "config.json").read_bytes() == b"theirs"
    assert folders(root) == ["a"]


def age(path, by_s):
    then = time.time() - by_s
    os.utime(path, (then, then))


def test_the_least_used_make_room_but_not_what_is_in_use(models, root, monkeypatch):
    for place, name in enumerate(("oldest", "held", "older", "recent")):
        models.fill(folder(root, name, b"x" * 40))
        age(root / name, 1000 - place if name != "recent" else 1)
    monkeypatch.setattr(cache, "MAX_CACHE_BYTES", 100)
    with models.hold(root / "held"):
        models.fill(folder(root, "new", b"x" * 40))
        assert folders(root) == ["held", "new", "recent"]
    age(root / "new", 500)
    models.fill(folder(root, "newer", b"x" * 40))
    assert folders(root) == ["newer", "recent"]


def test_what_a_killed_process_left_goes_and_what_another_copies_now_stays(models, root):
    for name, age_s in (("tmp_left", 2 * cache.ABANDONED_S), ("tmp_now", 10)):
        (root / name).mkdir(parents=True)
        age(root / name, age_s)
    models.fill(folder(root, "a"))
    assert folders(root) == ["a", "tmp_now"]
