"""The verbs of serving."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etabli.features.accounts import Actor
from etabli.features.footprint import (
    Emissions,
    Energy,
    Grid,
    PowerModel,
    emissions_of,
    energy_of_cpu,
)
from etabli.features.repos import (
    Entry,
    Repo,
    Repos,
    RepoType,
    RevisionNotFoundError,
    Snapshot,
)
from etabli.features.serving.cache import ModelCache
from etabli.features.serving.errors import (
    NoQuestionError,
    NotServableError,
    QuestionTooLongError,
    TooManyQuestionsError,
)
from etabli.features.serving.models import (
    LONGEST_QUESTION,
    MOST_QUESTIONS,
    Answer,
    Candidate,
    Cost,
    Decision,
    ServedModel,
)
from etabli.features.serving.process import AnsweringProcess
from etabli.foundation.work import UnitOfWork

SERVED_TYPE = "etabli-ngram"
CONFIG = "config.json"
SETTINGS = "etabli.json"
LARGEST_MODEL_BYTES = 512_000_000
MOST_LISTED = 100


@dataclass(frozen=True)
class ServingBackend:
    """What answers, where it finds models, and how its electricity is reckoned."""

    process: AnsweringProcess
    cache: ModelCache
    power: PowerModel
    grid: Grid


class Serving:
    """Answer with a published model, and say what each answer costs."""

    def __init__(self, work: UnitOfWork, repos: Repos, backend: ServingBackend) -> None:
        self._db = work.db
        self._repos = repos
        self._backend = backend

    def find(self, repo: Repo) -> ServedModel | None:
        """What is known of a model that can answer here; None when it cannot."""
        snapshot = self._served(repo)
        if snapshot is None:
            return None
        config = _json_of(snapshot, CONFIG)
        labels = [str(label) for label in dict(config.get("id2label", {})).values()]
        return ServedModel(labels, bool(_json_of(snapshot, SETTINGS).get("answers")))

    def ready_models(self, actor: Actor) -> Sequence[Repo]:
        """The newest models that `actor` may see and that can answer here, a hundred at most."""
        models = self._repos.visible_to(actor).where(Repo.type == RepoType.MODEL)
        newest = self._db.scalars(models.order_by(Repo.updated_at.desc()).limit(MOST_LISTED))
        return [repo for repo in newest if self.find(repo) is not None]

    def ask(self, repo: Repo, text: str, *, top: int = 5) -> Answer:
        """Answer one question with a published model.

        Raises:
            NotServableError: this model cannot answer here.
            NoQuestionError, QuestionTooLongError: what was asked is no question.
            AnsweringFailedError: the program that answers stopped.
        """
        return self.ask_folder(self._folder(repo), text, top=top)

    def ask_folder(self, folder: Path, text: str, *, top: int = 5) -> Answer:
        """Answer with a model that is not published: the folder is trusted to be one."""
        _check(text)
        request = {"op": "ask", "model": str(folder), "text": text, "top": top}
        return self._answer(self._backend.process.ask(request))

    def ask_many(self, repo: Repo, texts: Sequence[str], *, top: int = 5) -> Sequence[Answer]:
        """Answer several questions, each as `ask` would."""
        if not texts:
            raise NoQuestionError
        if len(texts) > MOST_QUESTIONS:
            raise TooManyQuestionsError(MOST_QUESTIONS)
        for text in texts:
            _check(text)
        folder = str(self._folder(repo))
        request = {"op": "ask_many", "model": folder, "texts": list(texts), "top": top}
        answers = self._backend.process.ask(request)["answers"]
        return [self._answer(answer) for answer in answers]

    def energy(self, cpu_s: float) -> Energy:
        """The energy of `cpu_s` seconds of one busy core of this machine."""
        return energy_of_cpu(cpu_s, self._backend.power)

    def emissions(self, energy: Energy) -> Emissions:
        """The emissions of that energy, on the grid that this machine is on."""
        return emissions_of(energy, self._backend.grid)

    def _folder(self, repo: Repo) -> Path:
        """
        Raises:
            NotServableError: it is no model that this hub's programs can read.
        """
        snapshot = self._served(repo)
        if snapshot is None:
            raise NotServableError(repo.full_name)
        entries = _model_files(snapshot)
        if sum(entry.size_bytes for entry in entries) > LARGEST_MODEL_BYTES:
            raise NotServableError(repo.full_name)
        return self._backend.cache.folder(snapshot, entries)

    def _served(self, repo: Repo) -> Snapshot | None:
        """The model as it is now; None when it is none of a kind that this hub's programs read."""
        if repo.type is not RepoType.MODEL:
            return None
        try:
            snapshot = self._repos.snapshot(repo)
        except RevisionNotFoundError:
            return None
        is_ours = _json_of(snapshot, CONFIG).get("model_type") == SERVED_TYPE
        return snapshot if is_ours else None

    def _answer(self, result: Mapping[str, Any]) -> Answer:
        return Answer(
            decision=Decision(result["decision"]),
            candidates=[
                Candidate(label["label"], label["probability"], label["answer"])
                for label in result["labels"]
            ],
            cost=self._cost(result["latency_ms"], result["cpu_s"]),
            language=str(result.get("language", "")),
        )

    def _cost(self, latency_ms: float, cpu_s: float) -> Cost:
        energy = self.energy(cpu_s)
        return Cost(latency_ms, cpu_s, energy, self.emissions(energy))


def _check(text: str) -> None:
    if not text.strip():
        raise NoQuestionError
    if len(text) > LONGEST_QUESTION:
        raise QuestionTooLongError(LONGEST_QUESTION)


def _model_files(snapshot: Snapshot) -> list[Entry]:
    return [
        entry
        for entry in snapshot.entries()
        if not entry.is_folder and entry.path.endswith((".json", ".safetensors"))
    ]


def _json_of(snapshot: Snapshot, path: str) -> dict[str, Any]:
    try:
        content = json.loads(snapshot.find_text(path) or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
