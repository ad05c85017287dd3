import pytest

from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site


def test_an_upstream_is_added_listed_and_removed(operator):
    said = operator.runs("upstreams", "add", "https://Hub.Example.org/", "--name", "there")
    assert "https://hub.example.org" in said
    operator.runs("upstreams", "add", "http://127.0.0.1:9", "--allow-private")
    assert operator.runs("upstreams", "ls").splitlines() == [
        "there\thttps://hub.example.org\tpublic\t0",
        "127.0.0.1-9\thttp://127.0.0.1:9\tprivate\t0",
    ]
    operator.runs("upstreams", "remove", "there")
    assert len(operator.runs("upstreams", "ls").splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["add", "ftp://hub.example.org"], "https://"),
        (["add", "https://me:secret@hub.example.org"], "password"),
        (["add", "https://hub.example.org/?a=b"], "https://"),
        (["add", "https://hub.example.org:port"], "https://"),
        (["add", "https://hub.example.org", "--name", "a/b"], "cannot name"),
        (["add", "http://127.0.0.1:9"], "--allow-private"),
        (["add", "http://localhost:9"], "--allow-private"),
        (["add", "http://10.0.0.1"], "--allow-private"),
        (["add", "https://there.example.org", "--name", "other"], "already"),
        (["remove", "nobody"], "nobody"),
        (["clear", "nobody"], "nobody"),
        (["clear", "nobody/nothing"], "nobody/nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(operator, words, reason):
    operator.runs("upstreams", "add", "https://there.example.org", "--name", "there")
    code, _, said = operator.tries("upstreams", *words)
    assert code == 1
    assert reason in said
    assert len(operator.runs("upstreams", "ls").splitlines()) == 1


def test_to_clear_an_owner_lets_the_name_go(operator):
    operator.runs("upstreams", "add", "https://there.example.org")
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    with site.open_hub() as hub:
        [upstream] = hub.federation.upstreams()
        hub.federation.bind("alice", upstream)
        repo = hub.mirrors.land(hub.mirrors.new_key(), RepoType.MODEL, "alice/model", {})
        hub.federation.note_made(repo, upstream)
    assert operator.runs("upstreams", "ls").endswith("\t1")
    assert operator.tries("users", "add", "alice", "--no-password")[0] == 1
    operator.runs("upstreams", "clear", "Alice/model")
    assert operator.tries("users", "add", "alice", "--no-password")[0] == 1
    operator.runs("upstreams", "clear", "alice")
    operator.runs("users", "add", "alice", "--no-password")
    site.close()
