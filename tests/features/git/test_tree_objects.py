import pygit2
import pytest

from etabli.features.git import (
    DamagedRepoError,
    TreeOutOfBoundsError,
    TreeTooLargeError,
    tree_objects,
)
from tests import broken


@pytest.fixture
def git(tmp_path):
    return pygit2.init_repository(str(tmp_path / "git"), bare=True)


def tree_of(git, **entries):
    builder = git.TreeBuilder()
    for name, entry in entries.items():
        is_folder = isinstance(entry, pygit2.Oid) and git[entry].type_str == "tree"
        mode = pygit2.enums.FileMode.TREE if is_folder else pygit2.enums.FileMode.BLOB
        builder.insert(name, entry if is_folder else git.create_blob(entry), mode)
    return builder.write()


def size_of(git, tree_id):
    return tree_objects._Sizes().of(str(tree_id), tree_objects.read_from(git))


def test_all_that_is_in_a_tree(git):
    inner = tree_of(git, x=b"1", y=b"2")
    outer = tree_of(git, a=inner, b=inner, c=b"3")
    paths = sorted(path for path, _ in tree_objects.walk(git[outer], "in/"))
    assert paths == ["in/a", "in/a/x", "in/a/y", "in/b", "in/b/x", "in/b/y", "in/c"]
    assert size_of(git, outer) == tree_objects.TreeSize(depth=1, entries=7, path_bytes=3)


def test_each_file_once_and_where_it_lies(git):
    inner = tree_of(git, x=b"1", y=b"2")
    outer = tree_of(git, a=inner, b=inner, c=b"1")
    seen = set()
    found = {str(blob_id): path for path, blob_id in tree_objects.first_places(git, outer, seen)}
    assert len(found) == 2
    assert list(tree_objects.first_places(git, outer, seen)) == []


def test_a_tree_of_a_billion_is_measured_by_its_objects(git):
    tree_id = broken.bomb_tree(git, 9)
    read, asked = tree_objects.read_from(git), []
    size = tree_objects._Sizes().of(str(tree_id), lambda sha: asked.append(sha) or read(sha))
    assert size.entries > 10**9
    assert len(asked) == 10
    assert len(list(tree_objects.first_places(git, tree_id, set()))) == 1


def test_what_is_deeper_than_the_stack(git):
    tree_id = broken.deep_tree(git, 1100)
    assert size_of(git, tree_id).depth == 1100
    with pytest.raises(TreeTooLargeError):
        tree_objects.require_bounds(str(tree_id), tree_objects.read_from(git))
    with pytest.raises(TreeOutOfBoundsError):
        list(tree_objects.walk(git[tree_id]))
    ((path, _),) = tree_objects.first_places(git, tree_id, set())
    assert path == "d/" * 1100 + "file.txt"


def test_no_more_is_listed_than_a_revision_may_have(git, monkeypatch):
    monkeypatch.setattr(tree_objects, "MAX_ENTRIES", 1000)
    listed = []
    with pytest.raises(TreeOutOfBoundsError):
        for path, _ in tree_objects.walk(git[broken.bomb_tree(git, 5)]):
            listed.append(path)
    assert len(listed) == 1000


def test_a_lost_folder_is_damage(git, tmp_path):
    inner = tree_of(git, x=b"1")
    outer = tree_of(git, a=inner)
    (tmp_path / "git" / "objects" / str(inner)[:2] / str(inner)[2:]).unlink()
    again = pygit2.Repository(str(tmp_path / "git"))
    with pytest.raises(DamagedRepoError):
        list(tree_objects.walk(again[outer]))
    with pytest.raises(DamagedRepoError):
        size_of(again, outer)


def test_sizes_are_remembered_within_bounds(git, monkeypatch):
    monkeypatch.setattr(tree_objects, "MAX_REMEMBERED_SIZES", 5)
    sizes = tree_objects._Sizes()
    sizes.of(str(broken.deep_tree(git, 20)), tree_objects.read_from(git))
    assert len(sizes._known) == 5
