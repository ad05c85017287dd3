"""The verbs of serving."""

import base64
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from etabli.engine_contract.inference import AnswerResult, LabelScore
from etabli.features.accounts import Accounts, Actor, Permission, Scope
from etabli.features.footprint import (
    Emissions,
    Energy,
    Grid,
    IdleModel,
    PowerModel,
    emissions_of,
    energy_of_cpu,
)
from etabli.features.git import AddFile, Entry, Snapshot
from etabli.features.repos import GatedSignInError, Repo, Repos, RepoType, RevisionNotFoundError
from etabli.features.serving.assistant import (
    SETTINGS,
    Assistant,
    read_assistant,
    write_assistant,
)
from etabli.features.serving.cache import ModelCache, ModelFolder, Pieces
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.errors import (
    EncoderMissingError,
    NoQuestionError,
    NotServableError,
    QuestionTooLongError,
    TooManyQuestionsError,
)
from etabli.features.serving.models import (
    LONGEST_QUESTION,
    MAX_EMBEDDED,
    MAX_QUESTIONS,
    Answer,
    Cost,
    Embedded,
    FoundEncoder,
    ServedModel,
)
from etabli.features.serving.runtimes import FIRST, Runtime, find_runtime
from etabli.features.serving.supervisor import Supervisor
from etabli.foundation.errors import NotFoundError
from etabli.foundation.unit_of_work import UnitOfWork

ENCODER_TYPE = "etabli-encoder"
ENCODER_FILES = frozenset({"config.json", "tokenizer.json", "model_int8.onnx"})
CONFIG = "config.json"
LARGEST_MODEL_BYTES = 512_000_000
MAX_MODEL_FILES = 100
MAX_LISTED = 100


@dataclass(frozen=True)
class ServingBackend:
    """What answers, where it finds models, and how its electricity is reckoned.

    Needs no unit of work: whoever asks waits in none.
    """

    process: Supervisor
    cache: ModelCache
    power: PowerModel
    grid: Grid
    idle: IdleModel = field(default_factory=IdleModel)

    def ask(
        self, folder: ModelFolder, texts: Sequence[str], *, top: int | None = None
    ) -> Future[Sequence[Answer]]:
        """Put questions to a model whose files are in their folder. Returns at once.

        Raises:
            NoQuestionError, TooManyQuestionsError, QuestionTooLongError: see `check_questions`.
            ModelBusyError, BusyError: too many wait already.

        Returns:
            What will be an answer to each, or an error: see `Supervisor.ask`.
        """
        check_questions(texts)
        request: dict[str, Any] = {"op": "ask_many", "texts": list(texts)}
        if len(texts) == 1:
            request = {"op": "ask", "text": texts[0]}
        if top is not None:
            request["top"] = top
        if folder.encoder is not None:
            request["encoder"] = str(folder.encoder.path)
        return self.process.ask(str(folder.path), request, self._answers)

    def embed(self, encoder: ModelFolder, texts: Sequence[str]) -> Future[Embedded]:
        """The vectors of some texts, by an encoder whose files are in their folder.

        Raises:
            NoQuestionError, TooManyQuestionsError, QuestionTooLongError: see `check_questions`.
            ModelBusyError, BusyError: too many wait already.
        """
        check_questions(texts, most=MAX_EMBEDDED)
        path = str(encoder.path)
        request = {"op": "embed", "texts": list(texts), "encoder": path}
        return self.process.ask(path, request, self._embedded)

    def energy(self, cpu_s: float) -> Energy:
        """The energy of `cpu_s` seconds of one busy core of this machine."""
        return energy_of_cpu(cpu_s, self.power)

    def emissions(self, energy: Energy) -> Emissions:
        """The emissions of that energy, on the grid that this machine is on."""
        return emissions_of(energy, self.grid)

    def _embedded(self, said: Mapping[str, Any]) -> Embedded:
        vectors = [base64.b64decode(vector, validate=True) for vector in said["vectors"]]
        cost = self._cost(float(said["latency_ms"]), float(said["cpu_s"]))
        return Embedded(vectors, int(said["tokens"]), cost)

    def _answers(self, said: Mapping[str, Any]) -> Sequence[Answer]:
        return [self._answer(one) for one in said.get("answers", [said])]

    def _answer(self, said: Mapping[str, Any]) -> Answer:
        result = AnswerResult.of_json(said)
        return Answer(
            decision=result.decision,
            candidates=[_candidate(score) for score in result.labels],
            readings=[_candidate(score) for score in result.offered],
            cost=self._cost(result.latency_ms, result.cpu_s),
            runtime=find_runtime(result.runtime) or FIRST,
            language=result.language,
            sentence=result.sentence,
            predicted_count=result.predicted,
            certainty_of_all=result.certainty,
        )

    def _cost(self, latency_ms: float, cpu_s: float) -> Cost:
        energy = self.energy(cpu_s)
        return Cost(latency_ms, cpu_s, energy, self.emissions(energy))


@dataclass(frozen=True)
class _Served:
    """A model that answers here, as it is now."""

    snapshot: Snapshot
    runtime: Runtime
    labels: Sequence[str]


class Serving:
    """Which published models can answer, and where their files are for it."""

    def __init__(
        self, work: UnitOfWork, accounts: Accounts, repos: Repos, backend: ServingBackend
    ) -> None:
        self._db = work.db
        self._accounts = accounts
        self._repos = repos
        self._backend = backend

    def find(self, repo: Repo) -> ServedModel | None:
        """What is known of a model that can answer here; None when it cannot."""
        served = self._served(repo)
        if served is None:
            return None
        has_replies = bool(_json_of(served.snapshot, SETTINGS).get("answers"))
        return ServedModel(served.labels, has_replies, served.runtime)

    def assistant(self, repo: Repo) -> Assistant:
        """What its owner may change of a model without making it again.

        Raises:
            NotServableError: it is no model that this hub's programs can read.
        """
        served = self._require_served(repo)
        return read_assistant(served.snapshot, served.runtime, served.labels, repo.full_name)

    def settings_with(self, repo: Repo, assistant: Assistant) -> AddFile:
        """The change that makes this so; see `operations.improve_model`.

        Raises: as `assistant` and `write_assistant`.
        """
        served = self._require_served(repo)
        content = write_assistant(served.snapshot, served.labels, repo.full_name, assistant)
        return AddFile(SETTINGS, content)

    def ready_models(self, actor: Actor) -> Sequence[Repo]:
        """The newest models that `actor` may ask and that can answer here, a hundred at most."""
        models = self._repos.visible_to(actor, Scope.ASK).where(Repo.type == RepoType.MODEL)
        only = actor.meter.limits.only if actor.meter else None
        if only:  # which may be older than the newest hundred
            models = models.where(Repo.key.in_(only))
        newest = self._db.scalars(models.order_by(Repo.updated_at.desc()).limit(MAX_LISTED))
        asks, may = Permission.ASK_MODEL, self._repos.access.may
        return [repo for repo in newest if may(actor, asks, repo) and self.find(repo) is not None]

    def locate(self, repo: Repo) -> ModelFolder:
        """Where the process that answers finds a published model: see `ServingBackend.ask`.

        Raises:
            NotServableError: it is no model that this hub's programs can read.
            EncoderMissingError: what it stands on is not here.
        """
        served = self._require_served(repo)
        entries = _model_files(served.snapshot)
        total_bytes = sum(entry.size_bytes for entry in entries)
        if len(entries) > MAX_MODEL_FILES or total_bytes > LARGEST_MODEL_BYTES:
            raise NotServableError(repo.full_name)
        encoder = self._encoder_of(repo, served)
        return replace(self._folder(served.snapshot, entries), encoder=encoder)

    def find_encoder(self) -> FoundEncoder | None:
        """The newest encoder that models here may stand on; None where there is none.

        Its graph runs in our processes: only a public one of an administrator's is taken.
        """
        models = self._repos.visible_to(Actor(None)).where(
            Repo.type == RepoType.MODEL, Repo.namespace.in_(self._accounts.admins())
        )
        newest = self._db.scalars(models.order_by(Repo.created_at.desc()).limit(MAX_LISTED))
        for repo in newest:
            found = self._encoder(repo.full_name)
            if found is not None:
                return found
        return None

    def encoder_folder(self, full_name: str, commit: str) -> ModelFolder | None:
        """The files of an encoder as it was at a commit; None where it is not here any more."""
        found = self._encoder(full_name, commit)
        return found.folder if found else None

    def _encoder_of(self, repo: Repo, served: _Served) -> ModelFolder | None:
        try:
            said = served.runtime.encoder(_json_of(served.snapshot, SETTINGS))
        except ValueError as error:
            raise NotServableError(repo.full_name) from error
        if said is None:
            return None
        name, commit = said
        folder = self.encoder_folder(name, commit)
        if folder is None:
            raise EncoderMissingError(repo.full_name, name)
        return folder

    def _encoder(self, full_name: str, revision: str = "main") -> FoundEncoder | None:
        try:
            repo = self._repos.get(Actor(None), RepoType.MODEL, full_name)
            snapshot = self._repos.snapshot(repo, revision)
        except (NotFoundError, GatedSignInError):
            return None
        if repo.namespace not in self._accounts.admins():
            return None
        if _json_of(snapshot, CONFIG).get("model_type") != ENCODER_TYPE:
            return None
        entries = [entry for entry in snapshot.entries() if entry.path in ENCODER_FILES]
        if len(entries) != len(ENCODER_FILES):
            return None
        if sum(entry.size_bytes for entry in entries) > LARGEST_MODEL_BYTES:
            return None
        return FoundEncoder(repo.full_name, snapshot.commit.sha, self._folder(snapshot, entries))

    def _folder(self, snapshot: Snapshot, entries: Sequence[Entry]) -> ModelFolder:
        path = self._backend.cache.path(entries)
        if self._backend.cache.has(path):
            return ModelFolder(path)
        return ModelFolder(path, {entry.name: _pieces(snapshot, entry) for entry in entries})

    def energy(self, cpu_s: float) -> Energy:
        """See `ServingBackend.energy`."""
        return self._backend.energy(cpu_s)

    def emissions(self, energy: Energy) -> Emissions:
        """See `ServingBackend.emissions`."""
        return self._backend.emissions(energy)

    def _require_served(self, repo: Repo) -> _Served:
        served = self._served(repo)
        if served is None:
            raise NotServableError(repo.full_name)
        return served

    def _served(self, repo: Repo) -> _Served | None:
        """The model as it is now; None when it is none of a kind that this hub's programs read."""
        if repo.type is not RepoType.MODEL:
            return None
        try:
            snapshot = self._repos.snapshot(repo)
        except RevisionNotFoundError:
            return None
        config = _json_of(snapshot, CONFIG)
        runtime = find_runtime(config.get("model_type"))
        return _Served(snapshot, runtime, runtime.labels(config)) if runtime else None


def _candidate(score: LabelScore) -> Candidate:
    return Candidate(score.label, score.probability, score.answer, score.source)


def check_questions(texts: Sequence[str], most: int = MAX_QUESTIONS) -> None:
    """
    Raises:
        NoQuestionError: there is none, or one of them is empty.
        TooManyQuestionsError, QuestionTooLongError: there are more, or longer ones, than allowed.
    """
    if not texts or not all(text.strip() for text in texts):
        raise NoQuestionError
    if len(texts) > most:
        raise TooManyQuestionsError(most)
    if max(map(len, texts)) > LONGEST_QUESTION:
        raise QuestionTooLongError(LONGEST_QUESTION)


def _pieces(snapshot: Snapshot, entry: Entry) -> Pieces:
    """How to read a file of a model later, when the unit of work of this snapshot has ended."""
    if entry.large is None:
        return lambda: snapshot.pieces(entry)  # from git alone
    found = snapshot.pieces(entry)  # where its bytes lie is in the database
    return lambda: found


def _model_files(snapshot: Snapshot) -> list[Entry]:
    return [
        entry
        for entry in snapshot.entries()
        if not entry.is_folder and entry.path.endswith((".json", ".safetensors"))
    ]


def _json_of(snapshot: Snapshot, path: str) -> dict[str, Any]:
    try:
        content = json.loads(snapshot.find_text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
