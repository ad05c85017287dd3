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
    OutsideModel,
    OutsidePlan,
    OutsideScore,
    Score,
    UnnamedExaminationError,
    difference,
    difference_of,
    labels_of,
    plan,
    read_examination,
    score,
)
from etabli.features.workshop import find_energy
from etabli.hub import Hub
from etabli.operations.inference import ask_folder
from etabli.operations.outside_models import ask_outside, check_outside
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
    outside: OutsideScore | None = None
    """What a model elsewhere made of a part of the examples."""
    outside_difference: Difference | None = None
    """From the first model, on that part."""


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
    outside: OutsideModel | None = None,
) -> Comparison:
    """Ask each model the same examples, and say how they differ.

    Args:
        names: OWNER/NAME of each; the first is the one that the others are compared with.
        dataset: OWNER/NAME of the one whose `test.csv` is asked; by default, the dataset that the
            first model's card names.
        answers_a_day: for how many questions a machine is thought to be on all day, to say
            whether each model is frugal.
        outside: a model elsewhere that is asked a part of the examples; then one model is enough.

    Raises:
        NumberOfModelsError: fewer than two models, or more than four.
        RepoNotFoundError: the actor sees no such model, or dataset.
        GatedRepoError: the actor may not read the bytes of one of them.
        NotServableError, EncoderMissingError: one of them cannot answer here.
        UnnamedExaminationError, NoExaminationError: there are no examples to ask.
        BadOutsideModelError and others: see `outside_models.ask_outside`.
        BusyError, TooSlowToAnswerError, AnsweringFailedError: see `inference.ask`.
    """
    if outside is not None:
        check_outside(site, outside)
    wanted = _wanted(names, outside)
    entrants, examination = await READS.run(_find, site, actor, wanted, dataset.strip())
    examples = examination.examples
    labels = labels_of(examples, entrants[0].labels) if outside else ()
    scores = [await _score(site, actor, entrant, examination) for entrant in entrants]
    a_day = min(max(answers_a_day, 1), MAX_ANSWERS_A_DAY)
    compared = [
        _compared(site, scores[0], one, entrant, a_day)
        for one, entrant in zip(scores, entrants, strict=True)
    ]
    if outside is None:
        return Comparison(examination, compared)
    elsewhere = await ask_outside(site, outside, labels, examples, scores[0])
    apart = difference_of(elsewhere.first_right, elsewhere.right)
    return Comparison(examination, compared, elsewhere, apart)


async def plan_outside(
    site: Site, actor: Actor, names: Sequence[str], dataset: str, outside: OutsideModel
) -> OutsidePlan:
    """What asking a model elsewhere would take, before anything is sent to it.

    Raises: as `compare_models`, but for what only its answers can tell.
    """
    check_outside(site, outside)
    wanted = _wanted(names, outside)
    entrants, examination = await READS.run(_find, site, actor, wanted, dataset.strip())
    labels = labels_of(examination.examples, entrants[0].labels)
    return plan(outside, labels, examination.examples)


def _wanted(names: Sequence[str], outside: OutsideModel | None) -> Sequence[str]:
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    least = MIN_MODELS if outside is None else 1
    if not least <= len(wanted) <= MAX_MODELS:
        raise NumberOfModelsError(least, MAX_MODELS)
    return wanted


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
