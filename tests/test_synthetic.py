"""The hub that benchmarks measure is a hub, on either database."""

from benchmarks.synthetic import OWN_REPOS, make

from etabli.features.accounts import ANONYMOUS
from etabli.features.catalogue import Query, Sort
from etabli.features.repos import RepoType

COUNT = 400


def test_it_can_be_listed_and_searched(site):
    make(site.settings.data_dir, COUNT, site.settings.database_url)
    with site.read_hub() as hub:
        bench = hub.accounts.actor("bench")
        public, seen = (
            sum(hub.catalogue.count(actor, Query(type=type)).number for type in RepoType)
            for actor in (ANONYMOUS, bench)
        )
        by_word = hub.catalogue.count(ANONYMOUS, Query(words=["bert"]))
        newest = hub.catalogue.search(ANONYMOUS, Query(type=RepoType.MODEL), limit=5)
        used = hub.catalogue.search(ANONYMOUS, Query(tags=["en"], sort=Sort.DOWNLOADS), limit=5)
    assert public < seen < COUNT
    assert seen - public == OWN_REPOS // 2
    assert 0 < by_word.number < COUNT
    assert len(newest.items) == len(used.items) == 5
    downloads = [item.repo.downloads for item in used.items]
    assert downloads == sorted(downloads, reverse=True)
