"""What git's own program does not send; `tests/clients/test_git_push.py` drives it."""

import pytest

from etabli.features.repos import RepoType
from tests.conftest import issue_token

ZERO = "0" * 40
ADVERTISEMENT = "/alice/bert/info/refs?service=git-receive-pack"
PUSH = "/alice/bert/git-receive-pack"


@pytest.fixture
def bert(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "bert")


def head(site, repo):
    with site.read_hub() as hub:
        return hub.repos.head_sha(repo)


def pkt(text: str) -> bytes:
    return b"%04x" % (len(text.encode()) + 4) + text.encode()


def ask(*lines: str, abilities: str = "report-status") -> bytes:
    first, *rest = lines
    return b"".join([pkt(f"{first}\0{abilities}"), *map(pkt, rest)]) + b"0000"


class TestWhere:
    def test_the_refs_are_told_to_whoever_may_write(self, site, alices_client, bert):
        response = alices_client.get(ADVERTISEMENT)
        assert response.headers["content-type"] == "application/x-git-receive-pack-advertisement"
        assert f"{head(site, bert)} refs/heads/main".encode() in response.content

    def test_others_are_asked_who_they_are_or_refused(self, site, client, bert, bob):
        for response in (client.get(ADVERTISEMENT), client.post(PUSH, content=b"0000")):
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")
        for role, status in (("write", 403), ("read", 403)):
            headers = {"Authorization": f"Bearer {issue_token(site, 'bob', role)}"}
            assert client.get(ADVERTISEMENT, headers=headers).status_code == status

    def test_a_token_that_reads_does_not_push(self, site, client, bert):
        headers = {"Authorization": f"Bearer {issue_token(site, 'alice', 'read')}"}
        assert client.get(ADVERTISEMENT, headers=headers).status_code == 403
        assert client.post(PUSH, content=b"0000", headers=headers).status_code == 403


class TestAsking:
    def test_for_nothing_is_answered(self, alices_client, bert):
        """Source: `probe_rpc` in git's remote-curl.c, before a push in pieces."""
        response = alices_client.post(PUSH, content=b"0000")
        assert (response.status_code, response.content) == (200, b"")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"zzzz",
            b"0003",
            b"ffff0000",
            pkt("hello") + b"0000",
            pkt(f"{ZERO} {ZERO[:39]} refs/heads/x") + b"0000",
        ],
    )
    def test_nonsense_is_refused(self, alices_client, bert, body):
        assert alices_client.post(PUSH, content=body).status_code == 400

    def test_a_damaged_pack_changes_nothing(self, site, alices_client, bert):
        before = head(site, bert)
        body = ask(f"{before} {'1' * 40} refs/heads/main") + b"PACK\0\0\0\2\0\0\0\1 damaged"
        response = alices_client.post(PUSH, content=body)
        assert response.status_code == 200
        assert b"unpack What git sent cannot be kept" in response.content
        assert b"ng refs/heads/main" in response.content
        assert head(site, bert) == before

    def test_a_ref_to_nothing_is_refused(self, site, alices_client, bert):
        body = ask(f"{ZERO} {'1' * 40} refs/heads/x") + _empty_pack()
        response = alices_client.post(PUSH, content=body)
        assert b"ng refs/heads/x refs/heads/x would lead to no commit." in response.content

    @pytest.mark.parametrize("name", ["refs/heads/a..b", "refs/heads/.a", "refs/heads/a b"])
    def test_a_bad_name_is_refused(self, site, alices_client, bert, name):
        body = ask(f"{ZERO} {head(site, bert)} {name}") + _empty_pack()
        assert b"cannot name a branch" in alices_client.post(PUSH, content=body).content

    def test_who_comes_from_an_old_place_fetches_first(self, site, alices_client, bert):
        body = ask(f"{'1' * 40} {head(site, bert)} refs/heads/main") + _empty_pack()
        assert b"ng refs/heads/main fetch first" in alices_client.post(PUSH, content=body).content

    def test_what_was_refused_leaves_nothing_on_disk(self, site, alices_client, bert):
        packs = site.backends.git.path(bert.key) / "objects" / "pack"
        before = set(packs.iterdir())
        self.test_a_ref_to_nothing_is_refused(site, alices_client, bert)
        assert set(packs.iterdir()) == before
        assert not list((site.backends.git.root / "incoming").iterdir())


def _empty_pack() -> bytes:
    return bytes.fromhex("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e")
