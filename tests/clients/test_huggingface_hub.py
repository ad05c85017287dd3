"""The whole of the Python client that people use most, unmodified."""

import io
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    ModelCard,
    hf_hub_download,
    snapshot_download,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from safetensors.numpy import save

from etabli.features.repos import RepoType

CONFIG = b'{"architectures": ["BertForMaskedLM"], "model_type": "bert"}'
CARD = "---\nlicense: mit\npipeline_tag: text-classification\ntags:\n- tiny\n---\n\n# Hello\n"
ODD_NAMES = ["a ?#%,:b.txt", "é/文.txt", "100%.txt", "a+b&c=d.txt", "%2F.txt", "deep/er/x.txt"]


@pytest.fixture
def nobodys_api(running_hub) -> HfApi:
    return HfApi(running_hub.endpoint, token=False)


@pytest.fixture
def repo(api, repo_id) -> str:
    """A public model with a card and two files."""
    api.create_repo(repo_id)
    api.create_commit(
        repo_id,
        [
            CommitOperationAdd("README.md", CARD.encode()),
            CommitOperationAdd("config.json", b"{}"),
            CommitOperationAdd("data/train.csv", b"text,label\nhi,0\n"),
        ],
        commit_message="Add files",
    )
    return repo_id


def add(api, repo, path, content, **more):
    return api.create_commit(
        repo, [CommitOperationAdd(path, content)], commit_message=f"Add {path}", **more
    )


class TestAccounts:
    def test_whoami(self, api):
        me = api.whoami()
        assert (me["name"], me["type"]) == ("alice", "user")

    def test_a_bad_token_is_told(self, running_hub):
        with pytest.raises(HfHubHTTPError, match="Invalid user token"):
            HfApi(running_hub.endpoint, token="hf_wrong").whoami()

    def test_auth_check(self, api, bobs_api, repo):
        api.auth_check(repo, write=True)
        bobs_api.auth_check(repo)
        with pytest.raises(HfHubHTTPError) as caught:
            bobs_api.auth_check(repo, write=True)
        assert caught.value.response.status_code == 403


class TestRepositories:
    def test_create_and_find_it_there(self, api, repo_id):
        url = api.create_repo(repo_id)
        assert url.repo_id == repo_id
        assert api.create_repo(repo_id, exist_ok=True).repo_id == repo_id
        with pytest.raises(HfHubHTTPError, match=r"A model repository called .* already exists"):
            api.create_repo(repo_id)
        assert api.list_repo_files(repo_id) == [".gitattributes"]
        assert [c.title for c in api.list_repo_commits(repo_id)] == ["initial commit"]

    @pytest.mark.parametrize("type", ["dataset", "space"])
    def test_of_the_other_types(self, api, repo_id, type):
        sdk = {"space_sdk": "static"} if type == "space" else {}
        url = api.create_repo(repo_id, repo_type=type, **sdk)
        assert (url.repo_id, url.repo_type) == (repo_id, type)
        api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo_id, repo_type=type)
        assert "x.txt" in api.list_repo_files(repo_id, repo_type=type)
        with pytest.raises(RepositoryNotFoundError):
            api.model_info(repo_id)

    def test_only_in_one_s_own_namespace(self, bobs_api, repo, repo_id):
        with pytest.raises(HfHubHTTPError) as caught:
            bobs_api.create_repo(repo_id + "x")
        assert caught.value.response.status_code == 403
        assert bobs_api.create_repo(repo, exist_ok=True).repo_id == repo

    def test_delete(self, api, repo):
        api.delete_repo(repo)
        with pytest.raises(RepositoryNotFoundError):
            api.delete_repo(repo)
        api.delete_repo(repo, missing_ok=True)

    def test_an_old_name_leads_to_the_new_one_until_it_is_taken_again(self, api, repo):
        api.move_repo(repo, repo + "-moved")
        assert api.model_info(repo).id == repo + "-moved"
        assert api.hf_hub_download(repo, ".gitattributes", force_download=True)
        api.create_repo(repo)
        assert api.model_info(repo).id == repo

    def test_hide_and_show(self, api, nobodys_api, repo):
        api.update_repo_settings(repo, visibility="private")
        assert api.model_info(repo).private
        with pytest.raises(RepositoryNotFoundError):
            nobodys_api.model_info(repo)
        api.update_repo_settings(repo, private=False)
        assert not nobodys_api.model_info(repo).private


class TestWhatIsPrivate:
    def test_does_not_exist_for_strangers(self, api, bobs_api, nobodys_api, repo_id, tmp_path):
        api.create_repo(repo_id, private=True)
        add(api, repo_id, "x.txt", b"secret")
        for stranger in (bobs_api, nobodys_api):
            for deed in (
                stranger.model_info,
                stranger.list_repo_files,
                stranger.list_repo_refs,
                lambda r, s=stranger: s.hf_hub_download(r, "x.txt", cache_dir=tmp_path),
                lambda r, s=stranger: s.snapshot_download(r, cache_dir=tmp_path),
                lambda r, s=stranger: add(s, r, "y.txt", b""),
            ):
                with pytest.raises(RepositoryNotFoundError):
                    deed(repo_id)
            assert repo_id not in [m.id for m in stranger.list_models()]
            assert not stranger.file_exists(repo_id, "x.txt")
        assert Path(api.hf_hub_download(repo_id, "x.txt", cache_dir=tmp_path)).read_text()

    def test_nor_may_they_write_where_they_can_read(self, bobs_api, repo):
        with pytest.raises(HfHubHTTPError) as caught:
            add(bobs_api, repo, "x", b"")
        assert caught.value.response.status_code == 403


class TestCommits:
    def test_add_copy_and_delete(self, api, repo, tmp_path):
        api.create_commit(
            repo,
            [
                CommitOperationAdd("new.txt", b"new"),
                CommitOperationCopy("data/train.csv", "copy.csv"),
                CommitOperationDelete("config.json"),
            ],
            commit_message="Three at once",
            commit_description="and why",
        )
        files = api.list_repo_files(repo)
        assert {"new.txt", "copy.csv", "data/train.csv"} <= set(files)
        assert "config.json" not in files
        copied = api.hf_hub_download(repo, "copy.csv", cache_dir=tmp_path)
        assert Path(copied).read_bytes() == b"text,label\nhi,0\n"
        newest = api.list_repo_commits(repo)[0]
        assert (newest.title, newest.message) == ("Three at once", "and why")
        assert newest.authors == ["alice"]

    def test_delete_files_and_folders(self, api, repo):
        api.delete_file("config.json", repo)
        api.delete_folder("data", repo)
        assert api.list_repo_files(repo) == [".gitattributes", "README.md"]
        with pytest.raises(EntryNotFoundError, match="A file with this name doesn't exist"):
            api.delete_file("config.json", repo)

    def test_a_moved_branch_refuses(self, api, repo):
        seen = api.model_info(repo).sha
        add(api, repo, "a", b"1", parent_commit=seen)
        with pytest.raises(HfHubHTTPError, match="updated since you opened") as caught:
            add(api, repo, "a", b"2", parent_commit=seen)
        assert caught.value.response.status_code == 412

    def test_what_has_not_changed_makes_no_commit(self, api, repo):
        before = api.model_info(repo).sha
        with warnings.catch_warnings(action="ignore"):
            assert add(api, repo, "config.json", b"{}").oid == before

    def test_a_path_outside_is_refused(self, api, repo):
        with pytest.raises(HfHubHTTPError) as caught:
            add(api, repo, "..\\ddd", b"")
        assert caught.value.response.status_code == 422

    def test_a_bad_card_is_refused_before_it_is_sent(self, api, repo):
        with pytest.raises(ValueError, match="model-index"):
            add(api, repo, "README.md", b"---\nlicense: mit\nmodel-index: 1\n---\n")


class TestUploads:
    @pytest.mark.filterwarnings("ignore:Use 'content:DeprecationWarning")  # the client's own way
    def test_a_file_from_bytes_a_path_and_an_object(self, api, repo, tmp_path):
        (tmp_path / "x").write_bytes(b"path")
        for name, source in (
            ("bytes.bin", b"bytes"),
            ("path.bin", tmp_path / "x"),
            ("object.safetensors", io.BytesIO(b"object")),
            ("empty.pkl", b""),
        ):
            api.upload_file(path_or_fileobj=source, path_in_repo=name, repo_id=repo)
        info = api.get_paths_info(repo, ["path.bin", "empty.pkl"])
        assert [(file.path, file.size) for file in info] == [("path.bin", 4), ("empty.pkl", 0)]

    def test_twenty_megabytes_come_back_the_same(self, api, repo, tmp_path):
        big = os.urandom(20_000_000)
        api.upload_file(path_or_fileobj=big, path_in_repo="big.bin", repo_id=repo)
        got = api.hf_hub_download(repo, "big.bin", cache_dir=tmp_path)
        assert Path(got).read_bytes() == big

    def test_a_file_over_what_a_commit_may_carry_goes_beside_it(self, running_hub, api, repo):
        size = running_hub.site.settings.max_file_mb * 1_000_000 + 1
        api.upload_file(path_or_fileobj=bytes(size), path_in_repo="big.dat", repo_id=repo)
        [info] = api.get_paths_info(repo, ["big.dat"])
        assert (info.size, info.lfs.size) == (size, size)

    def test_a_folder_with_odd_names(self, api, repo, tmp_path):
        source, target = tmp_path / "source", tmp_path / "target"
        for name in ODD_NAMES:
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        api.upload_folder(folder_path=source, repo_id=repo, path_in_repo="in")
        files = api.list_repo_files(repo)
        assert {f"in/{name}" for name in ODD_NAMES} <= set(files)
        api.snapshot_download(repo, local_dir=target, allow_patterns="in/*")
        assert all((target / "in" / name).read_text() == name for name in ODD_NAMES)

    def test_a_folder_with_what_it_ignores(self, api, repo, tmp_path):
        (tmp_path / ".gitignore").write_text("*.log\n")
        (tmp_path / "no.log").write_text("no")
        (tmp_path / "yes.txt").write_text("yes")
        api.upload_folder(folder_path=tmp_path, repo_id=repo)
        assert {"yes.txt", ".gitignore"} <= set(api.list_repo_files(repo))
        assert "no.log" not in api.list_repo_files(repo)

    def test_a_folder_in_place_of_what_was_there(self, api, repo, tmp_path):
        (tmp_path / "only.txt").write_text("only")
        api.upload_folder(folder_path=tmp_path, repo_id=repo, delete_patterns="*")
        assert api.list_repo_files(repo) == [".gitattributes", "only.txt"]

    def test_many_files(self, api, repo, tmp_path):
        for number in range(1200):
            (tmp_path / f"{number}.txt").write_text(str(number))
        api.upload_folder(folder_path=tmp_path, repo_id=repo, path_in_repo="many")
        entries = list(api.list_repo_tree(repo, "many"))
        assert len(entries) == 1200


class TestReading:
    def test_info(self, api, repo):
        info = api.model_info(repo.upper(), files_metadata=True)
        assert info.id == repo
        assert info.card_data.license == "mit"
        assert info.pipeline_tag == "text-classification"
        assert {"tiny", "license:mit"} <= set(info.tags)
        assert {s.rfilename: s.size for s in info.siblings}["config.json"] == 2
        assert info.created_at <= info.last_modified
        info = api.model_info(repo, expand=["sha", "downloads", "gguf", "usedStorage"])
        assert info.sha
        assert info.card_data is None
        with pytest.raises(HfHubHTTPError, match="expected one of"):
            api.model_info(repo, expand=["nonsense"])

    def test_info_of_a_dataset(self, api, repo_id):
        api.create_repo(repo_id, repo_type="dataset")
        card = b"---\nlicense: mit\nlanguage: en\n---\n"
        add(api, repo_id, "README.md", card, repo_type="dataset")
        info = api.dataset_info(repo_id)
        assert info.tags == ["language:en", "license:mit"]
        assert api.dataset_info(repo_id, expand=["tags"]).tags == info.tags

    def test_trees(self, api, repo):
        entries = {e.path: e for e in api.list_repo_tree(repo, recursive=True, expand=True)}
        assert set(entries) == {
            ".gitattributes", "README.md", "config.json", "data", "data/train.csv",
        }  # fmt: skip
        assert entries["config.json"].size == 2
        assert entries["data"].last_commit.title == "Add files"
        assert [e.path for e in api.list_repo_tree(repo, "data")] == ["data/train.csv"]
        with pytest.raises(EntryNotFoundError):
            list(api.list_repo_tree(repo, "config.json"))
        with pytest.raises(RevisionNotFoundError):
            list(api.list_repo_tree(repo, revision="nope"))

    def test_paths_info(self, api, repo):
        (folder, file) = api.get_paths_info(repo, ["data", "nope", "config.json"], expand=True)
        assert folder.path == "data"
        assert file.last_commit.title == "Add files"

    def test_lists(self, running_hub, api, repo):
        def found(**query):
            return [model.id for model in api.list_models(**query)]

        name = repo.partition("/")[2]
        assert repo in found(author="alice")
        assert found(search=name.upper(), author="bob") == []
        assert repo in found(search=name)
        assert len(found(author="alice", limit=1)) == 1
        assert found(sort="created_at", limit=1) == [repo]
        assert found(sort="downloads")
        for _ in range(100):  # the worker indexes what was committed, soon
            if repo in found(filter=["tiny", "license:mit"]):
                break
            time.sleep(0.1)
        assert repo in found(pipeline_tag="text-classification")
        assert found(filter="no-such-tag") == []
        (item,) = api.list_models(search=name, full=True, cardData=True, limit=1)
        assert item.card_data.license == "mit"
        assert item.siblings
        assert list(api.list_datasets(search=name)) == []
        assert list(api.list_spaces(search=name)) == []

    def test_what_files_say_that_no_card_does(self, api, repo_id):
        api.create_repo(repo_id)
        weights = save({"w": np.zeros((3, 7), dtype=np.float32)})
        api.create_commit(
            repo_id,
            [
                CommitOperationAdd("config.json", CONFIG),
                CommitOperationAdd("model.safetensors", weights),
            ],
            commit_message="Add a model without a card",
        )
        for _ in range(100):  # the worker indexes what was committed, soon
            info = api.model_info(repo_id)
            if info.safetensors:
                break
            time.sleep(0.1)
        assert (info.safetensors.total, info.safetensors.parameters) == (21, {"F32": 21})
        assert info.pipeline_tag == "fill-mask"
        assert info.transformers_info.auto_model == "AutoModelForMaskedLM"
        found = api.list_models(num_parameters="min:21,max:21", filter="safetensors")
        assert [model.id for model in found] == [repo_id]

    def test_what_cannot_be_done_is_said_once_and_loses_nothing(self, api, repo_id):
        secrets = [{"key": "TOKEN", "value": "s3cret"}]
        with pytest.raises(HfHubHTTPError) as refused:
            api.create_repo(repo_id, repo_type="space", space_sdk="static", space_secrets=secrets)
        assert str(refused.value).count("cannot heed secrets") == 1
        assert not api.repo_exists(repo_id, repo_type="space")
        with pytest.raises(HfHubHTTPError, match="inference provider"):
            list(api.list_models(inference_provider="all"))
        assert api.list_spaces_hardware() == []

    def test_a_name_without_an_owner(self, running_hub, api, repo, tmp_path):
        with running_hub.site.open_hub() as hub:
            hub.aliases.add(RepoType.MODEL, "tiny", repo)
        assert api.model_info("tiny").id == repo
        assert Path(api.hf_hub_download("tiny", "config.json", local_dir=tmp_path)).exists()

    def test_existence(self, api, repo):
        assert api.repo_exists(repo)
        assert api.file_exists(repo, "config.json")
        assert not api.file_exists(repo, "nope")
        assert api.revision_exists(repo, "main")
        assert not api.revision_exists(repo, "nope")


class TestRevisions:
    def test_branches_and_tags(self, api, repo, tmp_path):
        api.create_branch(repo, branch="feature/x")
        api.create_branch(repo, branch="feature/x", exist_ok=True)
        add(api, repo, "there.txt", b"there", revision="feature/x")
        assert "there.txt" not in api.list_repo_files(repo)
        assert "there.txt" in api.list_repo_files(repo, revision="feature/x")
        path = hf_hub_download(
            repo, "there.txt", revision="feature/x", endpoint=api.endpoint, cache_dir=tmp_path
        )
        assert Path(path).read_text() == "there"
        api.create_tag(repo, tag="v1", revision="feature/x", tag_message="one")
        api.create_tag(repo, tag="v1", exist_ok=True)
        refs = api.list_repo_refs(repo, include_pull_requests=True)
        assert {ref.name for ref in refs.branches} == {"main", "feature/x"}
        assert [ref.name for ref in refs.tags] == ["v1"]
        sha = refs.tags[0].target_commit
        assert api.model_info(repo, revision=sha[:8]).sha == sha
        api.delete_tag(repo, tag="v1")
        api.delete_branch(repo, branch="feature/x")
        with pytest.raises(HfHubHTTPError, match="Cannot delete refs/heads/main"):
            api.delete_branch(repo, branch="main")
        with pytest.raises(RevisionNotFoundError):
            api.list_repo_files(repo, revision="v1")

    def test_history(self, api, repo):
        for number in range(3):
            add(api, repo, "n.txt", str(number).encode())
        commits = api.list_repo_commits(repo, formatted=True)
        assert len(commits) == 5
        assert commits[0].formatted_title == "Add n.txt"


class TestDownloads:
    def test_the_second_time_fetches_nothing(self, running_hub, api, repo, tmp_path):
        def again():
            return api.snapshot_download(repo, cache_dir=tmp_path)

        folder = Path(again())
        assert (folder / "data/train.csv").read_bytes() == b"text,label\nhi,0\n"
        requests = running_hub.requests_during(again)
        assert not [request for request in requests if "/resolve/" in request]
        requests = running_hub.requests_during(
            lambda: api.hf_hub_download(repo, "config.json", cache_dir=tmp_path)
        )
        assert not [request for request in requests if request.startswith("GET")]

    def test_a_missing_file_is_remembered(self, running_hub, api, repo, tmp_path):
        sha = api.model_info(repo).sha

        def ask():
            with pytest.raises(EntryNotFoundError):
                hf_hub_download(
                    repo, "nope.json", revision=sha, endpoint=api.endpoint, cache_dir=tmp_path
                )

        ask()
        assert list(tmp_path.rglob(".no_exist/*/nope.json"))

    def test_a_cut_download_goes_on(self, api, repo, tmp_path):
        add(api, repo, "ten.bin", b"0123456789" * 1000)
        local = tmp_path / "local"
        path = Path(api.hf_hub_download(repo, "ten.bin", local_dir=local))
        assert path.read_bytes() == b"0123456789" * 1000


class TestCards:
    def test_push_and_load(self, running_hub, repo):
        card = ModelCard("---\nlicense: apache-2.0\n---\n\n# Pushed\n")
        card.validate()
        card.push_to_hub(repo, token=running_hub.tokens["alice"])
        assert "Pushed" in ModelCard.load(repo).text
        with pytest.raises(ValueError, match="license"):
            ModelCard("---\nlicense: 1\n---\n").validate()


class TestFileSystem:
    def test_list_read_and_write(self, running_hub, repo):
        files = HfFileSystem(endpoint=running_hub.endpoint, token=running_hub.tokens["alice"])
        names = {Path(name).name for name in files.ls(repo, detail=False)}
        assert names == {".gitattributes", "README.md", "config.json", "data"}
        with files.open(f"{repo}/data/train.csv") as file:
            file.seek(5)
            assert file.read(5) == b"label"
        with files.open(f"{repo}/new ?.txt", "w") as file:
            file.write("hello")
        assert files.read_text(f"{repo}/new ?.txt") == "hello"
        assert files.glob(f"{repo}/**/*.csv") == [f"{repo}/data/train.csv"]
        assert files.info(f"{repo}/data")["type"] == "directory"
        files.rm(f"{repo}/data", recursive=True)
        assert not files.exists(f"{repo}/data/train.csv")
        with pytest.raises(FileNotFoundError):
            files.ls(f"{repo}/nope")


def test_snapshot_download_by_the_environment_alone(running_hub, repo, tmp_path):
    folder = snapshot_download(repo, cache_dir=tmp_path)
    assert (Path(folder) / "config.json").exists()
