"""Whether the repositories on disk are what the database says, and the buckets what they show."""

import os
import subprocess
import time
from collections.abc import Iterator

import pygit2
import typer

from etabli.cli.gc import report_bytes
from etabli.cli.terminal import FAILED, DataDir, open_site, settings_of, tell, warn
from etabli.features.git import BrokenRepoError, damage_named
from etabli.features.repos import Repo
from etabli.foundation.i18n.messages import Message, msg
from etabli.site import Site

MAX_FILES_NAMED = 100
A_MOMENT_S = 0.3
"""A running hub moves a ref in the database first, and on disk a moment later."""


def fsck(data_dir: DataDir = None) -> None:
    """Read and hash every object of every repository, and all stored bytes, again."""
    site = open_site(settings_of(data_dir))
    count_of_faults = 0
    for fault in faults(site, thorough=True):
        warn(fault)
        count_of_faults += 1
    count_of_faults += report_bytes(site)
    with site.read_hub() as hub:
        count = len(hub.repos.keys())
    site.close()
    if count_of_faults:
        raise typer.Exit(FAILED)
    tell(msg("Repositories checked: {count}. All is whole, large files included.", count=count))


def faults(site: Site, *, thorough: bool) -> Iterator[Message]:
    """What is wrong, a sentence each. `thorough`: read every object, and hash it again."""
    if thorough:
        yield from _faults_of_buckets(site)
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    for key in keys:
        with site.read_hub() as hub:
            repo = hub.repos.by_key(key)
        if repo is not None:
            yield from _faults_or_damage(site, repo, thorough)


def _faults_of_buckets(site: Site) -> Iterator[Message]:
    with site.read_hub() as hub:
        for key, path in hub.buckets.without_bytes(MAX_FILES_NAMED):
            bucket = hub.buckets.by_key(key)
            if bucket is not None:  # else the rows of a deleted one are about to go
                yield msg(
                    "In the bucket {bucket}, the content of {path} is not here. Send the file "
                    "again, or delete it there.",
                    bucket=bucket.full_name,
                    path=path,
                )


def _faults_or_damage(site: Site, repo: Repo, thorough: bool) -> Iterator[Message]:
    """The other repositories are looked at, whatever one is."""
    try:
        yield from _faults_of(site, repo, thorough)
    except BrokenRepoError as error:
        yield msg("{repo} cannot be looked at: {reason}", repo=repo.full_name, reason=error.reason)


def _faults_of(site: Site, repo: Repo, thorough: bool) -> Iterator[Message]:
    path = site.backends.git.path(repo.key)
    if not (path / "objects").is_dir():
        yield msg(
            "{repo} has no folder on disk ({path}). Restore it from a backup, or delete it.",
            repo=repo.full_name,
            path=path,
        )
        return
    lost = [sha for sha in _refs(site, repo).values() if not _has(site, repo, sha)]
    for sha in lost:
        yield msg(
            "{repo} lacks the commit {sha}. Restore it from a backup.",
            repo=repo.full_name,
            sha=sha,
        )
    if not lost and _differ(site, repo):
        time.sleep(A_MOMENT_S)
        if _differ(site, repo):
            yield msg(
                "The branches of {repo} on disk are behind the database. "
                "Start the hub again: it puts them right.",
                repo=repo.full_name,
            )
    if thorough:
        with site.backends.git.packs_stay(repo.key):
            said = _git_fsck(str(path))
        if said:
            yield msg("Git finds a fault in {repo}: {said}", repo=repo.full_name, said=said)


def _refs(site: Site, repo: Repo) -> dict[str, str]:
    with site.read_hub() as hub:
        return {ref.name: ref.git_sha for ref in hub.repos.refs(repo)}


def _has(site: Site, repo: Repo, sha: str) -> bool:
    with damage_named():
        found = site.backends.git.open(repo.key).get(sha)
    return isinstance(found, pygit2.Commit | pygit2.Tag)


def _differ(site: Site, repo: Repo) -> bool:
    with damage_named():
        on_disk = site.backends.git.open(repo.key).references
        targets = {name: str(on_disk[name].target) for name in on_disk}
    return targets != _refs(site, repo)


def _git_fsck(path: str) -> str:
    """Git's own check, which hashes every object again. Empty when all is well."""
    checked = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", path, "fsck", "--full", "--no-dangling"],
        env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if checked.returncode == 0 else checked.stderr.strip() or checked.stdout.strip()
