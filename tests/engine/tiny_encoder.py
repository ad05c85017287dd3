"""A BERT of two layers with weights by chance: it knows nothing, and is read like a real one."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WIDTH, WIDE, LAYERS, HEADS, PLACES = 32, 64, 2, 4, 40
WORDS = [
    *("i", "my", "the", "is", "a", "card", "pin", "transfer", "lost", "late", "code", "what"),
    *("change", "cancel", "new", "weather"),
]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def write_weights(
    folder: Path, kind: str = "bert", same: Mapping[str, str] | None = None, **config: object
) -> Path:
    """`same`: words that it reads as it reads another one, which is in WORDS."""
    folder.mkdir(parents=True, exist_ok=True)
    words = SPECIAL + WORDS
    chance = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return chance.normal(0, 0.2, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": some(len(words), WIDTH),
        "embeddings.position_embeddings.weight": some(PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        sizes = {
            **{f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")},
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (WIDE, WIDTH),
            "output.dense": (WIDTH, WIDE),
        }
        for part, (out, into) in sizes.items():
            tensors[f"{name}.{part}.weight"] = some(out, into)
            tensors[f"{name}.{part}.bias"] = some(out)
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for norm in norms:
        tensors[f"{norm}.weight"] = 1 + some(WIDTH)
        tensors[f"{norm}.bias"] = some(WIDTH)
    save_file(tensors, folder / "model.safetensors")
    content = {
        "model_type": kind,
        "hidden_act": "gelu",
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": PLACES,
    }
    (folder / "config.json").write_text(json.dumps(content | config))
    places = {word: at for at, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(places, unk_token="[UNK]"))
    replaced = [normalizers.Replace(word, known) for word, known in (same or {}).items()]
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *replaced])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
