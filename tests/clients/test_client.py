"""`etabli.client`, on a real hub at its address."""

import csv
import os
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from etabli.client import (
    BadHubAddressError,
    Hub,
    HubError,
    HubMovedError,
    HubUnreachableError,
    Login,
    Logins,
    Options,
    hub_address,
    is_exposed,
)
from etabli.features.accounts import TokenRole
from tests import made

NOT_NEEDED = {"fastapi", "starlette", "pydantic", "sqlalchemy", "numpy", "pygit2", "babel", "typer"}


@pytest.fixture(scope="module")
def hub(running_hub):
    with Hub(running_hub.endpoint, running_hub.tokens["alice"]) as hub:
        yield hub


@pytest.fixture(scope="module")
def model(hub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    (folder / "t.csv").write_text(made.table_of_careless_labels())
    (folder / "r.csv").write_text(made.replies())
    seen = []
    run = hub.create(
        folder / "t.csv",
        "afar",
        replies=folder / "r.csv",
        private=False,
        with_data=True,
        options=Options(prefer="frugal"),
        on_progress=seen.append,
    )
    assert [one.state for one in seen][-1] == "made"
    return run


def test_from_a_table_to_an_answer_on_a_hub_elsewhere(hub, model):
    assert (model.state, model.model) == ("published", "alice/afar")
    assert model.url == f"{hub.address}/alice/afar"
    assert model.understood == "It reads “text” and says “label”: 63 texts, 3 labels."
    [found] = [one for one in model.findings if one.fix == "merge_look_alikes"]
    assert found.correction == "Make each of them one label (merge_look_alikes)."
    assert "times out of 100" in model.verdict[0]
    assert model.energy_of_an_answer.method == "modelled"
    answer = hub.ask("alice/afar", "my card is lost")
    assert (answer.labels[0].label, answer.energy.method) == ("card_lost", "modelled")
    assert not answer.is_generated


def test_a_run_is_listed_stopped_and_forgotten(hub, tmp_path):
    (tmp_path / "t.csv").write_text(made.table())
    run = hub.runs.start(tmp_path / "t.csv", "another")
    assert run.key in [one.key for one in hub.runs.list()]
    assert hub.runs.stop(run.key).state == "checked"
    assert hub.runs.get(run.key).suggested is None
    hub.runs.delete(run.key)
    with pytest.raises(HubError, match="no such") as refused:
        hub.runs.get(run.key)
    assert refused.value.status == 404


def test_a_file_is_sorted_as_on_the_hub_itself(hub, model, tmp_path):
    (tmp_path / "new.csv").write_text("id,message\n1,my card is lost\n2,\n")
    took = hub.sort("alice/afar", tmp_path / "new.csv", tmp_path / "out.csv")
    assert (took.rows, took.decisions["empty"], took.energy.method) == (2, 1, "modelled")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "message", "label", "certainty", "decision"]
    assert (rows[1][2], rows[2]) == ("card_lost", ["2", "", "", "", "empty"])
    with pytest.raises(HubError):
        hub.sort("alice/nothing", tmp_path / "new.csv", tmp_path / "other.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.csv"]


def test_what_is_refused_is_the_hubs_own_sentence(hub, running_hub, model):
    with pytest.raises(HubError) as refused:
        hub.compare(["alice/afar"])
    assert (refused.value.status, refused.value.kind) == (400, "NumberOfModels")
    with (
        Hub(running_hub.endpoint, "", language="fr") as nobody,
        pytest.raises(HubError) as refused,
    ):
        nobody.runs.list()
    assert str(refused.value).startswith("Connectez-vous")


def test_a_token_that_only_asks_is_recognised_and_asks(running_hub, model):
    with running_hub.site.open_hub() as site:
        token = site.accounts.issue_token("alice", TokenRole.ASK, "for the site").secret
    with Hub(running_hub.endpoint, token) as hub:
        account = hub.whoami()
        assert (account.name, account.token_name) == ("alice", "for the site")
        assert list(account.scopes) == ["ask"]
        assert hub.ask("alice/afar", "my card is lost").decision == "answer"
        with pytest.raises(HubError, match="can only ask"):
            hub.runs.list()
    assert token not in repr(hub)


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to another port, and notes who came."""

    came: list[str] = []  # noqa: RUF012
    target = ""

    def do_POST(self):
        self.came.append(self.path)
        self.send_response(307 if self.target else 200)
        self.send_header("Location", f"{self.target}{self.path}")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_no_redirect_takes_the_token_elsewhere():
    servers = [HTTPServer(("127.0.0.1", 0), type("H", (_Elsewhere,), {"came": []})) for _ in "ab"]
    first, second = servers
    first.RequestHandlerClass.target = f"http://127.0.0.1:{second.server_port}"
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with Hub(f"127.0.0.1:{first.server_port}", "hf_" + "x" * 40) as hub:
        with pytest.raises(HubMovedError, match=str(second.server_port)):
            hub.ask("alice/afar", "hello")
        for server in servers:
            server.shutdown()
            server.server_close()
        with pytest.raises(HubUnreachableError):
            hub.ask("alice/afar", "hello")
    assert len(first.RequestHandlerClass.came) == 1
    assert second.RequestHandlerClass.came == []


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("Hub.Example/", "https://hub.example"),
        ("https://hub.example:443", "https://hub.example"),
        ("localhost:8000", "http://localhost:8000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_address_is_written_in_one_way(said, address):
    assert hub_address(said) == address


@pytest.mark.parametrize(
    "said", ["", "ftp://a", "https://a/b", "https://u:p@a", "https://a?x", "http://a:port", "a b"]
)
def test_what_is_no_address_is_refused(said):
    with pytest.raises(BadHubAddressError, match="no address of a hub"):
        hub_address(said)


def test_what_goes_unencrypted_over_a_network_is_warned_of():
    assert is_exposed("http://hub.example")
    assert not is_exposed("http://127.0.0.1:8000")
    with pytest.warns(UserWarning, match="not encrypted"):
        Hub("http://hub.example", "").close()


def test_logins_are_for_their_owner_alone_and_show_no_token(tmp_path):
    logins = Logins(tmp_path / "etabli" / "hubs.json")
    for token in ("hf_first", "hf_second"):
        logins.keep(Login("https://a", "alice", token))
    logins.keep(Login("https://b", "alice", "hf_third"))
    assert (logins.find("https://a").token, logins.last.hub) == ("hf_second", "https://b")
    assert "hf_" not in repr(logins.all())
    if os.name == "posix":
        assert stat.S_IMODE(logins.path.stat().st_mode) == 0o600
    assert logins.forget("https://b")
    assert not logins.forget("https://b")
    assert [path.name for path in logins.path.parent.iterdir()] == ["hubs.json"]


def test_the_client_brings_nothing_of_a_server():
    code = "import sys, etabli.client; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert not {name.partition(".")[0] for name in loaded.split()} & NOT_NEEDED


def test_a_folder_of_documents_goes_to_a_hub_elsewhere_and_answers_with_quotes(hub, tmp_path):
    run = hub.create(made.guides(tmp_path / "guides"), "guides")
    assert run.understood == "It reads 8 documents: 8 passages."
    answer = hub.ask("alice/guides", "How do I wash the violin?")
    assert answer.reply == "Wash the violin in warm water. A repair takes nine days."
    assert answer.source.document == "violin.md"
    assert answer.source.headings == ("Care of the violin",)
