"""From an event to its consequences, by the real reactions."""

import threading
import time

import pytest

from etabli.features.catalogue import Query
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.foundation.jobs import Job, Plan
from etabli.operations import commits, usage
from etabli.operations.event_handlers import LONG, REACTIONS, UPKEEP
from etabli.server.worker import PLANS, Worker, work_once


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


def drain(site, lane="short"):
    while work_once(site, lane):
        pass


def tags(site, actor):
    with site.read_hub() as hub:
        return [item.facts.tags for item in hub.catalogue.search(actor, Query()).items]


def card(site, actor, repo, text):
    commits.commit(
        site, actor, repo, "main", [AddFile("README.md", text.encode())], "Say what it is"
    )


def test_a_new_card_reaches_the_catalogue(site, alice, repo):
    card(site, alice, repo, "---\nlicense: mit\n---\nHello")
    assert work_once(site)
    drain(site)
    assert tags(site, alice) == [["license:mit"]]


def test_every_reaction_bears_a_repetition(site, alice, repo):
    card(site, alice, repo, "---\nlicense: mit\n---\nHello")
    with site.open_hub() as hub:
        hub.jobs.plan(PLANS)
        again = hub.work.db.query(Job).all()
        for job in again:
            hub.work.db.add(
                Job(
                    reaction=job.reaction,
                    event=job.event,
                    lane=job.lane,
                    payload=job.payload,
                    due_at=job.due_at,
                )
            )
    drain(site)
    assert tags(site, alice) == [["license:mit"]]
    with site.read_hub() as hub:
        assert hub.jobs.counts() == {"waiting": 0, "given_up": 0}


def test_without_news_there_is_nothing_to_do(site):
    assert not work_once(site)
    assert not work_once(site, "long")


def test_a_reaction_that_fails_is_put_off_and_the_worker_goes_on(site, alice, repo, caplog):
    with site.open_hub() as hub:
        hub.work.db.query(Job).delete()
        hub.jobs.plan({"RepoCreated": [Plan("no_such_reaction", "short")]})
    assert work_once(site)
    assert "no_such_reaction" in caplog.text
    with site.read_hub() as hub:
        (job,) = hub.work.db.query(Job).filter(Job.reaction == "no_such_reaction")
        assert "KeyError" in job.last_error
        assert not job.running
    card(site, alice, repo, "---\nlicense: mit\n---\nHello")
    drain(site)
    assert tags(site, alice) == [["license:mit"]]


def test_a_deleted_repository_leaves_no_folder(site, alice, repo):
    folder = site.backends.git.path(repo.key)
    drain(site)
    assert folder.exists()
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
    drain(site)
    assert not folder.exists()


def test_what_was_pushed_to_a_repository_deleted_since_harms_nothing(site, alice, repo):
    card(site, alice, repo, "Hello")
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
    site.backends.git.delete(repo.key)
    drain(site)
    with site.read_hub() as hub:
        assert hub.work.db.query(Job).all() == []


def test_downloads_are_counted_once_they_are_written_down(site, alice, repo):
    for _ in range(3):
        site.usage.count_download(repo.key)
    usage.keep_usage(site)
    usage.keep_usage(site)
    with site.read_hub() as hub:
        assert hub.repos.by_key(repo.key).downloads == 3


def test_a_download_of_a_repository_deleted_since_counts_for_nothing(site):
    site.usage.count_download("gone")
    usage.keep_usage(site)
    assert not site.usage.take()


def test_a_worker_works_until_it_is_stopped(site, alice, repo):
    before = set(threading.enumerate())
    worker = Worker(site)
    worker.start()
    try:
        card(site, alice, repo, "---\nlicense: mit\n---\nHello")
        until = time.monotonic() + 10
        while tags(site, alice) != [["license:mit"]] and time.monotonic() < until:
            time.sleep(0.05)
        assert tags(site, alice) == [["license:mit"]]
    finally:
        worker.stop()
    began = set(threading.enumerate()) - before
    assert not [thread for thread in began if thread.name.startswith("worker-")]


def test_the_only_worker_takes_up_what_a_killed_one_held(site, alice, repo):
    with site.open_hub() as hub:
        hub.jobs.plan(PLANS)
        held = hub.jobs.claim("short")
    assert held is not None
    worker = Worker(site, alone=True)
    worker.start()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with site.read_hub() as hub:
            if hub.work.db.get(Job, held.id) is None:
                break
        time.sleep(0.05)
    worker.stop()
    with site.read_hub() as hub:
        assert hub.work.db.get(Job, held.id) is None


def test_each_reaction_is_in_one_lane_and_has_a_name_of_its_own():
    names = {reaction.__name__ for reactions in REACTIONS.values() for reaction in reactions}
    assert {reaction.__name__ for reaction in (*LONG, *UPKEEP)} <= names
    for event, plans in PLANS.items():
        assert len({plan.reaction for plan in plans}) == len(plans), event
