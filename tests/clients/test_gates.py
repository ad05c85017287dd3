"""A gated repository, by the real client: set, asked for, decided, and kept from everybody else."""

import httpx
import pytest
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError


@pytest.fixture
def gated(api, repo_id) -> str:
    api.create_repo(repo_id)
    api.upload_file(path_or_fileobj=b"bytes", path_in_repo="a.txt", repo_id=repo_id)
    api.update_repo_settings(repo_id, gated="manual")
    return repo_id


def ask(api: HfApi, repo: str) -> None:
    """By the page's form: the clients have no call for it."""
    asked = httpx.post(
        f"{api.endpoint}/{repo}/access", headers={"Authorization": f"Bearer {api.token}"}
    )
    assert asked.status_code == 303


def test_a_request_from_asking_to_reading(api, bobs_api, gated):
    assert bobs_api.model_info(gated).gated == "manual"
    for deed in (
        lambda: bobs_api.auth_check(gated),
        lambda: hf_hub_download(gated, "a.txt", token=bobs_api.token),
    ):
        with pytest.raises(GatedRepoError, match="you are not in the authorized list"):
            deed()
    ask(bobs_api, gated)
    [request] = api.list_pending_access_requests(gated)
    assert (request.username, request.status, request.fields) == ("bob", "pending", None)
    api.accept_access_request(gated, "bob")
    bobs_api.auth_check(gated)
    with open(hf_hub_download(gated, "a.txt", token=bobs_api.token), "rb") as file:
        assert file.read() == b"bytes"
    with pytest.raises(HfHubHTTPError, match="accepted already"):
        api.accept_access_request(gated, "bob")


def test_a_request_is_refused_put_back_and_granted(api, bobs_api, gated):
    ask(bobs_api, gated)
    api.reject_access_request(gated, "bob", rejection_reason="Not now")
    [rejected] = api.list_rejected_access_requests(gated)
    api.cancel_access_request(gated, request_id=rejected.request_id)
    [pending] = api.list_pending_access_requests(gated)
    assert pending.request_id == rejected.request_id
    api.grant_access(gated, "bob")
    assert [one.username for one in api.list_accepted_access_requests(gated)] == ["bob"]


def test_the_gate_is_taken_away(api, bobs_api, gated):
    api.update_repo_settings(gated, gated=False)
    assert bobs_api.model_info(gated).gated is False
    bobs_api.auth_check(gated)
    with pytest.raises(HfHubHTTPError, match="is not gated"):
        list(api.list_pending_access_requests(gated))
