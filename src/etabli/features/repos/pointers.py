"""Large files in git: a pointer of a few lines stands for bytes that lie in blobs.

Source: git-lfs, docs/spec.md. Which files are large, the repository's `.gitattributes` says.
"""

import re
from dataclasses import dataclass

from etabli.foundation.globs import Glob

ATTRIBUTES = ".gitattributes"

LARGE_FROM_BYTES = 10_000_000
"""What is larger than this has a pointer, whatever its name. Hugging Face's hub does the same."""

LONGEST_POINTER = 1024
"""A file of this size or more is never one. Source: the specification."""

_SHORTEST_POINTER = 120
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-\d-[^\n]+\n)*"
    rb"oid sha256:([0-9a-f]{64})\nsize (0|[1-9]\d{0,18})\n"
)

_LARGE = """*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model
*.msgpack *.npy *.npz *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors
saved_model/**/* *.tar.* *.tar *.tflite *.tgz *.wasm *.xz *.zip *.zst *tfevents*"""
_LARGE_IN_DATASETS = """*.lz4 *.mds *.pcm *.sam *.raw *.aac *.flac *.mp3 *.ogg *.wav *.bmp *.gif
*.png *.tiff *.jpg *.jpeg *.webp *.mp4 *.webm"""


def initial_attributes(*, for_dataset: bool) -> str:
    """The first `.gitattributes`: the formats that people publish are large, and never text."""
    patterns = [*_LARGE.split(), *(_LARGE_IN_DATASETS.split() if for_dataset else ())]
    return "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns)


@dataclass(frozen=True)
class Pointer:
    sha256: str
    size_bytes: int

    @property
    def content(self) -> bytes:
        """As git keeps it. An empty file stands for itself."""
        if not self.size_bytes:
            return b""
        return (
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{self.sha256}\nsize {self.size_bytes}\n"
        ).encode()


def may_be_pointer(size_bytes: int) -> bool:
    return _SHORTEST_POINTER <= size_bytes < LONGEST_POINTER


def read_pointer(content: bytes) -> Pointer | None:
    """The pointer that these bytes are, or None: they are a file like others."""
    found = _POINTER.fullmatch(content) if may_be_pointer(len(content)) else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


class Attributes:
    """What a `.gitattributes` says of which files are large. Later lines count for more."""

    LONGEST = 64 * 1024

    def __init__(self, text: str) -> None:
        self._rules = [rule for line in text[: self.LONGEST].splitlines() for rule in _rule(line)]

    def is_large(self, path: str, size_bytes: int) -> bool:
        """Whether a file goes to blobs. An empty one never does: there is nothing to keep."""
        return size_bytes > LARGE_FROM_BYTES or (size_bytes > 0 and self._names_large(path))

    def _names_large(self, path: str) -> bool:
        segments = path.split("/")
        for glob, is_large in reversed(self._rules):
            if glob.matches(segments):
                return is_large
        return False


def _rule(line: str) -> list[tuple[Glob, bool]]:
    pattern, *attributes = line.split() or [""]
    if not pattern or pattern.startswith(("#", "!", "[attr]")):
        return []
    said = [a for a in attributes if a.lstrip("-!").partition("=")[0] == "filter"]
    return [(Glob(pattern.strip('"')), said[-1] == "filter=lfs")] if said else []
