"""`python -m etabli.engine.encoders SOURCE OUT`: from a folder of weights to one of an encoder.

OUT receives `model_int8.onnx`, `tokenizer.json` and `config.json`. The exit status: 0 done, 2 the
files are at fault (`error.json` in OUT says how), 1 our fault.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from etabli.engine.encoders.graph import build
from etabli.engine.encoders.weights import Shape, read_shape, read_weights
from etabli.foundation.errors import EtabliError

EXIT_INVALID = 2
MODEL_TYPE = "etabli-encoder"
LONGEST_TOKENS = 128
"""What is read of a text: this encoder was taught no more, and time grows with it."""


def convert(source: Path, out: Path) -> None:
    """
    Raises:
        NoEncoderFilesError, UnknownEncoderKindError, BadEncoderWeightsError
    """
    shape = read_shape(source)
    graph = build(shape, read_weights(source)).SerializeToString(deterministic=True)
    (out / "model_int8.onnx").write_bytes(graph)
    shutil.copyfile(source / "tokenizer.json", out / "tokenizer.json")
    config = _config(shape, source, hashlib.sha256(graph).hexdigest())
    (out / "config.json").write_text(json.dumps(config, indent=1), "utf-8")


def _config(shape: Shape, source: Path, graph_sha256: str) -> dict[str, object]:
    return {
        "architectures": ["EtabliEncoder"],
        "model_type": MODEL_TYPE,
        "format_version": 1,
        "family": shape.kind,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "pooling": shape.pooling,
        "most_tokens": min(LONGEST_TOKENS, shape.longest),
        "onnx_sha256": graph_sha256,
        "source_sha256": {
            name: _sha256(source / name) for name in ("model.safetensors", "tokenizer.json")
        },
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        convert(source, out)
    except EtabliError as error:
        said = error.text.as_json()
        (out / "error.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        return EXIT_INVALID
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
