"""Programs for the cards: a published model read and asked without Établi.

Each is the whole format of a kind of model, in code that anyone may keep. The tests run what the
cards hold, with Établi out of reach, and compare its answers with the hub's.
"""

from collections.abc import Mapping
from typing import Any

_TABLE = '''\
# pip install numpy safetensors{more}
# In a folder with the files of this model: {download}
import json
import math
import re
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
from safetensors.numpy import load_file


def read(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


own, config, vocabulary = read("etabli.json"), read("config.json"), read("vocab.json")
labels = [config["id2label"][str(at)] for at in range(config["num_labels"])]
weights = load_file("model.safetensors")
idf = weights["idf"]
word_rows = {{term: at for at, term in enumerate(vocabulary["words"])}}
letter_rows = {{term: at for at, term in enumerate(vocabulary["characters"], len(word_rows))}}
WORD = re.compile(r"\\w+")


def words(text):
    """Single words, neighbours, and unordered pairs of the first forty."""
    found = WORD.findall(text.lower())
    pairs = [
        "&".join(sorted((one, other)))
        for at, one in enumerate(found[:40])
        for other in found[at + 1 : 40]
        if one != other
    ]
    return found + [f"{{one}} {{other}}" for one, other in pairwise(found)] + pairs


def letters(text):
    """Two to five of them, within a word that has a space at both ends."""
    for word in text.lower().split():
        padded = f" {{word}} "
        for size in range(2, 6):
            if size >= len(padded):
                yield padded
                break
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


def margins(text, head, intercept):
    total = intercept.astype(np.float32)
    word_weight = own["preprocessing"]["word_block_weight"]
    blocks = ((words, word_rows, word_weight), (letters, letter_rows, 1))
    for terms, rows, weight in blocks:
        held = {{
            rows[term]: float(idf[rows[term]]) * (1 + math.log(count))
            for term, count in Counter(terms(text)).items()
            if term in rows
        }}
        length = math.sqrt(sum(value * value for value in held.values())) or 1
        for row, value in held.items():
            total = total + weight * value / length * head[row].astype(np.float32)
    return total


def familiarity(text):
    """How many of its words were learned, rare ones counting most."""
    known = unknown = 0.0
    for word in set(WORD.findall(text.lower())):
        if word in word_rows:
            known += float(idf[word_rows[word]]) ** 2
        else:
            unknown += float(idf.max()) ** 2
    return min(known / (known + unknown) / 0.5, 1.0) if known else 0.0


{decides}'''

_ONE_LABEL = """\
def decide(found, likeness, settings):
    scaled = found / settings["temperature"]
    odds = np.exp(scaled - scaled.max())
    shrinkage = settings["shrinkage"]
    probabilities = (1 - shrinkage) * odds / odds.sum() + shrinkage / len(labels)
    limits = settings["thresholds"]
    best = int(probabilities.argmax())
    if float(found.max()) + limits["familiarity_weight"] * likeness < limits["outside_margin"]:
        decision = "outside"
    elif probabilities[best] >= limits["answer_probability"]:
        decision = "answer"
    else:
        likely = int((probabilities >= limits["conformal_probability"]).sum())
        decision = "clarify" if likely <= 3 else "human"
    return decision, labels[best], float(probabilities[best])


def first(text):
    found = margins(text, weights["head"], weights["intercept"])
    return decide(found, familiarity(text), own)


{second}
for text in sys.argv[1:]:
    decision, label, probability = ask(text)
    reply = own["answers"].get(label) if decision == "answer" else None
    said = {{"decision": decision, "label": label, "probability": probability, "reply": reply}}
    print(json.dumps(said, ensure_ascii=False))
"""

_INSTANT = "ask = first\n"

_SEVERAL_LABELS = """\
rules = own["multilabel"]
least = np.array(rules["label_thresholds"], np.float32)


def logistic(number):
    return 1 / (1 + np.exp(-np.clip(number, -30, 30)))


def ask(text):
    found = margins(text, weights["head"], weights["intercept"])
    alone = logistic(found / own["temperature"] + rules["bias"])
    probabilities = (1 - own["shrinkage"]) * alone + own["shrinkage"] / 2
    says = probabilities >= least
    if not rules["says_none"] and not says.any():
        ahead = probabilities - least
        says = ahead == ahead.max()
    sure = np.log(np.clip(np.where(says, probabilities, 1 - probabilities), 1e-6, 1)).sum()
    certainty = logistic(rules["certainty_slope"] * sure + rules["certainty_intercept"])
    limits = own["thresholds"]
    likeness = float(found.max()) + limits["familiarity_weight"] * familiarity(text)
    decision = "answer" if certainty >= limits["answer_probability"] else "human"
    if likeness < limits["outside_margin"]:
        decision = "outside"
    order = np.lexsort((-probabilities, ~says))[: int(says.sum())]
    said = {labels[at]: float(probabilities[at]) for at in order}
    return {"decision": decision, "labels": said, "certainty": float(certainty)}


for text in sys.argv[1:]:
    print(json.dumps(ask(text), ensure_ascii=False))
"""

_SMALL = """
# What the first classifier is not sure of, a second one sees with the meaning of the text: by the
# encoder {encoder} at the commit
# {commit}, in a folder "encoder".
import onnxruntime
from tokenizers import Tokenizer

small, tensors, encoder = own["small"], load_file("small.safetensors"), read("encoder/config.json")
tokenizer = Tokenizer.from_file("encoder/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(encoder["most_tokens"])
session = onnxruntime.InferenceSession(
    "encoder/model_int8.onnx", providers=["CPUExecutionProvider"]
)


def ask(text):
    quick = first(text)
    sure = max(small["cascade_probability"], small["thresholds"]["answer_probability"])
    if quick[0] == "answer" and quick[2] >= sure:
        return quick
    ids = np.array([tokenizer.encode(text).ids], np.int64)
    vector = session.run(None, {{"input_ids": ids, "attention_mask": np.ones_like(ids)}})[0][0]
    found = margins(text, tensors["head"], tensors["intercept"]) + vector @ tensors["dense"]
    return decide(found, float((tensors["centres"] @ vector).max()), small)

"""


def of_table(full_name: str, encoder: Mapping[str, Any] | None) -> str:
    """For a classifier of texts; `encoder`: what it stands on, as its `etabli.json` names it."""
    more = " onnxruntime tokenizers" if encoder else ""
    second = _INSTANT
    if encoder:
        second = _SMALL.format(encoder=encoder["repo"], commit=encoder["commit"])
    decides = _ONE_LABEL.format(second=second)
    return _TABLE.format(more=more, download=download_of(full_name), decides=decides)


def of_several_labels(full_name: str) -> str:
    """For a model that says every label that fits."""
    return _TABLE.format(more="", download=download_of(full_name), decides=_SEVERAL_LABELS)


def download_of(full_name: str) -> str:
    return f"hf download {full_name} --local-dir ."
