import sqlite3
from contextlib import closing

import pytest
from argon2 import extract_parameters

from etabli.features.accounts import InvalidTokenError
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import etabli


def recognised(operator, secret):
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    with site.read_hub() as hub:
        actor = hub.accounts.recognise(secret)
    site.close()
    return actor


def test_an_account_with_a_password_from_a_script(operator):
    said = operator.runs("users", "add", "alice", "--admin", "--password-stdin", given="secret99\n")
    assert "alice" in said
    operator.runs("users", "add", "bob", "--no-password")
    assert operator.runs("users", "ls").splitlines() == ["alice\tadmin", "bob"]
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    with site.open_hub() as hub:
        hub.sign_ins.begin("alice").check("secret99")
    site.close()


@pytest.mark.parametrize(
    ("words", "given", "reason"),
    [
        (["users", "add", "settings", "--no-password"], None, "cannot be a name"),
        (["users", "add", "alice", "--password-stdin"], "short\n", "too short"),
        (["users", "add", "alice", "--password-stdin"], "", "standard input"),
        (["users", "add", "alice"], "", "No password"),
        (["users", "password", "alice"], "", "standard input"),
        (["users", "password", "nobody"], "long enough\n", "nobody"),
        (["orgs", "add", "guild", "--admin", "nobody"], None, "nobody"),
        (["orgs", "members", "set", "guild", "bob", "boss"], None, "boss"),
        (["orgs", "members", "ls", "guild"], None, "guild"),
        (["tokens", "add", "nobody"], None, "nobody"),
        (["tokens", "add", "nobody", "--stdin"], "", "standard input"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(operator, words, given, reason):
    operator.runs("users", "add", "somebody", "--no-password")
    code, out, err = operator.tries(*words, given=given)
    assert code == 1
    assert out == ""
    assert reason in err
    assert len(err.strip().splitlines()) == 1


def test_an_organization_and_its_members(operator):
    for name in ("alice", "bob"):
        operator.runs("users", "add", name, "--no-password")
    operator.runs("orgs", "add", "guild", "--admin", "alice")
    operator.runs("orgs", "members", "set", "guild", "bob", "write")
    assert operator.runs("orgs", "ls") == "guild"
    assert operator.runs("orgs", "members", "ls", "guild") == "alice\tadmin\nbob\twrite"
    operator.runs("orgs", "members", "set", "guild", "bob", "none")
    assert operator.runs("orgs", "members", "ls", "guild") == "alice\tadmin"


@pytest.mark.parametrize("role", ["ask", "read", "write"])
def test_a_new_token_is_all_that_is_printed(operator, role):
    operator.runs("users", "add", "alice", "--no-password")
    secret = operator.runs("tokens", "add", "alice", "--role", role, "--name", "ci")
    actor = recognised(operator, secret)
    assert (actor.name, actor.token_role, actor.token_name) == ("alice", role, "ci")


def test_a_tokens_value_may_be_given_on_the_standard_input(operator):
    operator.runs("users", "add", "alice", "--no-password")
    assert operator.runs(
        "tokens", "add", "alice", "--stdin", given="a-given-value-of-a-script\n"
    ) == ("a-given-value-of-a-script")
    assert recognised(operator, "a-given-value-of-a-script").token_role == "write"


def test_an_operator_lists_tokens_and_revokes_one(operator):
    operator.runs("users", "add", "alice", "--no-password")
    secret = operator.runs("tokens", "add", "alice", "--role", "ask", "--name", "the site")
    operator.runs("tokens", "add", "alice", "--name", "kept")
    listed = operator.runs("tokens", "ls", "alice")
    assert secret not in listed
    assert operator.runs("tokens", "list", "alice") == listed
    [row] = [line.split("\t") for line in listed.splitlines() if "the site" in line]
    key, *rest = row
    assert rest[:4] == [f"…{secret[-4:]}", "ask", "-", "the site"]
    assert "revoked" in operator.runs("tokens", "revoke", "alice", key)
    assert [
        line.split("\t")[4] for line in operator.runs("tokens", "ls", "alice").splitlines()
    ] == ["kept"]
    with pytest.raises(InvalidTokenError):
        recognised(operator, secret)
    assert "no such access token" in operator.tries("tokens", "revoke", "alice", key)[2]


@pytest.mark.parametrize(("option", "tokens"), [((), 1), (("--revoke-tokens",), 0)])
def test_an_operator_gives_a_new_password(operator, option, tokens):
    operator.runs("users", "add", "alice", "--no-password")
    operator.runs("tokens", "add", "alice")
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    with site.open_hub() as hub:
        secret = hub.accounts.open_sign_in("alice")
        for _ in range(5):
            hub.sign_ins.begin("alice")
    said = operator.runs("users", "password", "Alice", *option, given="correct horse\n")
    assert "signed out everywhere" in said
    with site.open_hub() as hub:
        hub.sign_ins.begin("alice").check("correct horse")  # at once: the wait is over
        assert hub.accounts.recognise_sign_in(secret) is None
        assert len(hub.accounts.tokens(hub.accounts.actor("alice"))) == tokens
    site.close()


def test_the_terminal_speaks_the_operators_language(operator, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    operator.runs("users", "add", "alice", "--no-password")  # whatever its words


def test_a_kept_password_takes_long_to_guess(tmp_path):
    """By a real process: other tests make theirs in less time."""
    etabli(tmp_path, "users", "add", "alice", "--password-stdin", given="correct horse\n")
    with closing(sqlite3.connect(tmp_path / "etabli.db")) as database:
        (kept,) = database.execute("SELECT password_hash FROM users").fetchone()
    parameters = extract_parameters(kept)
    assert (parameters.memory_cost, parameters.time_cost) >= (19_456, 2)  # OWASP's first choice


def test_what_new_repositories_of_an_organization_are(operator):
    operator.runs("users", "add", "alice", "--no-password")
    operator.runs("orgs", "add", "guild", "--admin", "alice", "--private")
    for option, expected in (("--public", False), ("--private", True)):
        said = operator.runs("orgs", "settings", "guild", option)
        assert option.removeprefix("--") in said
        site = Site(Settings(data_dir=operator.data_dir, database_url=""))
        with site.read_hub() as hub:
            assert hub.accounts.namespace("guild").private_by_default is expected
        site.close()


def test_a_token_that_may_only_ask_and_how_much(operator):
    operator.runs("users", "add", "alice", "--no-password")
    bounds = ("--questions-a-day", "1000", "--wh-a-day", "2", "--days", "30")
    secret = operator.runs("tokens", "add", "alice", "--may-only-ask", *bounds, "--name", "app")
    limits = recognised(operator, secret).meter.limits
    assert (limits.questions_a_day, limits.wh_a_day) == (1000, 2.0)
    key, _, scope, _, name, questions, energy, end, models = operator.runs(
        "tokens", "ls", "alice"
    ).split("\t")
    assert (scope, name, questions, energy) == ("ask", "app", "0/1000", "0 Wh/2 Wh")
    assert "T" in end
    assert models == "-"
    assert operator.runs("tokens", "usage", "alice", key) == ""
    code, _, err = operator.tries("tokens", "add", "alice", *bounds)
    assert code == 1
    assert "may only ask" in err
