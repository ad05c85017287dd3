"""The verbs of the workshop."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from etabli.engine_contract.evaluation import Exam
from etabli.engine_contract.training import DATA_OUT, MODEL, RESULT, TABLE, CheckReport
from etabli.features.accounts import Actor
from etabli.features.footprint import Energy
from etabli.features.repos import NewRepo, Repo, Repos, RepoType
from etabli.features.serving import EncoderMissingError, ModelFolder, Serving
from etabli.features.workshop.advice import Advice
from etabli.features.workshop.cards import dataset_card, model_card
from etabli.features.workshop.checking import CheckedTable
from etabli.features.workshop.errors import (
    BadTableError,
    PersonalDataShownError,
    RunNotFoundError,
    WrongStateError,
)
from etabli.features.workshop.evaluation import advise, read_exam
from etabli.features.workshop.events import RunDeleted, RunQueued
from etabli.features.workshop.facts import Facts
from etabli.features.workshop.folders import RunFolders
from etabli.features.workshop.models import (
    DataSource,
    PersonalData,
    PlannedRepo,
    Progress,
    Publication,
    PublicationPlan,
    Run,
    RunOptions,
    RunState,
    ShownRow,
)
from etabli.features.workshop.queries import RunStore
from etabli.features.workshop.recipes import Recipe, recipe_called, recipe_of
from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import Message, Translator
from etabli.foundation.unit_of_work import UnitOfWork

DATASET_SUFFIX = "-data"
PREVIEWED_ROWS = 10


class Workshop:
    """Make a small model from a table: look at it, make, judge, publish."""

    def __init__(
        self,
        work: UnitOfWork,
        repos: Repos,
        serving: Serving,
        folders: RunFolders,
    ) -> None:
        self._work = work
        self._repos = repos
        self._serving = serving
        self._folders = folders
        self._store = RunStore(work.db)

    # Before

    def start(self, actor: Actor, draft: CheckedTable, source: DataSource) -> Run:
        """Keep a table that has been looked at, whose language is guessed if nobody says it."""
        guess = self._folders.check(draft.key)["understood"]["language"]
        language = source.language or (guess if guess != "other" else "")
        self._folders.set_language(draft.key, language)
        run = Run(
            key=draft.key,
            owner=actor.name,
            name=draft.name,
            state=RunState.CHECKED,
            source=asdict(replace(source, language=language)),
            created_at=self._work.now,
        )
        self._store.add(run)
        return run

    def require_free(self, actor: Actor, namespace: str, name: str, *, with_data: bool) -> None:
        """Whether a model could be published there now: better known before it is made.

        Raises: as `Repos.create`.
        """
        self._repos.require_free(actor, RepoType.MODEL, namespace, name)
        if with_data:
            self._repos.require_free(actor, RepoType.DATASET, namespace, name + DATASET_SUFFIX)

    def runs(self, actor: Actor) -> Sequence[Run]:
        return self._store.of_owner(actor.name or "")

    def get(self, actor: Actor, key: str) -> Run:
        """
        Raises:
            RunNotFoundError: there is none, or it is somebody else's.
        """
        run = self._store.get(key)
        if run is None or run.owner != actor.name:
            raise RunNotFoundError
        return run

    def findings(self, run: Run) -> CheckReport:
        """What was understood of the table and found in it: see the recipe's `check.json`."""
        return self._folders.check(run.key)

    def recipe(self, run: Run) -> Recipe:
        """The kind of AI that its table is looked at for."""
        return recipe_of(self.findings(run))

    def made(self, run: Run) -> Recipe:
        """The kind that was made: a recipe may find that another's serves better. Raises as
        `result`."""
        return recipe_of(self.result(run))

    def kinds(self, run: Run) -> Sequence[tuple[Recipe, Message]]:
        """Of the kinds of AI that can be made from what was brought: each, and why. The likeliest
        first."""
        found = self.findings(run).get("kinds", ())
        known = [(recipe_called(one["recipe"]), Message.of_json(one["reason"])) for one in found]
        return [(recipe, reason) for recipe, reason in known if recipe is not None]

    def choices(self, run: Run) -> RunOptions:
        job = self._folders.job(run.key)
        return RunOptions(
            job.text_column,
            job.label_columns,
            job.fixes,
            job.encoding,
            job.prefer,
            job.sheet,
            job.recipe,
        )

    def refusal(self, run: Run) -> Message | None:
        """Why nothing can be learned from its table as it is looked at; None when it can."""
        refused = self.findings(run).get("refused")
        return Message.of_json(refused) if refused else None

    def require_unmade(self, actor: Actor, key: str) -> Run:
        """
        Raises:
            WrongStateError: it is being made, or is made: its table is not to be looked at again.
        """
        run = self.get(actor, key)
        if run.state not in (RunState.CHECKED, RunState.FAILED):
            raise WrongStateError
        return run

    # Making

    def queue(self, actor: Actor, key: str) -> Run:
        """Ask a worker to make it. Idempotent; one that failed is tried again.

        Raises:
            BadTableError: nothing can be learned from its table as it is looked at.
        """
        run = self.get(actor, key)
        refusal = self.refusal(run)
        if refusal is not None:
            raise BadTableError(refusal)
        if run.state in (RunState.CHECKED, RunState.FAILED):
            run.state, run.problem = RunState.QUEUED, None
            self._work.announce(RunQueued(run.key))
        return run

    def mark_started(self, key: str) -> bool:
        """For the worker: whether this run is to be made now."""
        run = self._store.get(key)
        if run is None or not run.state.is_under_way:
            return False
        run.state = RunState.MAKING
        return True

    def mark_finished(self, key: str, problem: EtabliError | None) -> None:
        """For the worker: it is made, or it failed and why."""
        run = self._store.get(key)
        if run is None or run.state is not RunState.MAKING:
            return
        run.state = RunState.FAILED if problem else RunState.MADE
        run.problem = dict(problem.text.as_json()) if problem else None
        run.made_at = self._work.now

    def stop(self, actor: Actor, key: str) -> Run:
        """Give up the making; the table stays. The worker sees it within a second."""
        run = self.get(actor, key)
        if run.state.is_under_way:
            run.state = RunState.CHECKED
        return run

    def is_stopped(self, key: str) -> bool:
        run = self._store.get(key)
        return run is None or run.state is not RunState.MAKING

    def progress(self, run: Run) -> Progress | None:
        return self._folders.progress(run.key)

    def delete(self, actor: Actor, key: str) -> None:
        """Forget a run and its files. What was published stays."""
        run = self.get(actor, key)
        self._store.delete(run.key)
        self._work.announce(RunDeleted(run.key))

    def clear(self, key: str) -> None:
        """Remove the folder of a deleted run. Idempotent."""
        if self._store.get(key) is None:
            self._folders.delete(key)

    # After

    def result(self, run: Run) -> Mapping[str, Any]:
        """How good it is, measured: see the recipe's `result.json`.

        Raises:
            WrongStateError: it is not made.
        """
        if not run.state.has_result:
            raise WrongStateError
        return self._folders.read(run.key, RESULT)

    def exam(self, run: Run) -> Exam:
        """The same, as figures that can be relied on.

        Raises:
            WrongStateError: it is not made.
        """
        return read_exam(self.result(run))

    def advice(self, run: Run) -> Advice:
        """What to do with what was made, by its examination."""
        return advise(read_exam(self.result(run)))

    def energy_to_make(self, run: Run) -> Energy:
        return self._serving.energy(self.result(run)["training"]["cpu_s"])

    def energy_of_an_answer(self, run: Run) -> Energy:
        return self._serving.energy(self.result(run)["speed"]["cpu_s_per_answer"])

    def model_folder(self, run: Run) -> ModelFolder:
        """The model before it is published, for whoever wants to ask it.

        Raises:
            WrongStateError: it is not made.
        """
        encoder = self.result(run).get("ladder", {}).get("encoder")
        path = self._folders.path(run.key) / MODEL
        if encoder is None:
            return ModelFolder(path)
        folder = self._serving.encoder_folder(encoder["repo"], encoder["commit"])
        if folder is None:
            raise EncoderMissingError(run.name, encoder["repo"])
        return ModelFolder(path, encoder=folder)

    def replies(self, run: Run) -> Mapping[str, str]:
        """What the model replies for each of its labels; empty where nothing was written."""
        labels = self.made(run).labels(self.result(run))
        written = self._folders.read(run.key, "model/etabli.json").get("answers", {})
        return {label: written.get(label, "") for label in labels}

    def set_replies(self, actor: Actor, key: str, replies: Mapping[str, str]) -> Run:
        run = self.get(actor, key)
        known = self.replies(run)
        kept = {label: text.strip() for label, text in replies.items() if label in known}
        self._folders.set_replies(run.key, {label: text for label, text in kept.items() if text})
        return run

    def suggest(self, run: Run, namespace: str) -> Publication:
        """How to publish when nobody says: a table of one's own is for its maker alone, and what
        is public already is as its owner has new repositories."""
        source = DataSource(**run.source)
        return Publication(
            namespace=namespace,
            name=run.name,
            private=not source.is_public or self._repos.is_private_by_default(namespace),
            with_data=source.is_public,
            license=source.license,
        )

    def personal_data(self, run: Run) -> PersonalData:
        """What was found in the table, and whether it is masked in what was made of it."""
        return PersonalData.of(self.findings(run), self.result(run))

    def preview(self, run: Run) -> Sequence[ShownRow]:
        """Ten rows of the data exactly as others would see them."""
        self.result(run)
        return self._folders.shown_rows(run.key, PREVIEWED_ROWS)

    def draft_cards(
        self, run: Run, publication: Publication, translator: Translator
    ) -> tuple[str, str]:
        """The cards of the model and of its data, written from the facts."""
        facts = self._facts(run, publication)
        recipe = self.made(run)
        return model_card(recipe, facts, translator), dataset_card(recipe, facts, translator)

    def plan_publication(
        self, actor: Actor, key: str, publication: Publication, translator: Translator
    ) -> PublicationPlan:
        """The repositories that are to be made of a run, and their files.

        Raises:
            WrongStateError: it is not made, or is published already.
            PersonalDataShownError: it would be public, and nobody has said that it may be.
            RepoExistsError, InvalidRepoNameError, NotAllowedError: see `Repos.create`.
        """
        run = self.get(actor, key)
        self._require_made(run)
        if publication.private is None:
            private = self._repos.is_private_by_default(publication.namespace)
            publication = replace(publication, private=private)
        self._require_seen(run, publication)
        for_model, for_data = self.draft_cards(run, publication, translator)
        data = None
        if publication.with_data:
            card = publication.dataset_card or for_data
            files = {**self._folders.files(run.key, DATA_OUT), "README.md": card.encode()}
            new = self._plan(actor, publication, RepoType.DATASET, DATASET_SUFFIX)
            data = PlannedRepo(new, files)
        card = publication.model_card or for_model
        files = {**self._model_files(run, publication), "README.md": card.encode()}
        model = PlannedRepo(self._plan(actor, publication, RepoType.MODEL), files)
        return PublicationPlan(model, data, names_data=self.made(run).source != TABLE)

    def note_published(self, actor: Actor, key: str, model: Repo, data: Repo | None) -> Run:
        """With the transaction that made the repositories.

        Raises:
            WrongStateError: it was published meanwhile.
        """
        run = self.get(actor, key)
        self._require_made(run)
        run.model, run.name, run.state = model.full_name, model.name, RunState.PUBLISHED
        if data is not None:
            run.dataset = data.full_name
        return run

    def _require_made(self, run: Run) -> None:
        if run.state is not RunState.MADE:
            raise WrongStateError

    def _require_seen(self, run: Run, publication: Publication) -> None:
        personal = self.personal_data(run)
        goes_out = publication.with_data or self.made(run).holds_texts
        is_shown = goes_out and not publication.private
        if is_shown and personal.is_left and not publication.shows_personal_data:
            raise PersonalDataShownError(personal.rows)

    def _facts(self, run: Run, publication: Publication) -> Facts:
        return Facts(
            publication=publication,
            dataset=publication.name + DATASET_SUFFIX if publication.with_data else None,
            source=DataSource(**run.source),
            findings=self.findings(run),
            result=self.result(run),
            energy_to_make=self.energy_to_make(run),
            emissions_to_make=self._serving.emissions(self.energy_to_make(run)),
            energy_of_an_answer=self.energy_of_an_answer(run),
            made_at=run.made_at or self._work.now,
            personal=self.personal_data(run),
        )

    def _plan(
        self, actor: Actor, publication: Publication, type: RepoType, suffix: str = ""
    ) -> NewRepo:
        name = publication.name + suffix
        return self._repos.plan(
            actor, type, publication.namespace, name, private=publication.private
        )

    def _model_files(self, run: Run, publication: Publication) -> dict[str, Path | bytes]:
        """What is published of the model: without its data, no message is quoted either."""
        files = {**self._folders.files(run.key, MODEL), "energy.json": self._energy_file(run)}
        if not publication.with_data:
            examined = {**self._folders.read(run.key, "model/eval.json"), "mistakes": []}
            files["eval.json"] = json.dumps(examined, ensure_ascii=False, indent=1).encode()
        return files

    def _energy_file(self, run: Run) -> bytes:
        content = {
            "making": self._figures(self.energy_to_make(run)),
            "a_thousand_answers": self._figures(self.energy_of_an_answer(run).times(1000)),
        }
        return json.dumps(content, indent=1).encode()

    def _figures(self, energy: Energy) -> dict[str, Any]:
        emissions = self._serving.emissions(energy)
        return {
            "energy_wh": energy.wh,
            "energy_low_wh": energy.low_wh,
            "energy_high_wh": energy.high_wh,
            "energy_method": energy.method,
            "energy_how": str(energy.how),
            "emissions_g_co2e": emissions.g_co2e,
            "emissions_method": emissions.method,
            "emissions_how": str(emissions.how),
        }
