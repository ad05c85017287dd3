"""The main job, by its verbs: a table, a model, its figures, its publication."""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from etabli.engine.tables.job import Fixes
from etabli.engine_contract.training import Stage
from etabli.features.accounts import NotAllowedError
from etabli.features.catalogue import Query
from etabli.features.repos import InvalidRepoNameError, RepoExistsError, RepoType
from etabli.features.serving import Decision
from etabli.features.workshop import (
    NO_FIXES,
    BadTableError,
    Publication,
    RunNotFoundError,
    RunOptions,
    RunState,
    WrongStateError,
    recipe_of,
)
from etabli.foundation.i18n.messages import ENGLISH
from etabli.operations import inference, training
from etabli.operations.publish_model import publish_model
from etabli.server.worker import work_once
from tests import made


def runs_of(site, actor):
    with site.read_hub() as hub:
        return hub.workshop.runs(actor)


def files_of(site, actor, type, name):
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(hub.repos.get(actor, type, name))
        return {entry.path: snapshot.read(entry.path) for entry in snapshot.entries()}


def test_the_workshop_names_all_the_corrections_of_its_recipes():
    assert set(NO_FIXES) == {field.name for field in fields(Fixes)}
    assert set(recipe_of({}).fixes) <= set(NO_FIXES)
    assert all(vars(Fixes()).values())


def test_the_workshop_has_words_for_each_stage():
    assert set(recipe_of({}).stages) == set(Stage)


class TestStart:
    def test_a_table_is_kept_with_what_was_found_in_it(self, site, alice):
        run = made.start(site, alice)
        assert run.state is RunState.CHECKED
        with site.read_hub() as hub:
            understood = hub.workshop.findings(run)["understood"]
        assert understood["rows"] == 63
        assert understood["label_column"]["name"] == "label"

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "empty"),
            ("text,label\nhello\n" * 30, "Line 2"),
            ("text,label\n" + "hello there,one\n" * 40, "label"),
            (b"PK\x03\x04" + b"\0" * 100, "cannot be unpacked"),
        ],
    )
    def test_of_a_bad_table_nothing_stays(self, site, alice, content, sentence):
        with pytest.raises(BadTableError, match=sentence):
            made.start(site, alice, content=content or b"\n")
        assert runs_of(site, alice) == []
        assert list(site.backends.runs.root.iterdir()) == []

    def test_a_name_that_no_model_can_have_is_refused_first(self, site, alice):
        with pytest.raises(InvalidRepoNameError):
            made.start(site, alice, name="not a name")
        assert list(site.backends.runs.root.iterdir()) == []

    def test_another_column_is_tried_and_a_wrong_one_changes_nothing(self, site, alice):
        run = made.start(site, alice)
        with pytest.raises(BadTableError):
            training.check_again(site, alice, run.key, RunOptions(label_columns=("nothing",)))
        with site.read_hub() as hub:
            assert hub.workshop.findings(run)["understood"]["label_column"]["name"] == "label"
        training.check_again(site, alice, run.key, RunOptions(fixes={"drop_duplicates": False}))
        with site.read_hub() as hub:
            assert hub.workshop.choices(run).fixes["drop_duplicates"] is False

    def test_a_run_is_its_owner_s_alone(self, site, alice, bob):
        run = made.start(site, alice)
        with site.open_hub() as hub:
            for deed in (hub.workshop.get, hub.workshop.queue, hub.workshop.delete):
                with pytest.raises(RunNotFoundError):
                    deed(bob, run.key)
        assert runs_of(site, bob) == []


class TestMake:
    def test_the_worker_makes_it_in_the_long_lane(self, site, alice):
        run = made.start(site, alice)
        with site.open_hub() as hub:
            hub.workshop.queue(alice, run.key)
        assert work_once(site, "long")
        with site.read_hub() as hub:
            run = hub.workshop.get(alice, run.key)
            result, progress = hub.workshop.result(run), hub.workshop.progress(run)
            energy = hub.workshop.energy_to_make(run)
        assert run.state is RunState.MADE
        assert run.made_at - run.created_at < timedelta(minutes=1)
        assert result["accuracy"]["value"] > 0.8
        assert progress.stage == "done"
        assert 0 < energy.low_wh < energy.wh < energy.high_wh

    def test_a_making_cut_short_starts_again(self, site, alice):
        run = made.start(site, alice)
        with site.open_hub() as hub:
            hub.workshop.queue(alice, run.key)
            hub.workshop.mark_started(run.key)
        (site.backends.runs.path(run.key) / "model.partial").mkdir()
        training.make_run(site, run.key)
        with site.read_hub() as hub:
            assert hub.workshop.get(alice, run.key).state is RunState.MADE

    def test_one_that_is_stopped_is_not_made_and_keeps_its_table(self, site, alice):
        run = made.start(site, alice)
        with site.open_hub() as hub:
            hub.workshop.queue(alice, run.key)
            hub.workshop.stop(alice, run.key)
        training.make_run(site, run.key)
        with site.read_hub() as hub:
            run = hub.workshop.get(alice, run.key)
            with pytest.raises(WrongStateError):
                hub.workshop.result(run)
        assert run.state is RunState.CHECKED

    def test_one_that_fails_says_why_and_can_be_tried_again(self, site, alice):
        run = made.start(site, alice)
        table = site.backends.runs.path(run.key) / "data" / "train" / "messages.csv"
        whole = table.read_text()
        table.write_text("text,label\nonly,one\n")
        run = made.make(site, alice, run)
        assert run.state is RunState.FAILED
        assert str(run.problem_text).endswith(".")
        table.write_text(whole)
        assert made.make(site, alice, run).state is RunState.MADE

    def test_a_deleted_run_leaves_no_files(self, site, alice):
        run = made.start(site, alice)
        with site.open_hub() as hub:
            hub.workshop.delete(alice, run.key)
        assert work_once(site)
        assert not site.backends.runs.path(run.key).exists()


class TestLabels:
    def test_check_card_replies_and_model_count_the_same_ones(self, site, alice):
        rare = "".join(f"the branch in town {n} is closed,branch\n" for n in range(2))
        table = made.table_of_careless_labels() + rare + "alone,single\n"
        run = made.start(site, alice, content=table)
        with site.read_hub() as hub:
            checked = hub.workshop.findings(run)["after_fixes"]["classes"]
        run = made.make(site, alice, run)
        with site.read_hub() as hub:
            replies = hub.workshop.replies(run)
            card, _ = hub.workshop.draft_cards(run, hub.workshop.suggest(run, "alice"), ENGLISH)
        config = json.loads(
            (site.backends.runs.path(run.key) / "model" / "config.json").read_text()
        )
        assert len(checked) == len(replies) == config["num_labels"] == 4
        assert "into 4 subjects" in card


class TestPublish:
    def test_model_and_data_appear_together_with_cards_from_facts(self, site, alice):
        run = made.published(site, alice, license="mit")
        assert (run.model, run.dataset) == ("alice/helpdesk", "alice/helpdesk-data")
        model = files_of(site, alice, RepoType.MODEL, "alice/helpdesk")
        data = files_of(site, alice, RepoType.DATASET, "alice/helpdesk-data")
        assert {"README.md", "model.safetensors", "eval.json", "energy.json"} <= set(model)
        assert {"README.md", "train.csv", "test.csv"} <= set(data)
        assert b"license: mit" in model["README.md"]
        assert b"alice/helpdesk-data" in model["README.md"]
        assert json.loads(model["energy.json"])["making"]["energy_method"] == "modelled"

    def test_what_is_public_already_is_as_the_owner_has_new_ones(self, site, alice):
        """As the form for a new repository: by hand, by suggestion, and for nobody's name."""
        with site.open_hub() as hub:
            hub.accounts.create_org("quiet", "alice", private_by_default=True)
            alice = hub.accounts.actor("alice")
        run = made.make(site, alice, made.start(site, alice))
        with site.open_hub() as hub:
            shown = hub.workshop.get(alice, run.key)
            shown.source = {**shown.source, "is_public": True}
        with site.read_hub() as hub:
            shown = hub.workshop.get(alice, run.key)
            for owner, private in (("alice", False), ("quiet", True), ("nobody", False)):
                assert hub.workshop.suggest(shown, owner).private is private, owner
            for said, private in ((None, True), (False, False)):
                asked = Publication(namespace="quiet", name="helpdesk", private=said)
                plan = hub.workshop.plan_publication(alice, run.key, asked, ENGLISH)
                assert plan.model.new.private is private

    def test_without_the_data_no_message_is_quoted(self, site, alice):
        table = made.table() + "somebody stole my pin and my transfer abroad,card_lost\n" * 3
        run = made.make(site, alice, made.start(site, alice, content=table))
        folder = site.backends.runs.path(run.key) / "model"
        examined = json.loads((folder / "eval.json").read_text())
        examined["mistakes"] = [{"text": "my name is Anna", "true": "a", "predicted": "b"}]
        (folder / "eval.json").write_text(json.dumps(examined))
        made.publish(site, alice, run, with_data=False)
        files = files_of(site, alice, RepoType.MODEL, "alice/helpdesk")
        assert json.loads(files["eval.json"])["mistakes"] == []
        assert not any(b"Anna" in content for content in files.values())
        card = files["README.md"].decode()
        assert "The texts that it was made from are not published" in card
        assert "alice/helpdesk-data" not in card

    def test_a_table_of_one_s_own_is_suggested_for_oneself(self, site, alice):
        run = made.make(site, alice, made.start(site, alice))
        with site.read_hub() as hub:
            suggested = hub.workshop.suggest(run, "alice")
            preview = hub.workshop.preview(run)
        assert (suggested.private, suggested.with_data) == (True, False)
        assert len(preview) == 10
        assert {row.label for row in preview} <= set(made.SUBJECTS)

    def test_nothing_is_published_when_half_of_it_cannot_be(self, site, alice):
        with site.open_hub() as hub:
            hub.repos.create(alice, RepoType.MODEL, "alice", "helpdesk")
        run = made.make(site, alice, made.start(site, alice))
        with pytest.raises(RepoExistsError):
            made.publish(site, alice, run)
        with site.read_hub() as hub:
            assert hub.catalogue.search(alice, Query(type=RepoType.DATASET)).items == []
            assert hub.workshop.get(alice, run.key).state is RunState.MADE

    def test_only_where_one_may_write(self, site, alice, bob):
        run = made.make(site, alice, made.start(site, alice))
        publication = Publication(namespace="bob", name="helpdesk")
        with pytest.raises(NotAllowedError):
            publish_model(site, alice, run.key, publication, ENGLISH)

    def test_twice_is_refused(self, site, alice):
        run = made.published(site, alice)
        with pytest.raises(WrongStateError):
            made.publish(site, alice, run)

    def test_a_card_that_was_edited_is_taken_as_it_is(self, site, alice):
        made.published(site, alice, model_card="# Mine\n")
        assert files_of(site, alice, RepoType.MODEL, "alice/helpdesk")["README.md"] == b"# Mine\n"


def test_it_can_be_tried_before_it_is_published_with_replies_of_one_s_own(site, alice):
    run = made.make(site, alice, made.start(site, alice))
    with site.open_hub() as hub:
        assert hub.workshop.replies(run)["pin_blocked"] == made.REPLIES["pin_blocked"]
        hub.workshop.set_replies(alice, run.key, {"card_lost": "Call us.", "nonsense": "x"})
    with site.read_hub() as hub:
        folder = hub.workshop.model_folder(run)
        assert hub.workshop.replies(run)["pin_blocked"] == ""
    [answer] = asyncio.run(inference.ask_folder(site, alice, folder, ["my card is lost at home"]))
    assert answer.decision is Decision.ANSWER
    assert answer.predicted[0].reply == "Call us."


def test_a_making_dies_with_the_hub_that_began_it(site, alice):
    rows = [
        f"{text} number {n},{label}"
        for n in range(1_500)
        for label, texts in made.SUBJECTS.items()
        for text in texts
    ]
    run = made.start(site, alice, content="text,label\n" + "\n".join(rows) + "\n")
    folder = site.backends.runs.path(run.key)
    program = (
        "from pathlib import Path\n"
        "from etabli.features.workshop import RunFolders, make\n"
        f"make(RunFolders(Path({str(folder.parent)!r})), {run.key!r}, lambda: False)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as hub:
        while not (child := _child_of(hub.pid)) or not (folder / "events.jsonl").exists():
            time.sleep(0.05)
        hub.kill()
    for _ in range(30):
        if not _is_running(child):
            break
        time.sleep(0.1)
    assert not _is_running(child)
    assert not (folder / "result.json").exists()


def _child_of(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
