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
'''

_INSTANT = "ask = first\n"

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

_DOCUMENTS = '''\
# pip install numpy safetensors snowballstemmer
# In a folder with the files of this model: {download}
import json
import math
import re
import sys
import unicodedata

import numpy as np
import snowballstemmer
from safetensors.numpy import load_file


def read(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


own, passages, index = read("etabli.json"), read("passages.json"), load_file("index.safetensors")
rows = {{term: at for at, term in enumerate(read("vocab.json")["terms"])}}
cutting = own["preprocessing"]
silent, written_out = set(cutting["silent_words"]), cutting["written_out"]
stem = snowballstemmer.stemmer(cutting["stemmer"]).stemWord if cutting["stemmer"] else str
CUT = re.compile(r"(?<=\\w)[-\\u00ad\\u2010]\\n(?=\\w)")
END = re.compile(
    r"(?<=[.!?…])[»”\\"')\\]]*\\s+|\\n\\s*\\n|\\n(?=\\s*(?:[-*•|#>]|\\d+[.)]\\s))"
)


def plain(word):
    """Without accents."""
    parts = unicodedata.normalize("NFKD", "".join(written_out.get(one, one) for one in word))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def terms(text):
    found = (word[:40] for word in re.findall(r"[^\\W_]+", CUT.sub("", text.lower())))
    return [plain(stem(word)) for word in found if plain(word) not in silent]


def weigh(term):
    if term in rows:
        return float(index["idf"][rows[term]])
    return float(np.log1p((len(passages) + 0.5) / 0.5))


def sentences(text):
    spans, start = [], 0
    for begin, end in [*(found.span() for found in END.finditer(text)), (len(text), len(text))]:
        piece = text[start:begin]
        if piece.strip():
            at = start + len(piece) - len(piece.lstrip())
            spans.append((at, at + len(piece.strip())))
        start = end
    return spans


def quote(text, wanted):
    """The one to three sentences that hold most of the question."""
    if len(text.strip()) <= 320:
        return text.strip()
    spans = sentences(text)
    best, most = spans[0], -1.0
    for first in range(len(spans)):
        for last in range(first, min(first + 3, len(spans))):
            begin, end = spans[first][0], spans[last][1]
            if last > first and end - begin > 320:
                break
            held = {{term for a, b in spans[first : last + 1] for term in terms(text[a:b])}}
            score = sum(wanted[term] for term in held & wanted.keys()) * (1 - 0.15 * (last - first))
            if score > most:
                best, most = (begin, end), score
    return text[best[0] : best[1]]


def ask(question):
    wanted = {{term: weigh(term) for term in terms(question)}}
    scores, whole = np.zeros(len(passages), np.float32), 0.0
    for term in list(wanted)[:64]:
        whole += wanted[term]
        if term in rows:
            held = slice(*index["starts"][rows[term] : rows[term] + 2])
            scores[index["passages"][held]] += index["impacts"][held]
    scores, whole = scores / (whole or 1), whole or 1
    order = np.argsort(-scores, kind="stable")
    best = passages[order[0]]
    after = max(0.0, float(scores[order[1]])) if len(order) > 1 else 0.0
    indexed = "\\n".join((*best["headings"], best["text"]))
    had = sum(wanted[term] for term in set(terms(indexed)) & wanted.keys())
    near = sum(wanted[term] for term in set(terms(quote(indexed, wanted))) & wanted.keys())
    score = float(scores[order[0]])
    signs = (had / whole, math.log1p(had) / 3, near / whole, score, score - after)
    belief = own["belief"]
    margin = belief["bias"] + sum(w * s for w, s in zip(belief["weights"], signs))
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))
    is_sure = probability >= own["thresholds"]["answer_probability"]
    return {{
        "decision": "answer" if is_sure else "outside",
        "label": best["document"],
        "probability": probability,
        "reply": quote(best["text"], wanted) if is_sure else None,
    }}


for question in sys.argv[1:]:
    print(json.dumps(ask(question), ensure_ascii=False))
'''


def of_table(full_name: str, encoder: Mapping[str, Any] | None) -> str:
    """For a classifier of texts; `encoder`: what it stands on, as its `etabli.json` names it."""
    more = " onnxruntime tokenizers" if encoder else ""
    second = _INSTANT
    if encoder:
        second = _SMALL.format(encoder=encoder["repo"], commit=encoder["commit"])
    return _TABLE.format(more=more, download=_download(full_name), second=second)


def of_documents(full_name: str) -> str:
    """For a model that quotes documents."""
    return _DOCUMENTS.format(download=_download(full_name))


def _download(full_name: str) -> str:
    return f"hf download {full_name} --local-dir ."
