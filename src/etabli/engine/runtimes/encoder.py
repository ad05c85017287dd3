"""From texts to vectors of length one, by an encoder that this house wrote: see `engine.encoders`.

Imported only where an encoder is used: it alone needs onnxruntime and tokenizers.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from etabli.engine.runtimes.errors import MalformedModelError, ModelFolderNotFoundError
from etabli.foundation.i18n.messages import msg

FloatArray = NDArray[np.float32]


class Encoder:
    """One text at a time, so that a vector never depends on who else asked."""

    def __init__(self, folder: Path, expected_sha256: str | None = None) -> None:
        """
        Raises:
            ModelFolderNotFoundError: there is none.
            MalformedModelError: it is not the one expected, or cannot be read.
        """
        try:
            graph = (folder / "model_int8.onnx").read_bytes()
            config = json.loads((folder / "config.json").read_text("utf-8"))
            self.sha256 = hashlib.sha256(graph).hexdigest()
            if self.sha256 != (expected_sha256 or config["onnx_sha256"]):
                raise MalformedModelError(
                    str(folder), msg("its graph is not the one that its configuration names.")
                )
            self._tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(config["most_tokens"]))
            self.width = int(config["hidden_size"])
        except FileNotFoundError as error:
            raise ModelFolderNotFoundError(str(folder)) from error
        except (ValueError, KeyError, TypeError) as error:
            problem = msg("one of its files cannot be read.")
            raise MalformedModelError(str(folder), problem) from error
        self._session = onnxruntime.InferenceSession(graph, _options(), ["CPUExecutionProvider"])

    def encode(self, text: str) -> FloatArray:
        """Shape (width,)."""
        return self.encode_counted(text)[0]

    def encode_counted(self, text: str) -> tuple[FloatArray, int]:
        """Its vector, of shape (width,), and how many tokens were read: what is longer is cut."""
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: FloatArray = self._session.run(None, feed)[0][0]
        return vector, ids.shape[1]

    def encode_all(self, texts: Sequence[str], advance: Callable[[], None]) -> FloatArray:
        """Shape (texts, width); `advance` is called once a text."""
        vectors = np.zeros((len(texts), self.width), np.float32)
        for at, text in enumerate(texts):
            vectors[at] = self.encode(text)
            advance()
        return vectors


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
