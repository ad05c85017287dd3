"""Many small packs made into one: each commit and each push leaves a pack, and readers open all.

Nothing is lost by it: whatever a pack holds goes along, shown by a ref or not, since it may belong
to a draft that is about to land.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dulwich.object_format import SHA1
from dulwich.pack import load_pack_index

from etabli.features.git.command import lacked_room, run_git
from etabli.features.git.errors import RepackFailedError
from etabli.features.git.packs import pack_folder
from etabli.features.git.quarantine import Quarantine
from etabli.foundation.durable_files import DiskFullError

MAX_PACKS = 50
MAX_CPU_S = 3600
FACTOR = 2
"""A pack that stays is at least so many times as large as all the smaller ones together: so each
byte is written again no more often than the repository doubles."""

_SETTINGS = (
    "core.bigFileThreshold=4m",  # what is larger is copied, and no difference sought
    "pack.windowMemory=64m",
    "pack.deltaCacheSize=64m",
    "pack.writeReverseIndex=false",
)


@dataclass(frozen=True)
class Pack:
    name: str
    size_bytes: int


def packs_of(repo: Path) -> list[Pack]:
    """Those that git sees, the smallest first; without those that somebody asked git to keep."""
    found = []
    for index in pack_folder(repo).glob("pack-*.idx"):
        pack = index.with_suffix(".pack")
        if pack.exists() and not index.with_suffix(".keep").exists():
            found.append(Pack(index.stem, pack.stat().st_size))
    return sorted(found, key=lambda pack: (pack.size_bytes, pack.name))


def to_merge(packs: Sequence[Pack]) -> Sequence[Pack]:
    """Of packs in the order of their size, the small ones that should be one.

    Source: `split_pack_geometry` in git's builtin/repack.c.
    """
    place = len(packs) - 1
    while place > 0 and packs[place].size_bytes >= FACTOR * packs[place - 1].size_bytes:
        place -= 1
    count = place + 1 if place > 0 else 0
    total_bytes = sum(pack.size_bytes for pack in packs[:count])
    while count < len(packs) and count > 0 and packs[count].size_bytes < FACTOR * total_bytes:
        total_bytes += packs[count].size_bytes
        count += 1
    return packs[:count]


def merge(packs: Sequence[Pack], arriving: Quarantine) -> Sequence[str]:
    """Put all objects of these packs in one more, by way of an empty quarantine.

    Returns: the names of those that are needed no more.

    Raises:
        DiskFullError: there is no room, or there would be too little left.
        RepackFailedError: git could not do it. Nothing was changed.
    """
    folder = pack_folder(arriving.repo)
    if shutil.disk_usage(folder).free < 2 * sum(pack.size_bytes for pack in packs):
        raise DiskFullError
    names = "".join(f"{pack.name}.pack\n" for pack in packs).encode()
    base = str(pack_folder(arriving.folder) / "pack")
    done = run_git(
        arriving.folder,
        ("pack-objects", "--stdin-packs", "--delta-base-offset", "-q", base),
        names,
        most_cpu_s=MAX_CPU_S,
        settings=_SETTINGS,
        last=True,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise DiskFullError if lacked_room(said) else RepackFailedError(arriving.repo.stem, said)
    (index,) = arriving.packs()
    require_all(index, folder, packs)
    arriving.publish()
    return [pack.name for pack in packs if pack.name != index.stem]


def require_all(index: Path, folder: Path, packs: Sequence[Pack]) -> None:
    """
    Raises:
        RepackFailedError: an object was left behind.
    """
    merged = load_pack_index(index, SHA1)
    try:
        for pack in packs:
            part = load_pack_index(folder / f"{pack.name}.idx", SHA1)
            try:
                for sha, _offset, _crc in part.iterentries():
                    merged.object_offset(sha)
            except KeyError as error:
                raise RepackFailedError(folder.parts[-3], f"{error} left behind") from error
            finally:
                part.close()
    finally:
        merged.close()
