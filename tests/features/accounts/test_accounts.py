import math
import re
from datetime import timedelta

import pytest

from etabli.features.accounts import (
    ANONYMOUS,
    Actor,
    BadCredentialsError,
    InvalidTokenError,
    NamespaceKind,
    NamespaceNotFoundError,
    NameTakenError,
    Permission,
    Resource,
    Role,
    Scope,
    SetupClosedError,
    SignInNeededError,
    Token,
    TokenRole,
    WeakPasswordError,
    can,
)
from etabli.features.accounts.errors import (
    InvalidNameError,
    ScopeMissingError,
    SessionNeededError,
    TokenNotFoundError,
    UnusableTokenError,
)
from etabli.features.accounts.models import RESERVED, BrowserSession
from etabli.features.accounts.tokens import TOKEN_LETTERS
from etabli.http import routes_of

PASSWORD = "correct horse"


def sign_in(hub, name, password):
    attempt = hub.sign_ins.begin(name)
    attempt.check(password)
    return hub.sign_ins.finish(attempt)


# Names


@pytest.mark.parametrize("name", ["a", "A1", "alice", "al.ice", "al-ice", "_a_", "9", "a" * 96])
def test_a_name_that_everybody_can_type_is_taken_in(hub, name):
    assert hub.accounts.register(name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "-a",
        "a-",
        ".a",
        "a.",
        "a--b",
        "a..b",
        "a b",
        "a/b",
        "a\\b",
        "é",
        "a\n",
        "a\0",
        "a" * 97,
        "x.git",
        "api",
        "API",
        "Settings",
        "..",
        "%2e",
        "a@b",
        "<a>",
        "\ud800",
    ],
)
def test_a_name_that_would_break_something_is_refused(hub, name):
    with pytest.raises(InvalidNameError):
        hub.accounts.register(name)


@pytest.mark.parametrize("twin", ["alice", "Alice", "ALICE", "aLiCe"])
def test_names_that_differ_in_case_only_are_one(hub, twin):
    hub.accounts.register("alice")
    with pytest.raises(NameTakenError):
        hub.accounts.register(twin)


def test_a_person_and_an_organization_share_the_names(hub):
    hub.accounts.register("alice")
    hub.accounts.create_org("guild", "alice")
    with pytest.raises(NameTakenError):
        hub.accounts.register("Guild")
    with pytest.raises(NameTakenError):
        hub.accounts.create_org("ALICE", "alice")


def test_a_refused_name_leaves_the_rest_of_the_deed(site):
    with site.open_hub() as hub:
        hub.accounts.register("alice")
        with pytest.raises(NameTakenError):
            hub.accounts.register("alice")
        hub.accounts.register("bob")
    with site.read_hub() as hub:
        names = [namespace.name for namespace in hub.accounts.namespaces(NamespaceKind.USER)]
    assert names == ["alice", "bob"]


def test_the_sites_own_addresses_are_nobodys_names(client):
    paths = [route.path for route in routes_of(client.app)]
    first_segments = {path.split("/")[1] for path in paths}
    assert not {part for part in first_segments if part and "{" not in part} - RESERVED


def test_a_person_is_found_whatever_the_case(hub):
    hub.accounts.register("Alice")
    assert hub.accounts.actor("aLICE").name == "Alice"
    assert hub.accounts.namespace("ALICE").name == "Alice"


def test_nobody_is_not_found(hub):
    with pytest.raises(NamespaceNotFoundError):
        hub.accounts.actor("nobody")
    with pytest.raises(NamespaceNotFoundError):
        hub.accounts.namespace("a\0b")


# The first account


def test_a_site_is_set_up_once_it_has_an_account(hub):
    assert not hub.accounts.is_set_up()
    hub.accounts.register("alice")
    assert hub.accounts.is_set_up()


def test_the_set_up_address_makes_an_administrator(hub):
    token = hub.accounts.issue_setup_token()
    admin = hub.accounts.set_up(token, "alice", PASSWORD)
    assert admin.is_admin
    assert hub.accounts.first_admin() == admin


def test_the_set_up_address_works_once(hub):
    token = hub.accounts.issue_setup_token()
    hub.accounts.set_up(token, "alice", PASSWORD)
    with pytest.raises(SetupClosedError):
        hub.accounts.set_up(token, "mallory", PASSWORD)


def test_only_the_newest_set_up_address_works(hub):
    old = hub.accounts.issue_setup_token()
    new = hub.accounts.issue_setup_token()
    with pytest.raises(SetupClosedError):
        hub.accounts.check_setup_token(old)
    hub.accounts.check_setup_token(new)


@pytest.mark.parametrize("guess", ["", "guess", "\0", "\ud800", "a" * 10_000])
def test_a_guessed_set_up_address_opens_nothing(hub, guess):
    hub.accounts.issue_setup_token()
    with pytest.raises(SetupClosedError):
        hub.accounts.set_up(guess, "mallory", PASSWORD)


def test_an_account_made_otherwise_closes_the_set_up_address(hub):
    token = hub.accounts.issue_setup_token()
    hub.accounts.register("alice")
    with pytest.raises(SetupClosedError):
        hub.accounts.check_setup_token(token)


def test_a_set_up_that_fails_can_be_tried_again(site):
    with site.open_hub() as hub:
        token = hub.accounts.issue_setup_token()
    with pytest.raises(WeakPasswordError), site.open_hub() as hub:
        hub.accounts.set_up(token, "alice", "short")
    with site.open_hub() as hub:
        assert hub.accounts.set_up(token, "alice", PASSWORD).is_admin


def test_the_set_up_token_is_not_kept_in_clear(site):
    with site.open_hub() as hub:
        token = hub.accounts.issue_setup_token()
    if site.database.is_sqlite:
        assert token.encode() not in (site.settings.data_dir / "etabli.db").read_bytes()


# Signing in


def test_somebody_signs_in_with_their_password(hub):
    hub.accounts.register("alice", PASSWORD)
    secret = sign_in(hub, "Alice", PASSWORD)
    assert hub.accounts.recognise_sign_in(secret).name == "alice"


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "wrong"), ("alice", ""), ("nobody", PASSWORD), ("", ""), ("a\0", PASSWORD)],
)
def test_whatever_is_wrong_the_answer_is_the_same(hub, name, password):
    hub.accounts.register("alice", PASSWORD)
    with pytest.raises(BadCredentialsError, match="do not go together"):
        sign_in(hub, name, password)


def test_an_account_without_a_password_cannot_sign_in(hub):
    hub.accounts.register("robot")
    for password in ("", "None", "null"):
        with pytest.raises(BadCredentialsError):
            sign_in(hub, "robot", password)


def test_a_short_password_is_refused(hub):
    with pytest.raises(WeakPasswordError, match="8"):
        hub.accounts.register("alice", "seven77")


def test_whoever_signs_out_is_a_stranger(hub):
    hub.accounts.register("alice", PASSWORD)
    secret = sign_in(hub, "alice", PASSWORD)
    hub.accounts.sign_out(secret)
    assert hub.accounts.recognise_sign_in(secret) is None


def test_a_sign_in_ends_after_a_month(hub):
    hub.accounts.register("alice", PASSWORD)
    secret = sign_in(hub, "alice", PASSWORD)
    kept = hub.work.db.query(BrowserSession).one()
    assert kept.expires_at - kept.created_at == timedelta(days=30)
    kept.expires_at = hub.work.now
    assert hub.accounts.recognise_sign_in(secret) is None


def test_signing_in_sweeps_out_what_is_old(hub):
    hub.accounts.register("alice", PASSWORD)
    sign_in(hub, "alice", PASSWORD)
    hub.work.db.query(BrowserSession).one().expires_at = hub.work.now - timedelta(seconds=1)
    sign_in(hub, "alice", PASSWORD)
    assert hub.work.db.query(BrowserSession).count() == 1


# Access tokens


def test_a_token_is_its_owner(hub):
    hub.accounts.register("alice")
    issued = hub.accounts.issue_token("alice", TokenRole.WRITE, "laptop")
    actor = hub.accounts.recognise(issued.secret)
    assert (actor.name, actor.token_role, actor.token_name) == ("alice", "write", "laptop")
    assert issued.secret.endswith(issued.token.hint)


def test_every_client_takes_a_new_token_for_one(hub):
    """llama.cpp refuses all that is not `hf_` and at least 34 letters or digits."""
    hub.accounts.register("alice")
    made = {hub.accounts.issue_token("alice", TokenRole.READ, "t").secret for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"hf_[A-Za-z0-9]{34,}", secret) for secret in made)
    assert TOKEN_LETTERS * math.log2(62) >= 190


def test_a_token_from_before_goes_on(hub):
    hub.accounts.register("alice")
    old = "hf_" + "a-b_" * 10 + "abc"
    hub.accounts.issue_token("alice", TokenRole.WRITE, "old", secret=old)
    assert hub.accounts.recognise(old).name == "alice"


@pytest.mark.parametrize("secret", ["", "hf_", "hf_unknown", "\0", "\ud800", "x" * 5000])
def test_a_token_that_nobody_issued_is_nobody(hub, secret):
    with pytest.raises(InvalidTokenError):
        hub.accounts.recognise(secret)


def test_a_revoked_token_is_nobody(hub):
    alice = hub.accounts.register("alice")
    issued = hub.accounts.issue_token("alice", TokenRole.WRITE, "laptop")
    hub.accounts.revoke_token(alice, issued.token.key)
    with pytest.raises(InvalidTokenError):
        hub.accounts.recognise(issued.secret)
    with pytest.raises(TokenNotFoundError):
        hub.accounts.revoke_token(alice, issued.token.key)


def test_nobody_revokes_somebody_elses_token(hub):
    hub.accounts.register("alice")
    bob = hub.accounts.register("bob")
    issued = hub.accounts.issue_token("alice", TokenRole.WRITE, "laptop")
    with pytest.raises(TokenNotFoundError):
        hub.accounts.revoke_token(bob, issued.token.key)
    assert hub.accounts.recognise(issued.secret).name == "alice"


def test_a_token_ends_when_it_says(hub):
    hub.accounts.register("alice")
    issued = hub.accounts.issue_token("alice", TokenRole.READ, "week")
    issued.token.expires_at = hub.work.now + timedelta(seconds=1)
    assert hub.accounts.recognise(issued.secret).name == "alice"
    issued.token.expires_at = hub.work.now
    with pytest.raises(InvalidTokenError):
        hub.accounts.recognise(issued.secret)


def test_a_tokens_value_may_be_given(hub):
    hub.accounts.register("alice")
    issued = hub.accounts.issue_token("alice", TokenRole.READ, "ci", secret="given-by-a-script")
    assert issued.secret == "given-by-a-script"
    assert hub.accounts.recognise("given-by-a-script").name == "alice"


@pytest.mark.parametrize("secret", ["short", "x" * 15])
def test_a_given_value_that_could_be_guessed_is_refused(hub, secret):
    hub.accounts.register("alice")
    with pytest.raises(UnusableTokenError, match="16"):
        hub.accounts.issue_token("alice", TokenRole.READ, "ci", secret=secret)


def test_a_given_value_that_is_in_use_is_refused(hub):
    for name in ("alice", "bob"):
        hub.accounts.register(name)
    hub.accounts.issue_token("alice", TokenRole.READ, "ci", secret="given-by-a-script")
    with pytest.raises(UnusableTokenError):
        hub.accounts.issue_token("bob", TokenRole.READ, "ci", secret="given-by-a-script")


def test_no_secret_is_kept_in_clear(site):
    with site.open_hub() as hub:
        hub.accounts.register("alice", PASSWORD)
        secrets = [
            hub.accounts.issue_token("alice", TokenRole.WRITE, "t").secret,
            sign_in(hub, "alice", PASSWORD),
            PASSWORD,
        ]
        rows = [vars(token) for token in hub.work.db.query(Token)]
    assert not [secret for secret in secrets if secret in str(rows)]
    if site.database.is_sqlite:
        kept = b"".join(p.read_bytes() for p in site.settings.data_dir.glob("etabli.db*"))
        assert not [secret for secret in secrets if secret.encode() in kept]


# Organizations


def test_who_makes_an_organization_administers_it(hub):
    hub.accounts.register("alice")
    hub.accounts.create_org("guild", "Alice")
    assert hub.accounts.actor("alice").roles == {"alice": Role.ADMIN, "guild": Role.ADMIN}


def test_a_member_has_one_role_at_a_time(hub):
    for name in ("alice", "bob"):
        hub.accounts.register(name)
    hub.accounts.create_org("guild", "alice")
    for role in (Role.READ, Role.WRITE, Role.ADMIN, Role.READ):
        hub.accounts.set_member("Guild", "Bob", role)
        assert hub.accounts.actor("bob").roles["guild"] is role
    hub.accounts.set_member("guild", "bob", None)
    hub.accounts.set_member("guild", "bob", None)
    assert "guild" not in hub.accounts.actor("bob").roles


def test_a_person_is_no_organization(hub):
    for name in ("alice", "bob"):
        hub.accounts.register(name)
    with pytest.raises(NamespaceNotFoundError):
        hub.accounts.set_member("alice", "bob", Role.READ)


def test_an_organization_is_no_person(hub):
    hub.accounts.register("alice")
    hub.accounts.create_org("guild", "alice")
    with pytest.raises(NamespaceNotFoundError):
        hub.accounts.create_org("other", "guild")
    with pytest.raises(NamespaceNotFoundError):
        hub.accounts.issue_token("guild", TokenRole.READ, "t")


def test_the_members_of_an_organization_are_in_order(hub):
    for name in ("carol", "alice", "bob"):
        hub.accounts.register(name)
    hub.accounts.create_org("guild", "carol")
    hub.accounts.set_member("guild", "bob", Role.READ)
    hub.accounts.set_member("guild", "alice", Role.WRITE)
    assert [(m.user, m.role) for m in hub.accounts.members("guild")] == [
        ("alice", "write"),
        ("bob", "read"),
        ("carol", "admin"),
    ]


# What an actor may do


def test_a_read_token_says_that_another_would_do(hub):
    hub.accounts.register("alice")
    secret = hub.accounts.issue_token("alice", TokenRole.READ, "t").secret
    actor = hub.accounts.recognise(secret)
    assert can(actor, Permission.READ_REPO, Resource("alice", private=True))
    with pytest.raises(ScopeMissingError, match="write"):
        hub.accounts.require(actor, Permission.WRITE_REPO, Resource("alice"))
    with pytest.raises(ScopeMissingError):
        hub.accounts.require_scope(actor, Scope.WRITE)


def test_a_session_and_a_write_token_may_change_what_is_their_owners(hub):
    alice = hub.accounts.register("alice")
    secret = hub.accounts.issue_token("alice", TokenRole.WRITE, "t").secret
    for actor in (alice, hub.accounts.recognise(secret)):
        hub.accounts.require_scope(actor, Scope.WRITE)
        hub.accounts.require(actor, Permission.ADMIN_REPO, Resource("alice"))


def test_to_take_part_is_for_whoever_may_read_and_comes_with_a_name(hub):
    bob = hub.accounts.register("bob")
    reads = hub.accounts.issue_token("bob", TokenRole.READ, "t").secret
    open_repo, hidden = Resource("alice"), Resource("alice", private=True)
    assert can(bob, Permission.TAKE_PART, open_repo)
    assert not can(bob, Permission.TAKE_PART, hidden)
    assert not can(ANONYMOUS, Permission.TAKE_PART, open_repo)
    assert not can(hub.accounts.recognise(reads), Permission.TAKE_PART, open_repo)


def test_a_token_to_ask_asks_what_its_owner_may_and_does_nothing_else(hub):
    hub.accounts.register("alice", is_admin=True)
    secret = hub.accounts.issue_token("alice", TokenRole.ASK, "t").secret
    actor = hub.accounts.recognise(secret)
    own, gated = Resource("alice", private=True), Resource("bob", gated=True)
    assert can(actor, Permission.ASK_MODEL, own)
    assert not can(actor, Permission.ASK_MODEL, Resource("bob", private=True))
    assert not can(actor, Permission.ASK_MODEL, gated)
    allowed = {one for one in Permission if can(actor, one, own)}
    assert allowed == {Permission.ASK_MODEL, Permission.PUBLIC, Permission.SET_UP}
    everybodys = {one for one in Permission if can(actor, one, Resource("alice"))}
    assert everybodys == allowed | {Permission.SEE_REPO, Permission.READ_REPO}
    assert actor.namespaces == frozenset()
    with pytest.raises(ScopeMissingError, match="can only ask models"):
        hub.accounts.require(actor, Permission.SIGNED_IN)
    with pytest.raises(ScopeMissingError, match="write"):
        hub.accounts.require(actor, Permission.ADMIN_SITE)


def test_a_scope_that_this_version_does_not_know_gives_no_right(hub):
    hub.accounts.register("alice")
    issued = hub.accounts.issue_token("alice", TokenRole.READ, "t")
    issued.token.scope = "read fly"
    assert hub.accounts.recognise(issued.secret).scopes == {Scope.READ}


@pytest.mark.parametrize("role", TokenRole)
def test_no_token_changes_its_owners_account(hub, role):
    alice = hub.accounts.register("alice")
    hub.accounts.require(alice, Permission.OWN_ACCOUNT)
    secret = hub.accounts.issue_token("alice", role, "t").secret
    with pytest.raises(SessionNeededError, match="browser"):
        hub.accounts.require(hub.accounts.recognise(secret), Permission.OWN_ACCOUNT)
    with pytest.raises(SignInNeededError):
        hub.accounts.require(ANONYMOUS, Permission.OWN_ACCOUNT)


def test_a_permission_on_nothing_is_refused(hub):
    alice = hub.accounts.register("alice", is_admin=True)
    for permission in Permission:
        if permission.concerns_repo or permission is Permission.CREATE_REPO:
            assert not can(alice, permission, None)


def test_an_administrator_of_the_site_reads_no_private_repository(hub):
    admin = hub.accounts.register("admin1", is_admin=True)
    assert can(admin, Permission.ADMIN_SITE)
    assert not can(admin, Permission.READ_REPO, Resource("alice", private=True))


def test_a_chosen_language_is_remembered(hub):
    alice = hub.accounts.register("alice")
    assert hub.accounts.language(alice) is None
    hub.accounts.set_language(alice, "fr")
    assert hub.accounts.language(alice) == "fr"


@pytest.mark.parametrize("name", ["help", "Docs", "API", "static", "settings", "readyz", "root"])
def test_no_account_and_no_organization_takes_a_word_of_the_site(hub, name):
    with pytest.raises(InvalidNameError):
        hub.accounts.register(name)
    hub.accounts.register("alice")
    with pytest.raises(InvalidNameError):
        hub.accounts.create_org(name, "alice")


@pytest.mark.parametrize("permission", [one for one in Permission if one.concerns_repo])
def test_nobody_changes_what_is_read_only(permission):
    """Not even who administers its namespace, and the site."""
    admin = Actor("alice", {"alice": Role.ADMIN}, is_admin=True)
    copy = Resource("alice", read_only=True)
    assert can(admin, permission, copy) is permission.only_reads
