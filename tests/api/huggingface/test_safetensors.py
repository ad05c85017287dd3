"""The headers of a model in several files, in one answer."""

import json

import pytest

from etabli.features.git import AddFile
from etabli.operations import commits
from tests.features.catalogue.test_derived import safetensors, tensor

INDEX = "model.safetensors.index.json"
ADDRESS = f"/api/models/alice/bert/safetensors-metadata/{INDEX}"


@pytest.fixture
def push(site, alice, bert):
    def do(index, **files):
        changes = [AddFile(INDEX, json.dumps(index).encode())]
        changes += [AddFile(f"{name}.safetensors", content) for name, content in files.items()]
        commits.commit(site, alice, bert, "main", changes, "weights")

    return do


def test_are_told_with_what_the_index_says_of_itself(client, push):
    header = {"a": tensor("F16", [100], 200)}
    index = {"metadata": {"total_size": 200}, "weight_map": {"a": "one.safetensors"}}
    push(index, one=safetensors(header))
    shape = client.get(ADDRESS).json()
    assert shape == {
        "index": {"metadata": {"total_size": 200}},
        "headers": {"one.safetensors": header},
    }


@pytest.mark.parametrize(
    "index", [[], {"weight_map": {"a": "gone.safetensors"}}, {"weight_map": {"a": "README.md"}}]
)
def test_of_what_is_none_are_refused(client, push, index):
    push(index)
    response = client.get(ADDRESS)
    assert response.status_code == 400
    assert INDEX in response.json()["error"]


def test_of_a_file_that_is_not_there_are_missing(client, bert):
    assert client.get(ADDRESS).headers["x-error-code"] == "EntryNotFound"


def test_are_bytes_and_so_are_kept_where_those_are(client, secret):
    address = ADDRESS.replace("bert", "secret")
    assert client.get(address).headers["x-error-code"] == "RepoNotFound"
