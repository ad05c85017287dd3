"""The process that answers: one JSON request a line on stdin, one JSON reply a line on stdout.

`python -m etabli.engine.runtimes.process`

    {"id": 1, "op": "ask", "model": "/abs/folder", "text": "…", "top": 5}
    {"id": 2, "op": "ask_many", "model": "/abs/folder", "texts": ["…", "…"], "top": 1}
    {"id": 3, "op": "embed", "encoder": "/abs/folder", "texts": ["…"]}
    {"id": 4, "op": "ping"}

A model that stands on an encoder needs `"encoder": "/abs/folder"` too; every model in this process
shares the encoder.

A reply is `{"id": 1, "ok": true, "result": {…}}` or `{"id": 1, "ok": false, "error": {"family",
"template", "values"}}`. One bad request never ends the process; the end of stdin does.
"""

import base64
import importlib
import json
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TextIO

from etabli.engine.runtimes.errors import (
    BadRequestError,
    EncoderNotInstalledError,
    ModelFolderNotFoundError,
)
from etabli.engine.runtimes.ngram import read_json
from etabli.engine_contract.inference import AnswerResult
from etabli.foundation import errors
from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import msg

DEFAULT_MEMORY_BYTES = 512 * 1024**2
MAX_TEXTS = 1_000
MAX_CANDIDATES = 100

FIRST = "etabli.engine.runtimes.ngram"
RUNTIMES: Mapping[str, str] = {
    "etabli-ngram": FIRST,
    "etabli-hybrid": "etabli.engine.runtimes.hybrid",
    "etabli-multilabel": "etabli.engine.runtimes.multilabel",
    "etabli-retriever": "etabli.engine.runtimes.retriever",
    "etabli-faq": "etabli.engine.runtimes.faq",
}
"""By the `model_type` of a model's `config.json`: the module that loads it. The first says what is
wrong with any other."""
ENCODER = "etabli.engine.runtimes.encoder"

Json = dict[str, Any]


class Model(Protocol):
    """What every runtime gives for a folder."""

    @property
    def default_top(self) -> int: ...

    @property
    def size_bytes(self) -> int: ...

    def ask(self, text: str, top: int) -> AnswerResult: ...


class LoadedModels:
    """The models read last, within `memory_bytes`; one that changed on disk is read again."""

    def __init__(self, memory_bytes: int = DEFAULT_MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._models: OrderedDict[Path, tuple[int, Model]] = OrderedDict()
        self._encoders: dict[Path, Any] = {}

    def get(self, folder: Path, encoder: Path | None = None) -> Model:
        written_ns = _written_ns(folder)
        known = self._models.get(folder)
        if known and known[0] == written_ns:
            self._models.move_to_end(folder)
            return known[1]
        model = self._load(folder, encoder)
        self._models[folder] = (written_ns, model)
        self._models.move_to_end(folder)
        self._forget_oldest()
        return model

    def encoder(self, folder: Path) -> Any:
        """The encoder that all share; one that is not the last one takes its place."""
        if folder not in self._encoders:
            # By name: only who has such a model needs what an encoder needs.
            try:
                module = importlib.import_module(ENCODER)
            except ModuleNotFoundError as error:
                raise EncoderNotInstalledError from error
            self._encoders = {folder: module.Encoder(folder)}
        return self._encoders[folder]

    def _load(self, folder: Path, encoder: Path | None) -> Model:
        # By name: only who has such a model needs what it needs.
        try:
            module = importlib.import_module(RUNTIMES.get(_model_type(folder), FIRST))
            held = self.encoder(encoder) if encoder else None
        except ModuleNotFoundError as error:
            raise EncoderNotInstalledError from error
        model: Model = module.load(folder, held)
        return model

    def __len__(self) -> int:
        return len(self._models)

    @property
    def size_bytes(self) -> int:
        return sum(model.size_bytes for _, model in self._models.values())

    def _forget_oldest(self) -> None:
        # The newest always stays: a model larger than the bound must still be able to answer.
        while len(self._models) > 1 and self.size_bytes > self._memory_bytes:
            self._models.popitem(last=False)


def _model_type(folder: Path) -> str:
    """Empty where it cannot be read: whoever loads the model says why."""
    try:
        config = read_json(folder / "config.json")
        return str(config.get("model_type", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _written_ns(folder: Path) -> int:
    try:
        return (folder / "etabli.json").stat().st_mtime_ns
    except FileNotFoundError as error:
        raise ModelFolderNotFoundError(str(folder)) from error


def answer_line(models: LoadedModels, line: str) -> Json:
    """The reply to one line, whatever is in it."""
    request_id: Any = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise BadRequestError(msg("A request is a JSON object."))
        request_id = request.get("id")
        return {"id": request_id, "ok": True, "result": _perform(models, request)}
    except EtabliError as error:
        return {"id": request_id, "ok": False, "error": _present(error)}
    except json.JSONDecodeError:
        problem = BadRequestError(msg("The line is not JSON: send one JSON object a line."))
    except (ValueError, KeyError, TypeError, RecursionError):
        problem = BadRequestError(msg("The request holds a value that cannot be used."))
    except OSError:
        problem = BadRequestError(msg("The model's files cannot be read: check the folder."))
    return {"id": request_id, "ok": False, "error": _present(problem)}


def _perform(models: LoadedModels, request: Mapping[str, Any]) -> Json:
    operation = OPERATIONS.get(str(request.get("op")))
    if operation is None:
        raise BadRequestError(
            msg(
                "There is no operation {op}: ask, ask_many, embed and ping exist.",
                op=request.get("op"),
            )
        )
    return operation(models, request)


def _ping(models: LoadedModels, request: Mapping[str, Any]) -> Json:
    return {"pong": True, "models": len(models), "size_bytes": models.size_bytes}


def _ask(models: LoadedModels, request: Mapping[str, Any]) -> Json:
    text = _text_of(request.get("text"))
    started, cpu_started = time.perf_counter(), time.thread_time()
    model = _model_of(models, request)
    top = _top_of(request, model)
    return model.ask(text, top).as_json() | _spent_since(started, cpu_started)


def _ask_many(models: LoadedModels, request: Mapping[str, Any]) -> Json:
    texts = request.get("texts")
    if not isinstance(texts, list) or len(texts) > MAX_TEXTS:
        raise BadRequestError(msg("`texts` is a list of at most {most} questions.", most=MAX_TEXTS))
    started, cpu_started = time.perf_counter(), time.thread_time()
    model = _model_of(models, request)
    top = _top_of(request, model)
    answers = [model.ask(_text_of(text), top).as_json() for text in texts]
    return {"answers": answers} | _spent_since(started, cpu_started)


def _embed(models: LoadedModels, request: Mapping[str, Any]) -> Json:
    """Each vector as the bytes of its numbers (float32, little end first), in base64."""
    texts, folder = request.get("texts"), request.get("encoder")
    if not isinstance(texts, list) or len(texts) > MAX_TEXTS:
        raise BadRequestError(msg("`texts` is a list of at most {most} questions.", most=MAX_TEXTS))
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        raise BadRequestError(msg("`encoder` is the full path of an encoder's folder."))
    started, cpu_started = time.perf_counter(), time.thread_time()
    encoder = models.encoder(Path(folder))
    made = [encoder.encode_counted(_text_of(text)) for text in texts]
    vectors = [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector, _ in made]
    tokens = sum(count for _, count in made)
    return {"vectors": vectors, "tokens": tokens} | _spent_since(started, cpu_started)


OPERATIONS: Mapping[str, Callable[[LoadedModels, Mapping[str, Any]], Json]] = {
    "ask": _ask,
    "ask_many": _ask_many,
    "embed": _embed,
    "ping": _ping,
}


def _text_of(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadRequestError(msg("There is no question: write one in `text`."))
    return value


def _model_of(models: LoadedModels, request: Mapping[str, Any]) -> Model:
    folder = request.get("model")
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        raise BadRequestError(msg("`model` is the full path of a model's folder."))
    encoder = request.get("encoder")
    if encoder is not None and not (isinstance(encoder, str) and Path(encoder).is_absolute()):
        raise BadRequestError(msg("`encoder` is the full path of an encoder's folder."))
    return models.get(Path(folder), Path(encoder) if encoder else None)


def _top_of(request: Mapping[str, Any], model: Model) -> int:
    top = request.get("top", min(model.default_top, MAX_CANDIDATES))
    if type(top) is not int or not 1 <= top <= MAX_CANDIDATES:
        raise BadRequestError(msg("`top` is a number from 1 to {most}.", most=MAX_CANDIDATES))
    return top


def _spent_since(started: float, cpu_started: float) -> Json:
    """All that the request cost, a model read from disk included."""
    return {
        "latency_ms": (time.perf_counter() - started) * 1000,
        "cpu_s": time.thread_time() - cpu_started,
    }


FAMILIES = ("NotFoundError", "ConflictError", "InvalidInputError", "LimitError", "UnavailableError")


def _present(error: EtabliError) -> Json:
    family = next(
        (name for name in FAMILIES if isinstance(error, getattr(errors, name))), "EtabliError"
    )
    return {"family": family, **error.text.as_json()}


def serve(requests: TextIO, replies: TextIO) -> None:
    models = LoadedModels()
    for line in requests:
        if not line.strip():
            continue
        replies.write(json.dumps(answer_line(models, line), ensure_ascii=False) + "\n")
        replies.flush()


def main() -> None:
    # The hub writes UTF-8 whatever the machine's language is; a stray byte must not end us.
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    serve(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
