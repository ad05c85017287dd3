"""Who answers whom: a fair queue before a few child processes. Nobody holds a thread in it.

A model has at most one question under way, so that a slow one takes one process and leaves the
others to other models. It goes where it is loaded; when that process is busy with another model
for a while, it goes to a free one and is loaded there too.
"""

import itertools
import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from etabli.features.serving.errors import (
    AnsweringFailedError,
    ModelBusyError,
    TooSlowToAnswerError,
)
from etabli.features.serving.process import PROGRAM, AnsweringProcess
from etabli.foundation import errors
from etabli.foundation.errors import BusyError, EtabliError
from etabli.foundation.i18n.messages import Message

ANSWERS_WITHIN_S = 30.0
"""For one request, with the loading of its model."""
RESTS_AFTER_S = 600.0
"""Nobody asked for ten minutes: a process that answers stops, and costs nothing."""
MAX_WAITING = 16
"""Requests to one model."""
MAX_WAITING_IN_ALL = 256
MAX_WAITING_BYTES = 32_000_000
"""What all the waiting requests hold of memory."""

MOVES_AFTER_S = 0.1
"""About what it takes to load a small model once more, in another process."""
_MAX_REMEMBERED = 1_000

_FAMILIES: Mapping[str, type[EtabliError]] = {
    family.__name__: family
    for family in (
        errors.NotFoundError,
        errors.ConflictError,
        errors.InvalidInputError,
        errors.LimitError,
        errors.UnavailableError,
        errors.EtabliError,
    )
}

Read = Callable[[Mapping[str, Any]], Any]


@dataclass(eq=False)
class _Question:
    """One request to one model, and who waits for its answer."""

    model: str
    number: int
    line: bytes
    read: Read
    answer: Future[Any] = field(default_factory=Future)
    asked_at_s: float = field(default_factory=time.monotonic)


class _Place:
    """Room for one process: a thread that feeds it, and what is loaded in it."""

    def __init__(self) -> None:
        self.process: AnsweringProcess | None = None
        self.thread: threading.Thread | None = None
        self.loaded: OrderedDict[str, None] = OrderedDict()
        self.is_free = True
        self.used_at_s = time.monotonic()

    @property
    def is_started(self) -> bool:
        return self.thread is not None

    def note_use(self, model: str) -> None:
        self.is_free = False
        self.loaded[model] = None
        self.loaded.move_to_end(model)
        if len(self.loaded) > _MAX_REMEMBERED:
            self.loaded.popitem(last=False)

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
        self.process = None
        self.loaded.clear()


class Supervisor:
    """Some processes that answer: started when first asked, replaced when they die, stopped when
    nobody asks. Safe to use from many threads."""

    def __init__(
        self,
        processes: int = 1,
        *,
        program: Sequence[str] = PROGRAM,
        answers_within_s: float = ANSWERS_WITHIN_S,
        rests_after_s: float = RESTS_AFTER_S,
    ) -> None:
        """
        Args:
            processes: how many may run at the same time.
            program: what to start; it speaks as `etabli.engine.runtimes.process` does.
        """
        self._program = program
        self._answers_within_s = answers_within_s
        self._rests_after_s = rests_after_s
        self._places = [_Place() for _ in range(processes)]
        self._waiting: OrderedDict[str, deque[_Question]] = OrderedDict()
        self._waiting_bytes = 0
        self._under_way: set[str] = set()
        self._numbers = itertools.count(1)
        self._is_closed = False
        self._changed = threading.Condition()

    def ask(self, model: str, request: Mapping[str, Any], read: Read) -> Future[Any]:
        """Put a request to a model in its queue. Returns at once.

        Args:
            read: makes the answer of what the process says; called in another thread. Where it
                raises a `KeyError`, `TypeError` or `ValueError`, what was said makes no sense.

        Returns:
            What will be the answer, or one of these errors: an `EtabliError` that the process
            says, TooSlowToAnswerError, AnsweringFailedError. Cancelled while it waits, it is not
            asked at all.

        Raises:
            ModelBusyError: too many wait for this model.
            BusyError: too many wait for all models together.
        """
        number = next(self._numbers)
        line = json.dumps({**request, "id": number, "model": model}).encode() + b"\n"
        question = _Question(model, number, line, read)
        with self._changed:
            self._require_room(model, len(line))
            self._waiting.setdefault(model, deque()).append(question)
            self._waiting_bytes += len(line)
            self._start_a_thread()
            self._changed.notify_all()
        return question.answer

    @property
    def pids(self) -> Sequence[int]:
        """The processes that run now."""
        with self._changed:
            running = [place.process for place in self._places if place.process is not None]
            return [process.pid for process in running if process.is_alive]

    def waiting(self, model: str) -> int:
        """How many requests to this model have not been sent to a process."""
        with self._changed:
            return len(self._waiting.get(model, ()))

    def close(self) -> None:
        """Stop every process. Whoever waits is told. Idempotent."""
        with self._changed:
            self._is_closed = True
            left = [question for queue in self._waiting.values() for question in queue]
            self._waiting.clear()
            threads = [place.thread for place in self._places if place.thread is not None]
            for place in self._places:
                if place.process is not None:
                    place.process.kill()
            self._changed.notify_all()
        for question in left:
            _fail(question, AnsweringFailedError())
        for thread in threads:
            thread.join()

    # What follows holds the lock where it says so, and never while a process is at work.

    def _require_room(self, model: str, more_bytes: int) -> None:
        """Under the lock."""
        if self._is_closed:
            raise AnsweringFailedError
        if len(self._waiting.get(model, ())) >= MAX_WAITING:
            raise ModelBusyError
        in_all = sum(map(len, self._waiting.values()))
        is_full = in_all >= MAX_WAITING_IN_ALL
        if is_full or (in_all and self._waiting_bytes + more_bytes > MAX_WAITING_BYTES):
            raise BusyError

    def _start_a_thread(self) -> None:
        """Under the lock: unless one that is started has nothing to do."""
        if any(place.is_started and place.is_free for place in self._places):
            return
        place = next((place for place in self._places if not place.is_started), None)
        if place is not None:
            place.is_free, place.used_at_s = True, time.monotonic()
            place.thread = threading.Thread(
                target=self._serve, args=(place,), name="answering", daemon=True
            )
            place.thread.start()

    def _serve(self, place: _Place) -> None:
        """The whole life of a thread: answer, rest, until the end."""
        try:
            while not self._is_closed:
                question = self._take(place)
                if question is None:
                    place.stop()
                else:
                    self._answer(place, question)
        finally:
            place.stop()
            with self._changed:
                place.thread = None
                if self._waiting:  # this thread met a fault of ours: they shall not wait for ever
                    self._start_a_thread()

    def _take(self, place: _Place) -> _Question | None:
        """Wait for what this place shall answer next; None: it is time to stop its process."""
        with self._changed:
            while not self._is_closed:
                question, wait_s = self._next(place)
                if question is not None:
                    return question
                if place.process is not None:
                    rest_in_s = place.used_at_s + self._rests_after_s - time.monotonic()
                    if rest_in_s <= 0:
                        return None
                    wait_s = rest_in_s if wait_s is None else min(wait_s, rest_in_s)
                self._changed.wait(wait_s)
            return None

    def _next(self, place: _Place) -> tuple[_Question | None, float | None]:
        """Under the lock: a question, or after how many seconds to look again; None: when told."""
        wait_s: float | None = None
        for model, queue in self._waiting.items():
            if model in self._under_way:
                continue
            patience_s = self._patience_s(place, model, queue[0])
            if patience_s <= 0:
                return self._begin(place, model), None
            wait_s = patience_s if wait_s is None else min(wait_s, patience_s)
        return None, wait_s

    def _patience_s(self, place: _Place, model: str, question: _Question) -> float:
        """Under the lock: how long this place leaves a question to another, which suits better."""
        if model in place.loaded:
            return 0
        others = [other for other in self._places if other is not place]
        is_loaded = any(model in other.loaded for other in others)
        is_free = any(other.process is not None and other.is_free for other in others)
        if not is_loaded and not (place.process is None and is_free):
            return 0
        return question.asked_at_s + MOVES_AFTER_S - time.monotonic()

    def _begin(self, place: _Place, model: str) -> _Question:
        """Under the lock: the first of a model's queue, which then waits its turn again."""
        queue = self._waiting[model]
        question = queue.popleft()
        self._waiting_bytes -= len(question.line)
        self._waiting.move_to_end(model)
        if not queue:
            del self._waiting[model]
        self._under_way.add(model)
        place.note_use(model)
        return question

    def _answer(self, place: _Place, question: _Question) -> None:
        try:
            if question.answer.set_running_or_notify_cancel():
                question.answer.set_result(self._exchange(place, question))
        except TooSlowToAnswerError as error:
            place.stop()
            question.answer.set_exception(error)
            self._give_up(question.model, error)
        except AnsweringFailedError as error:
            place.stop()
            question.answer.set_exception(error)
        except EtabliError as error:
            question.answer.set_exception(error)
        finally:
            if not question.answer.done():
                question.answer.set_exception(AnsweringFailedError())
            with self._changed:
                self._under_way.discard(question.model)
                place.is_free, place.used_at_s = True, time.monotonic()
                self._changed.notify_all()

    def _exchange(self, place: _Place, question: _Question) -> Any:
        process = self._running(place)
        reply = process.exchange(question.line, self._answers_within_s)
        try:
            said = _read_reply(reply, question.number)
            return question.read(said)
        except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
            raise AnsweringFailedError from error

    def _running(self, place: _Place) -> AnsweringProcess:
        if place.process is not None and not place.process.is_alive:
            place.stop()  # it died while nobody asked: let go of its pipes
        if place.process is None:
            try:
                process = AnsweringProcess(self._program)
            except OSError as error:
                raise AnsweringFailedError from error
            with self._changed:
                place.process = process
                if self._is_closed:
                    process.kill()
        return place.process

    def _give_up(self, model: str, error: TooSlowToAnswerError) -> None:
        """Tell all who wait for a model that took too long: it would take them as long."""
        with self._changed:
            queue = self._waiting.pop(model, deque())
            self._waiting_bytes -= sum(len(question.line) for question in queue)
        for question in queue:
            _fail(question, error)


def _fail(question: _Question, error: EtabliError) -> None:
    if question.answer.set_running_or_notify_cancel():
        question.answer.set_exception(error)


def _read_reply(line: bytes, number: int) -> Mapping[str, Any]:
    """
    Raises:
        EtabliError: what the process says is wrong with the request.
        KeyError, TypeError, ValueError, RecursionError: it is no reply to this request.
    """
    reply = json.loads(line)
    if reply["id"] != number:
        raise ValueError("a reply to another request")
    if reply["ok"] is not True:
        raise _error_of(reply["error"])
    result: Mapping[str, Any] = reply["result"]
    return result


def _error_of(error: Mapping[str, Any]) -> EtabliError:
    text = Message.of_json(error)
    str(text)  # whoever reads it shall not be the first to find a gap that nothing fills
    return _FAMILIES[error["family"]](text)
