"""The weights of a BERT or an XLM-R, as the Hugging Face library writes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from etabli.engine.encoders.errors import (
    BadEncoderWeightsError,
    NoEncoderFilesError,
    UnknownEncoderKindError,
)

FloatArray = NDArray[np.float32]
FIRST_POSITION = {"bert": 0, "xlm-roberta": 2}
"""By kind: an XLM-R numbers its tokens from its padding's number, 1, plus one."""
NEEDED = ("config.json", "model.safetensors", "tokenizer.json")
PREFIXES = ("", "bert.", "roberta.")


@dataclass(frozen=True)
class Shape:
    kind: str
    width: int
    layers: int
    heads: int
    epsilon: float
    longest: int
    """Of a text, in tokens."""
    pooling: str
    """`mean` of the tokens, or `cls`: the first one."""

    @property
    def first_position(self) -> int:
        return FIRST_POSITION[self.kind]


def read_shape(folder: Path) -> Shape:
    """
    Raises:
        NoEncoderFilesError, UnknownEncoderKindError, BadEncoderWeightsError
    """
    for name in NEEDED:
        if not (folder / name).is_file():
            raise NoEncoderFilesError(name)
    config = _read_json(folder / "config.json")
    kind = str(config.get("model_type"))
    is_plain = (
        config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
    )
    if kind not in FIRST_POSITION or not is_plain:
        raise UnknownEncoderKindError(kind)
    try:
        positions = int(config["max_position_embeddings"]) - FIRST_POSITION[kind]
        return Shape(
            kind=kind,
            width=int(config["hidden_size"]),
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            epsilon=float(config["layer_norm_eps"]),
            longest=positions,
            pooling=_pooling(folder),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadEncoderWeightsError from error


def read_weights(folder: Path) -> Mapping[str, FloatArray]:
    """By the names of a bare model.

    Raises:
        BadEncoderWeightsError: they cannot be read.
    """
    try:
        found = load_file(folder / "model.safetensors")
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise BadEncoderWeightsError from error
    key = "embeddings.word_embeddings.weight"
    prefix = next((one for one in PREFIXES if one + key in found), None)
    if prefix is None:
        raise BadEncoderWeightsError
    return {
        name.removeprefix(prefix): array.astype(np.float32)
        for name, array in found.items()
        if name.startswith(prefix) and array.dtype.kind == "f"
    }


def _pooling(folder: Path) -> str:
    path = folder / "1_Pooling" / "config.json"
    said = _read_json(path) if path.is_file() else {}
    return "cls" if said.get("pooling_mode_cls_token") else "mean"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadEncoderWeightsError from error
    if not isinstance(content, dict):
        raise BadEncoderWeightsError
    return content
