"""Repositories as no way in makes them any more: from before the limits, or damaged on disk."""

import shutil

import pygit2

from etabli.features.repos import Repo
from etabli.operations import refs
from etabli.site import Site

_WHO = pygit2.Signature("a", "a@example.org", 1_700_000_000, 0)


def plant_tree(site: Site, repo: Repo, tree_id: pygit2.Oid, branch: str = "main") -> str:
    """Let a branch show a tree that is in the repository's folder already; the commit's SHA-1."""
    git = site.backends.git.open(repo.key)
    with site.open_hub() as hub:
        before = hub.repos.head_sha(repo, branch)
        parents = [pygit2.Oid(hex=before)] if before else []
        sha = str(git.create_commit(None, _WHO, _WHO, "planted", tree_id, parents))
        hub.repos._store.move_ref(repo.key, f"refs/heads/{branch}", before or "", sha)
    refs.derive_refs(site, repo.key)
    return sha


def deep_tree(git: pygit2.Repository, depth: int, content: bytes = b"bottom") -> pygit2.Oid:
    """A file under so many folders within each other."""
    builder = git.TreeBuilder()
    builder.insert("file.txt", git.create_blob(content), pygit2.enums.FileMode.BLOB)
    tree_id = builder.write()
    for _ in range(depth):
        builder = git.TreeBuilder()
        builder.insert("d", tree_id, pygit2.enums.FileMode.TREE)
        tree_id = builder.write()
    return tree_id


def bomb_tree(git: pygit2.Repository, levels: int) -> pygit2.Oid:
    """A few objects that are ten to the power of `levels` files."""
    builder = git.TreeBuilder()
    builder.insert("f", git.create_blob(b"boom"), pygit2.enums.FileMode.BLOB)
    tree_id = builder.write()
    for _ in range(levels):
        builder = git.TreeBuilder()
        for number in range(10):
            builder.insert(f"d{number}", tree_id, pygit2.enums.FileMode.TREE)
        tree_id = builder.write()
    return tree_id


def lose_objects(site: Site, repo: Repo) -> None:
    """All packs are gone: what a bad disk or a bad copy leaves."""
    for file in (site.backends.git.path(repo.key) / "objects" / "pack").iterdir():
        file.unlink()


def lose_folder(site: Site, repo: Repo) -> None:
    shutil.rmtree(site.backends.git.path(repo.key))


def lose_packs_folder(site: Site, repo: Repo) -> None:
    shutil.rmtree(site.backends.git.path(repo.key) / "objects" / "pack")


def garble(site: Site, repo: Repo) -> None:
    """Every pack is there, and full of rubbish."""
    for file in (site.backends.git.path(repo.key) / "objects" / "pack").glob("*.pack"):
        file.chmod(0o644)
        file.write_bytes(b"PACK" + b"\xff" * (file.stat().st_size - 4))
