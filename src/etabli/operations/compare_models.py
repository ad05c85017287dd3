"""To compare models: each is asked the same examples, one model after the other.

Nothing is held while they answer: see `operations.inference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.features.accounts import Actor, Permission
from etabli.features.footprint import MAX_ANSWERS_A_DAY, Emissions, Energy, Frugality
from etabli.features.repos import Repo, RepoType
from etabli.features.serving import (
    MAX_MODELS,
    MIN_MODELS,
    Answer,
    Difference,
    Examination,
    ModelFolder,
    NumberOfModelsError,
    Score,
    UnnamedExaminationError,
    difference,
    read_examination,
    score,
)
from etabli.features.workshop import find_energy
from etabli.hub import Hub
from etabli.operations.inference import ask_folder
from etabli.pools import READS
from etabli.site import Site

ANSWERS_A_DAY = 50
ENERGY = "energy.json"
ASKED_AT_ONCE = 100
"""Examples in one request to the processes that answer: others are let in between."""


@dataclass(frozen=True)
class Compared:
    """One model's part of a comparison."""

    score: Score
    energy: Energy
    """Of a thousand answers."""
    emissions: Emissions
    difference: Difference | None
    """From the first model; None for the first."""
    frugality: Frugality


@dataclass(frozen=True)
class Comparison:
    examination: Examination
    models: Sequence[Compared]


@dataclass(frozen=True)
class _Entrant:
    name: str
    commit: str
    labels: Sequence[str]
    size_bytes: int
    making: Energy | None
    """What making it took, by what was published with it."""
    folder: ModelFolder


async def compare_models(
    site: Site,
    actor: Actor,
    names: Sequence[str],
    dataset: str = "",
    *,
    answers_a_day: int = ANSWERS_A_DAY,
) -> Comparison:
    """Ask each model the same examples, and say how they differ.

    Args:
        names: OWNER/NAME of each; the first is the one that the others are compared with.
        dataset: OWNER/NAME of the one whose `test.csv` is asked; by default, the dataset that the
            first model's card names.
        answers_a_day: for how many questions a machine is thought to be on all day, to say
            whether each model is frugal.

    Raises:
        NumberOfModelsError: fewer than two models, or more than four.
        RepoNotFoundError: the actor sees no such model, or dataset.
        GatedRepoError: the actor may not read the bytes of one of them.
        NotServableError, EncoderMissingError: one of them cannot answer here.
        UnnamedExaminationError, NoExaminationError: there are no examples to ask.
        BusyError, TooSlowToAnswerError, AnsweringFailedError: see `inference.ask`.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not MIN_MODELS <= len(wanted) <= MAX_MODELS:
        raise NumberOfModelsError(MIN_MODELS, MAX_MODELS)
    entrants, examination = await READS.run(_find, site, actor, wanted, dataset.strip())
    scores = [await _score(site, actor, entrant, examination) for entrant in entrants]
    a_day = min(max(answers_a_day, 1), MAX_ANSWERS_A_DAY)
    compared = [
        _compared(site, scores[0], one, entrant, a_day)
        for one, entrant in zip(scores, entrants, strict=True)
    ]
    return Comparison(examination, compared)


def _find(
    site: Site, actor: Actor, names: Sequence[str], dataset: str
) -> tuple[Sequence[_Entrant], Examination]:
    with site.read_hub() as hub:
        models = [
            hub.repos.get(actor, RepoType.MODEL, name, Permission.ASK_MODEL) for name in names
        ]
        entrants = [_entrant(hub, model) for model in models]
        name = dataset or _dataset_of(hub, actor, models[0])
        data = hub.repos.get(actor, RepoType.DATASET, name, Permission.READ_REPO)
        return entrants, read_examination(hub.repos.snapshot(data), data.full_name)


def _dataset_of(hub: Hub, actor: Actor, first: Repo) -> str:
    parents = hub.catalogue.lineage(actor, first).parents
    found = next((one for one in parents if one.type is RepoType.DATASET), None)
    if found is None:
        raise UnnamedExaminationError(first.full_name)
    return found.full_name


def _entrant(hub: Hub, repo: Repo) -> _Entrant:
    folder = hub.serving.locate(repo)
    known = hub.serving.find(repo)
    snapshot = hub.repos.snapshot(repo)
    weights = sum(
        entry.size_bytes for entry in snapshot.entries() if entry.path.endswith(".safetensors")
    )
    labels = known.labels if known else ()
    said = find_energy(snapshot.find_text(ENERGY) or "")
    making = said.making.as_energy() if said else None
    return _Entrant(repo.full_name, snapshot.commit.sha, labels, weights, making, folder)


async def _score(site: Site, actor: Actor, entrant: _Entrant, examination: Examination) -> Score:
    examples = examination.examples
    answers: list[Answer] = []
    for start in range(0, len(examples), ASKED_AT_ONCE):
        texts = [example.text for example in examples[start : start + ASKED_AT_ONCE]]
        answers += await ask_folder(site, actor, entrant.folder, texts, top=1)
    return score(
        entrant.name, entrant.commit, entrant.size_bytes, entrant.labels, examples, answers
    )


def _compared(
    site: Site, first: Score, one: Score, entrant: _Entrant, answers_a_day: int
) -> Compared:
    serving = site.backends.serving
    answer = serving.energy(one.cpu_s_per_answer)
    energy = answer.times(1000)
    return Compared(
        score=one,
        energy=energy,
        emissions=serving.emissions(energy),
        difference=None if one is first else difference(first, one),
        frugality=Frugality(answers_a_day, answer, entrant.making, serving.idle),
    )
