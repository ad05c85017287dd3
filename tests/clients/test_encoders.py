"""A model is fetched from another hub, by the interface that clients use, and checked."""

import pytest
from huggingface_hub import HfApi

from etabli.features.accounts import Actor
from etabli.features.repos import RepoType
from etabli.features.workshop import WANTED_OF_AN_ENCODER
from etabli.foundation.checked_network import AddressRefusedError
from etabli.foundation.http_client import (
    AnswerTooLargeError,
    HttpClient,
    UnexpectedAnswerError,
)
from etabli.foundation.networks import parse_networks
from etabli.operations.encoders import add_encoder
from etabli.operations.remote_models import (
    NotAModelAddressError,
    RemoteFileChangedError,
    fetch_model,
)
from etabli.settings import Settings
from etabli.site import Site
from tests.clients.conftest import ENDPOINT
from tests.engine.tiny_encoder import write_weights

HERE = parse_networks("127.0.0.0/8")
MAX_BYTES = 10_000_000


@pytest.fixture
def model(running_hub, repo_id, tmp_path):
    api = HfApi(ENDPOINT, running_hub.tokens["alice"])
    api.create_repo(repo_id)
    api.upload_folder(repo_id=repo_id, folder_path=write_weights(tmp_path / "weights"))
    return repo_id


@pytest.fixture
def client():
    return HttpClient(HERE)


def test_an_encoder_comes_from_another_hub_by_its_address(model, tmp_path):
    settings = Settings(data_dir=tmp_path / "mine", allowed_private_networks="127.0.0.0/8")
    mine = Site(settings)
    mine.migrate()
    with mine.open_hub() as hub:
        ada = hub.accounts.register("ada", "a long password", is_admin=True)
    made = add_encoder(mine, ada, f"{ENDPOINT}/{model}", None, "mit", str)
    assert made.full_name == f"ada/{model.partition('/')[2]}"
    with mine.read_hub() as hub:
        repo = hub.repos.get(Actor(None), RepoType.MODEL, made.full_name)
        assert hub.serving.find_encoder().repo == made.full_name
        card = hub.repos.snapshot(repo).find_text("README.md")
    assert f"{ENDPOINT}/{model}/tree/" in card
    mine.close()


def test_large_and_small_files_are_as_they_were_at_that_commit(
    running_hub, model, client, tmp_path
):
    api = HfApi(ENDPOINT, running_hub.tokens["alice"])
    first = api.model_info(model).sha
    api.upload_file(path_or_fileobj=b"{}", path_in_repo="config.json", repo_id=model)
    url = f"{ENDPOINT}/{model}/tree/{first}"
    pinned = fetch_model(client, url, WANTED_OF_AN_ENCODER, MAX_BYTES, tmp_path / "got")
    assert pinned == url
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        sent = (tmp_path / "weights" / name).read_bytes()
        assert (tmp_path / "got" / name).read_bytes() == sent


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_other_bytes_than_announced_are_refused(model, client, tmp_path, monkeypatch, name):
    real = client.download

    def altered(url, target, **limits):
        real(url, target, **limits)
        if target.name == name:
            whole = target.read_bytes()
            target.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])

    monkeypatch.setattr(client, "download", altered)
    with pytest.raises(RemoteFileChangedError, match=f"The bytes of {name}"):
        fetch_model(client, f"{ENDPOINT}/{model}", [name], MAX_BYTES, tmp_path / "got")


def test_more_than_may_come_is_not_begun(model, client, tmp_path):
    with pytest.raises(AnswerTooLargeError):
        fetch_model(client, f"{ENDPOINT}/{model}", WANTED_OF_AN_ENCODER, 1000, tmp_path / "got")
    assert not (tmp_path / "got").exists()


def test_a_hub_on_a_private_network_is_reached_only_if_the_operator_says_so(model, site, alice):
    with pytest.raises(AddressRefusedError, match="ETABLI_ALLOWED_PRIVATE_NETWORKS"):
        add_encoder(site, alice, f"{ENDPOINT}/{model}", None, "mit", str)


def test_what_is_not_there_is_said(client, running_hub, tmp_path):
    with pytest.raises(UnexpectedAnswerError, match="status 401"):
        fetch_model(client, f"{ENDPOINT}/alice/none", ["config.json"], MAX_BYTES, tmp_path / "got")


@pytest.mark.parametrize(
    "path", ["", "/alice", "/alice/a/b", "/datasets/alice/a", "/alice/a?x=1", "/alice/a/blob/main"]
)
def test_an_address_of_no_model_is_said(client, tmp_path, path):
    with pytest.raises(NotAModelAddressError, match="OWNER/NAME"):
        fetch_model(client, ENDPOINT + path, ["config.json"], MAX_BYTES, tmp_path / "got")
