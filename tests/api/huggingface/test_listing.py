"""Lists of models, datasets and spaces: each filter does what it says, or is refused."""

import json

import pytest

from etabli.api.huggingface import listing
from etabli.features.git import AddFile
from etabli.features.repos import Gate, RepoType
from etabli.operations import commits
from etabli.server.worker import work_once


def make(client, name, **more):
    return client.post("/api/repos/create", json={"name": name, **more})


@pytest.fixture
def push(site, alice):
    """`push("bert", "license: mit", {"config.json": …})`: a repository with a card, indexed."""

    def do(name, yaml="", files=(), type=RepoType.MODEL):
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, type, "alice", name)
        changes = [AddFile("README.md", f"---\n{yaml}\n---\nHello.".encode())]
        changes += [AddFile(path, json.dumps(said).encode()) for path, said in dict(files).items()]
        commits.commit(site, alice, repo, "main", changes, "files")
        while work_once(site):
            pass
        return repo

    return do


def names(client, query, plural="models"):
    response = client.get(f"/api/{plural}?{query}")
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()]


class TestListing:
    def test_a_new_repository_is_found_at_once(self, alices_client):
        make(alices_client, "fresh", private=True)
        assert names(alices_client, "search=FRE&author=alice") == ["alice/fresh"]
        assert names(alices_client, "search=FRE&author=bob") == []

    def test_hides_what_is_private(self, client, secret):
        assert names(client, "") == []

    def test_every_word_and_every_tag_must_match(self, site, client, bert):
        while work_once(site):
            pass
        assert names(client, "search=alice bert") == ["alice/bert"]
        assert names(client, "search=alice&search=gpt") == []
        assert names(client, "filter=license:mit&filter=transformers") == ["alice/bert"]
        assert names(client, "filter=license:mit&filter=nope") == []
        assert names(client, "pipeline_tag=text-classification") == ["alice/bert"]

    def test_leads_from_page_to_page_with_all_its_parameters(self, alices_client):
        for number in range(3):
            make(alices_client, f"m{number}")
        response = alices_client.get("/api/models?author=alice&limit=2&sort=createdAt")
        assert [item["id"] for item in response.json()] == ["alice/m2", "alice/m1"]
        following = response.links["next"]["url"]
        assert following.startswith("http://testserver/api/models?author=alice&limit=2")
        response = alices_client.get(following)
        assert [item["id"] for item in response.json()] == ["alice/m0"]
        assert "next" not in response.links

    def test_is_light_unless_asked(self, client, bert):
        (item,) = client.get("/api/models").json()
        assert "siblings" not in item
        assert "cardData" not in item
        assert {"likes", "downloads", "createdAt"} <= set(item)
        (item,) = client.get("/api/models?sort=trendingScore").json()
        assert item["trendingScore"] == 0
        (item,) = client.get("/api/models?full=true").json()
        assert {"siblings", "cardData", "sha"} <= set(item)

    def test_only_of_its_own_type(self, client, bert):
        assert names(client, "", "datasets") == []


class TestFilters:
    def test_by_what_files_say(self, client, push):
        push("bert", "", {"config.json": {"architectures": ["BertForMaskedLM"]}})
        push("other")
        assert names(client, "pipeline_tag=fill-mask") == ["alice/bert"]
        (item,) = client.get("/api/models?filter=fill-mask&config=true").json()
        assert item["pipeline_tag"] == "fill-mask"
        assert item["config"] == {"architectures": ["BertForMaskedLM"]}

    def test_by_app(self, client, push):
        push("small", "tags: [gguf]")
        push("other")
        assert names(client, "apps=ollama&apps=llama.cpp") == ["alice/small"]
        assert names(client, "apps=ollama&apps=vllm") == []

    def test_by_gate(self, site, alice, client, push):
        push("open")
        gated = push("closed")
        with site.open_hub() as hub:
            hub.repos.access.set_gate(alice, gated, Gate.MANUAL)
        while work_once(site):
            pass
        assert names(client, "gated=true") == ["alice/closed"]
        assert names(client, "gated=false") == ["alice/open"]
        assert names(client, "gated=False", "datasets") == []

    @pytest.mark.parametrize(
        ("bounds", "found"), [("min:1K", []), ("max:1.5B", []), ("min:6B,max:128B", [])]
    )
    def test_by_parameters_finds_none_where_nobody_knows(self, client, push, bounds, found):
        push("bert")
        assert names(client, f"num_parameters={bounds}") == found

    def test_of_spaces_by_what_they_use(self, client, push):
        yaml = "sdk: static\nmodels: [alice/bert]\ndatasets: [alice/texts]"
        push("app", yaml, type=RepoType.SPACE)
        push("other", "sdk: static", type=RepoType.SPACE)
        for query in ("models=alice/bert", "datasets=Alice/Texts&models=alice/bert"):
            assert names(client, query, "spaces") == ["alice/app"]
        assert names(client, "models=alice/texts", "spaces") == []
        (item,) = client.get("/api/spaces?linked=true&models=alice/bert").json()
        assert (item["models"], item["datasets"]) == (["alice/bert"], ["alice/texts"])
        (item,) = client.get("/api/spaces?models=alice/bert").json()
        assert not {"models", "datasets"} & set(item)

    def test_of_datasets_by_what_cards_say(self, client, push):
        yaml = (
            "language_creators: [found]\nmultilinguality: [monolingual]\n"
            "annotations_creators: [expert]\nsource_datasets: [original]"
        )
        push("texts", yaml, type=RepoType.DATASET)
        tags = [
            "language_creators:found",
            "multilinguality:monolingual",
            "source_datasets:original",
        ]
        query = "&".join(f"filter={tag}" for tag in tags)
        assert names(client, query, "datasets") == ["alice/texts"]
        (item,) = client.get("/api/datasets").json()
        assert item["author"] == "alice"

    def test_emissions_are_a_tag(self, client, push):
        push("bert", "co2_eq_emissions:\n  emissions: 12")
        assert names(client, "filter=co2_eq_emissions") == ["alice/bert"]

    @pytest.mark.parametrize(
        ("plural", "query", "named"),
        [
            ("models", "sort=nonsense", "nonsense"),
            ("models", "direction=1", "direction"),
            ("models", "nope=1", "nope"),
            ("models", "datasets=a/b", "datasets"),
            ("datasets", "num_parameters=min:1", "num_parameters"),
            ("datasets", "apps=ollama", "apps"),
            ("models", "apps=nope", "nope"),
            ("models", "gated=perhaps", "gated"),
            ("models", "inference=warm", "/v1/models"),
            ("models", "inference_provider=all", "/v1/models"),
            ("models", "num_parameters=6B", "num_parameters"),
            ("models", "num_parameters=min:-1", "num_parameters"),
            ("models", "num_parameters=min:1e9", "num_parameters"),
            ("models", f"num_parameters=min:{'9' * 5000}", "num_parameters"),
        ],
    )
    def test_what_cannot_be_done_is_refused(self, client, plural, query, named):
        response = client.get(f"/api/{plural}?{query}")
        assert response.status_code == 400
        assert named in response.json()["error"]

    @pytest.mark.parametrize(
        "sort", ["lastModified", "createdAt", "downloads", "likes", "trending"]
    )
    def test_every_order_of_the_clients_is_known(self, client, bert, sort):
        assert names(client, f"sort={sort}&direction=-1") == ["alice/bert"]


def test_a_page_with_very_many_files_ends_sooner_and_goes_on(
    site, alice, alices_client, bert, monkeypatch
):
    monkeypatch.setattr(listing, "MAX_FILES_ON_A_PAGE", 8)
    for number in range(3):
        with site.open_hub() as hub:
            made = hub.repos.create(alice, RepoType.MODEL, "alice", f"many-{number}")
        commits.commit(site, alice, made, "main", [AddFile(f"{n}", b"1") for n in range(5)], "five")
    pages, address = [], "/api/models?full=true"
    while address:
        response = alices_client.get(address)
        pages.append([shape["id"] for shape in response.json()])
        address = response.links.get("next", {}).get("url")
    assert [len(page) for page in pages] == [2, 2]
    assert sorted(name for page in pages for name in page) == [
        "alice/bert",
        *(f"alice/many-{n}" for n in range(3)),
    ]
