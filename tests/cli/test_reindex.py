import shutil

from etabli.cli.terminal import FAILED
from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site


def test_an_operator_makes_the_index_anew_and_is_told_what_is_broken(operator):
    operator.runs("users", "add", "alice", "--no-password")
    site = Site(Settings(data_dir=operator.data_dir, database_url="", embedded_worker=False))
    with site.open_hub() as hub:
        alice = hub.accounts.actor("alice")
        repos = [hub.repos.create(alice, RepoType.MODEL, "alice", name) for name in ("a", "b")]
    assert "Repositories indexed: 2. Left as they were: 0." in operator.runs("reindex")
    shutil.rmtree(site.backends.git.path(repos[0].key))
    site.close()
    code, said, warned = operator.tries("reindex", "--empty")
    assert code == FAILED
    assert "alice/a cannot be read" in warned
    assert "Repositories indexed: 1. Left as they were: 1." in said
