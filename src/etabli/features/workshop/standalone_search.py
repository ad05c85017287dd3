"""Programs for the cards of what searches, documents and a FAQ: see `standalone`."""

from etabli.features.workshop.standalone import download_of

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


_FAQ = '''\
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


own, index = read("etabli.json"), load_file("index.safetensors")
rows = {{term: at for at, term in enumerate(read("vocab.json")["terms"])}}
entries = [
    (one["questions"], one.get("answer") or own.get("answers", {{}}).get(one["questions"][0]))
    for one in read("faq.json")
]
phrasings = [text for questions, _ in entries for text in questions]
starts = np.cumsum([0, *(len(questions) for questions, _ in entries)])
cutting = own["preprocessing"]
silent, written_out = set(cutting["silent_words"]), cutting["written_out"]
stem = snowballstemmer.stemmer(cutting["stemmer"]).stemWord if cutting["stemmer"] else str
CUT = re.compile(r"(?<=\\w)[-\\u00ad\\u2010]\\n(?=\\w)")


def plain(word):
    """Without accents."""
    parts = unicodedata.normalize("NFKD", "".join(written_out.get(one, one) for one in word))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def words(text):
    return re.findall(r"[^\\W_]+", CUT.sub("", text.lower()))


def terms(text, most=None):
    """Stems, their letters by three, and the words that only hold a sentence together."""
    telling, holding = [], []
    for word in words(text)[:most]:
        if plain(word[:40]) in silent:
            holding.append("-" + plain(word))
        else:
            telling.append(plain(stem(word[:40])))
    padded = [f" {{term}} " for term in telling]
    letters = ["~" + one[at : at + 3] for one in padded for at in range(len(one) - 2)]
    return telling + letters + holding


def weigh(term):
    if term in rows:
        return float(index["idf"][rows[term]])
    return float(np.log1p((len(phrasings) + 0.5) / 0.5))


known = {{}}
for at, (questions, _) in enumerate(entries):
    for text in questions:
        known.setdefault(" ".join(map(plain, words(text))), at)


def ask(question):
    asked = terms(question, 64)
    if len(phrasings) > 1000:
        asked = [term for term in asked if weigh(term) >= 0.5]
    asked = asked[:600]
    scores, whole = np.zeros(len(phrasings), np.float32), 0.0
    for term in dict.fromkeys(asked):
        whole += weigh(term)
        if term in rows:
            held = slice(*index["starts"][rows[term] : rows[term] + 2])
            scores[index["passages"][held]] += index["impacts"][held]
    scores /= whole or 1
    of_entries = np.maximum.reduceat(scores, starts[:-1])
    same = known.get(" ".join(map(plain, words(question))))
    if same is not None:  # asked word for word
        of_entries[same] = max(2.0, float(of_entries.max()) + 1)
    order = np.argsort(-of_entries, kind="stable")[:4]
    best, score = int(order[0]), float(of_entries[order[0]])
    after = max(0.0, float(of_entries[order[1]])) if len(order) > 1 else 0.0
    wanted = {{term: weigh(term) for term in asked if term[0] != "-"}}
    nearest = phrasings[starts[best] + int(scores[starts[best] : starts[best + 1]].argmax())]
    has = {{term: weigh(term) for term in terms(nearest) if term[0] != "-"}}
    held = sum(weight for term, weight in wanted.items() if term in has)
    signs = (
        held / (sum(wanted.values()) or 1),
        math.log1p(held) / 5,
        held / (sum(has.values()) or 1),
        score,
        score - after,
    )
    belief, limits = own["belief"], own["thresholds"]
    margin = belief["bias"] + sum(w * s for w, s in zip(belief["weights"], signs))
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, margin)))) if wanted else 0.0
    probability = 1.0 if best == same else probability
    near = [at for at in order[:3] if of_entries[at] > score * (1 - limits["clear_lead"])]
    decision = "answer" if len(near) < 2 else "clarify"
    if probability < limits["answer_probability"] or score <= 0:
        decision = "outside"
    questions, answer = entries[best]
    return {{
        "decision": decision,
        "label": questions[0],
        "probability": probability,
        "reply": answer if decision == "answer" else None,
        "did_you_mean": [entries[at][0][0] for at in near] if decision == "clarify" else [],
    }}


for question in sys.argv[1:]:
    print(json.dumps(ask(question), ensure_ascii=False))
'''


def of_documents(full_name: str) -> str:
    """For a model that quotes documents."""
    return _DOCUMENTS.format(download=download_of(full_name))


def of_faq(full_name: str) -> str:
    """For a search that replies with the answers of a FAQ."""
    return _FAQ.format(download=download_of(full_name))
