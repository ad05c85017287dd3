"""An encoder as an int8 graph for ONNX Runtime, written node by node: no torch, one second.

Weights are int8 with one scale a column, the table of words int8 with one scale a row; what flows
between is quantised as it comes. Query, key and value are one product. The result is the mean of
the tokens (or the first one), of length one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from etabli.engine.encoders.errors import BadEncoderWeightsError
from etabli.engine.encoders.weights import FloatArray, Shape

OPSET, IR_VERSION = 17, 9
MIDDLE = 128
RUNTIME_S = "com.microsoft"
"""The domain of the operators that ONNX Runtime adds."""
IDS, MASK, OUTPUT = "input_ids", "attention_mask", "sentence_embedding"


def build(shape: Shape, weights: Mapping[str, FloatArray]) -> ModelProto:
    """
    Raises:
        BadEncoderWeightsError: a weight is missing, or of another shape.
    """
    try:
        return _Graph(shape, weights).model()
    except (KeyError, ValueError) as error:
        raise BadEncoderWeightsError from error


class _Graph:
    def __init__(self, shape: Shape, weights: Mapping[str, FloatArray]) -> None:
        self._shape = shape
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> ModelProto:
        hidden = self._embeddings()
        mask = self._node("Cast", [MASK], to=TensorProto.INT32)
        for layer in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, mask)
        self._pool(hidden)
        ids = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in (IDS, MASK)
        ]
        width = self._shape.width
        result = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", width])
        graph = helper.make_graph(self._nodes, "encoder", ids, [result], self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME_S, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)

    def _embeddings(self) -> str:
        table, scales = quantised(self._weights["embeddings.word_embeddings.weight"], axis=1)
        rows = self._node("Gather", [self._constant("words", table), IDS])
        row_scales = self._node("Gather", [self._constant("word_scales", scales), IDS])
        words = self._node("Mul", [self._node("Cast", [rows], to=TensorProto.FLOAT), row_scales])
        # Every text is of the first kind of two: its row is added once and for all.
        places = self._weights["embeddings.position_embeddings.weight"]
        kinds = self._weights["embeddings.token_type_embeddings.weight"]
        first = self._shape.first_position
        table = (places[first:] + kinds[0]).astype(np.float32)
        zero, one = (self._constant(f"just_{n}", np.array([n], np.int64)) for n in (0, 1))
        length = self._node("Gather", [self._node("Shape", [IDS]), one])
        where = self._node("Slice", [self._constant("positions", table), zero, length, zero])
        return self._node(
            "LayerNormalization",
            [self._node("Add", [words, where]), *self._norm("embeddings.LayerNorm")],
            axis=-1,
            epsilon=self._shape.epsilon,
        )

    def _layer(self, name: str, hidden: str, mask: str) -> str:
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        merged = self._product(f"{name}.qkv", hidden, parts)
        third = self._constant(f"{name}.thirds", np.full(3, self._shape.width, np.int64))
        outputs = [f"{name}.{part}" for part in "qkv"]
        self._nodes.append(helper.make_node("Split", [merged, third], outputs, axis=-1))
        heads = self._node(
            "MultiHeadAttention",
            [*outputs, "", mask],
            domain=RUNTIME_S,
            num_heads=self._shape.heads,
        )
        attended = self._product(f"{name}.mixed", heads, [f"{name}.attention.output.dense"])
        hidden = self._added(hidden, attended, f"{name}.attention.output.LayerNorm")
        wide = self._product(f"{name}.wide", hidden, [f"{name}.intermediate.dense"])
        active = self._node("Gelu", [wide], domain=RUNTIME_S)
        narrow = self._product(f"{name}.narrow", active, [f"{name}.output.dense"])
        return self._added(hidden, narrow, f"{name}.output.LayerNorm")

    def _pool(self, hidden: str) -> None:
        if self._shape.pooling == "cls":
            at = self._constant("first", np.array(0, np.int64))
            pooled = self._node("Gather", [hidden, at], axis=1)
        else:
            seen = self._node("Cast", [MASK], to=TensorProto.FLOAT)
            last = self._constant("last", np.array([2], np.int64))
            seen = self._node("Unsqueeze", [seen, last])
            tokens = self._constant("tokens", np.array([1], np.int64))
            total = self._node("ReduceSum", [self._node("Mul", [hidden, seen]), tokens], keepdims=0)
            # The length is divided away below, so that the number of tokens need not be.
            pooled = total
        node = helper.make_node("LpNormalization", [pooled], [OUTPUT], axis=-1, p=2)
        self._nodes.append(node)

    def _product(self, name: str, hidden: str, parts: Sequence[str]) -> str:
        """`hidden` by the weights of one part, or of several side by side."""
        weight = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        small, scales = quantised(weight, axis=0)
        # Unsigned, around 128: processors without VNNI cut sums of signed products off, silently.
        unsigned = (small.astype(np.int16) + MIDDLE).astype(np.uint8)
        middles = np.full(unsigned.shape[1], MIDDLE, np.uint8)
        return self._node(
            "DynamicQuantizeMatMul",
            [
                hidden,
                self._constant(f"{name}.weight", unsigned),
                self._constant(f"{name}.scales", scales[0]),
                self._constant(f"{name}.middles", middles),
                self._constant(f"{name}.bias", bias.astype(np.float32)),
            ],
            domain=RUNTIME_S,
        )

    def _added(self, hidden: str, more: str, norm: str) -> str:
        return self._node(
            "SkipLayerNormalization",
            [hidden, more, *self._norm(norm)],
            domain=RUNTIME_S,
            epsilon=self._shape.epsilon,
        )

    def _norm(self, name: str) -> list[str]:
        return [
            self._constant(f"{name}.{part}", self._weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]

    def _node(self, kind: str, inputs: Sequence[str], domain: str = "", **settings: Any) -> str:
        output = f"node_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **settings))
        return output

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def quantised(weights: FloatArray, axis: int) -> tuple[NDArray[np.int8], FloatArray]:
    """int8, and the scales that give it back; the largest along `axis` becomes 127."""
    largest = np.abs(weights).max(axis=axis, keepdims=True)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.round(weights / scales).astype(np.int8), scales
