"""Large files in git: a pointer of a few lines stands for bytes that lie in blobs.

Source: git-lfs, docs/spec.md. Which files are large, the repository's `.gitattributes` says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from etabli.foundation.errors import LimitError
from etabli.foundation.globs import Glob, Work
from etabli.foundation.i18n.messages import msg

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


class LongAttributesError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The .gitattributes of this revision is over {limit_kb} kB. Make it shorter.",
                limit_kb="64",
            )
        )


class Attributes:
    """What a `.gitattributes` says of which files are large. Later lines count for more.

    Only the one at the root is looked at. Source: gitattributes(5), git's attr.c.
    """

    MAX_BYTES = 64 * 1024

    def __init__(self, content: bytes | None) -> None:
        """
        Args:
            content: None: it is over the limit, and nothing is known of any file but itself.
        """
        self._is_unread = content is None
        self._rules: list[tuple[Glob, Sequence[_Said]]] = []
        self._macros: dict[bytes, Sequence[_Said]] = {b"binary": _BINARY}
        for line in (content or b"").removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            self._read(line.partition(b"\0")[0])
        self._rules.reverse()
        self._work = Work()

    def is_large(self, path: str, size_bytes: int) -> bool:
        """Whether a file goes to blobs. An empty one never does: there is nothing to keep.

        Raises:
            LongAttributesError: it is over the limit.
            TooManyMatchesError: the patterns are too many for all the paths asked so far.
        """
        if self._is_unread and path != ATTRIBUTES:
            raise LongAttributesError
        return size_bytes > LARGE_FROM_BYTES or (size_bytes > 0 and self._names_large(path))

    def _names_large(self, path: str) -> bool:
        name = path.encode("utf-8", "surrogatepass")
        known: dict[bytes, bytes] = {}
        for glob, said in self._rules:
            if glob.matches(name, self._work):
                self._learn(said, known)
                if _FILTER in known:
                    break
        return known.get(_FILTER) == b"lfs"

    def _learn(self, said: Sequence["_Said"], known: dict[bytes, bytes]) -> None:
        """What is said later, or on a line below, was known before and stays."""
        waiting = list(said)
        while waiting:
            attribute, value = waiting.pop()
            if attribute not in known:
                known[attribute] = value
                if value == _SET:
                    waiting += self._macros.get(attribute, ())

    def _read(self, line: bytes) -> None:
        line = line.strip(b" \t\r")
        if not line or line.startswith(b"#") or len(line) >= _LONGEST_LINE_BYTES:
            return
        pattern, rest = _pattern_and_rest(line)
        said = _said(rest)
        if said is None:
            return
        if pattern.startswith(b"[attr]"):
            self._macros[pattern.removeprefix(b"[attr]")] = said
        elif said and not pattern.startswith(b"!") and not pattern.endswith(b"/"):
            self._rules.append((Glob(pattern), said))


_Said = tuple[bytes, bytes]
"""An attribute and its value."""

_FILTER, _SET, _UNSET, _UNSPECIFIED = b"filter", b"\0set", b"\0unset", b"\0unspecified"
_SIGNS = {b"-": _UNSET, b"!": _UNSPECIFIED}
_BINARY: Sequence[_Said] = [(b"diff", _UNSET), (b"merge", _UNSET), (b"text", _UNSET)]
_LONGEST_LINE_BYTES = 2048
"""Git ignores one of this length or more. Source: ATTR_MAX_LINE_LENGTH."""
_NAME = re.compile(rb"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\(?:[abfnrtv"\\]|[0-3][0-7]{2}))*)"')
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)")
_CONTROLS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


def _pattern_and_rest(line: bytes) -> tuple[bytes, bytes]:
    quoted = _QUOTED.match(line)
    if quoted is None:
        pattern, *rest = re.split(rb"[ \t\r]+", line, maxsplit=1)
        return pattern, b"".join(rest)
    return _ESCAPED.sub(_plain, quoted[1]), line[quoted.end() :]


def _plain(escaped: re.Match[bytes]) -> bytes:
    """Source: `unquote_c_style` in git's quote.c."""
    one = escaped[1]
    return bytes([int(one, 8) if len(one) == 3 else _CONTROLS.get(one[0], one[0])])


def _said(rest: bytes) -> Sequence[_Said] | None:
    """The attributes of a line; None when one of them is none, and git ignores the line."""
    found: list[_Said] = []
    for word in re.split(rb"[ \t\r]+", rest.strip(b" \t\r")):
        if not word:
            continue
        name, equals, value = word.partition(b"=")
        if word[:1] in _SIGNS:
            name, value = word[1:].partition(b"=")[0], _SIGNS[word[:1]]
        elif not equals:
            value = _SET
        if not _NAME.fullmatch(name):
            return None
        found.append((name, value))
    return found
