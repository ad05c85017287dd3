"""From the weights of a BERT to vectors, beside the same in plain numpy."""

import json
import math

import numpy as np
import pytest
from safetensors.numpy import load_file

from etabli.engine.encoders.__main__ import convert
from etabli.engine.encoders.errors import (
    BadEncoderWeightsError,
    NoEncoderFilesError,
    UnknownEncoderKindError,
)
from etabli.engine.runtimes.encoder import Encoder
from etabli.engine.runtimes.errors import MalformedModelError
from tests.engine.tiny_encoder import HEADS, LAYERS, WIDTH, write_weights


def converted(tmp_path, kind="bert"):
    out = tmp_path / "out"
    out.mkdir(parents=True)
    convert(write_weights(tmp_path / "source", kind), out)
    return out


def norm(x, weights, name):
    spread = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    return spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def by_hand(weights, ids, first_position):
    """The vector of one text, as the papers write it (Devlin et al. 2018)."""

    def dense(x, name):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    places = weights["embeddings.position_embeddings.weight"]
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + places[first_position : first_position + len(ids)]
    x = norm(
        x + weights["embeddings.token_type_embeddings.weight"][0], weights, "embeddings.LayerNorm"
    )
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        q, k, v = (
            dense(x, f"{name}.attention.self.{part}").reshape(len(ids), HEADS, -1)
            for part in ("query", "key", "value")
        )
        scores = np.einsum("qhd,khd->hqk", q, k) / math.sqrt(WIDTH / HEADS)
        shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        mixed = np.einsum("hqk,khd->qhd", shares, v).reshape(len(ids), WIDTH)
        mixed = dense(mixed, f"{name}.attention.output.dense")
        x = norm(x + mixed, weights, f"{name}.attention.output.LayerNorm")
        wide = dense(x, f"{name}.intermediate.dense")
        erf = np.array([[math.erf(one / math.sqrt(2)) for one in row] for row in wide])
        x = norm(
            x + dense(wide * (1 + erf) / 2, f"{name}.output.dense"),
            weights,
            f"{name}.output.LayerNorm",
        )
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize(("kind", "first_position"), [("bert", 0), ("xlm-roberta", 2)])
def test_the_vector_is_that_of_the_books(tmp_path, kind, first_position):
    encoder = Encoder(converted(tmp_path, kind))
    weights = load_file(tmp_path / "source" / "model.safetensors")
    for text in ("my card is lost", "what is the weather", ""):
        ids = encoder._tokenizer.encode(text).ids
        expected = by_hand(weights, ids, first_position)
        vector = encoder.encode(text)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
        assert vector @ expected > 0.999  # what int8 costs


def test_a_long_text_is_read_as_far_as_there_are_places(tmp_path):
    assert Encoder(converted(tmp_path)).encode("card " * 500).shape == (WIDTH,)


def test_the_same_weights_give_the_same_graph(tmp_path):
    first, second = converted(tmp_path / "a"), converted(tmp_path / "b")
    name = "model_int8.onnx"
    assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
def test_what_is_missing_is_named(tmp_path, file):
    source = write_weights(tmp_path / "source")
    (source / file).unlink()
    with pytest.raises(NoEncoderFilesError, match=file):
        convert(source, tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "distilbert"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
    ],
)
def test_another_family_is_refused(tmp_path, config):
    with pytest.raises(UnknownEncoderKindError, match="is not read here"):
        convert(write_weights(tmp_path / "source", **config), tmp_path)


def test_weights_of_another_model_are_refused(tmp_path):
    source = write_weights(tmp_path / "source", num_hidden_layers=3)
    with pytest.raises(BadEncoderWeightsError):
        convert(source, tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x08\x00" * 40])
def test_damaged_weights_are_refused(tmp_path, content):
    source = write_weights(tmp_path / "source")
    (source / "model.safetensors").write_bytes(content)
    with pytest.raises(BadEncoderWeightsError):
        convert(source, tmp_path)


def test_another_graph_than_the_one_named_is_refused(tmp_path):
    folder = converted(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"onnx_sha256": "0" * 64}))
    with pytest.raises(MalformedModelError):
        Encoder(folder)
