"""What one version of huggingface_hub is asked to do: run by scripts/client_matrix.py.

It runs in that version's own environment, so it imports nothing of ours.
"""

import hashlib
import json
import os
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, HfApi, HfFileSystem

REPO = sys.argv[1]
BIG = random.Random(7).randbytes(60_000_000)
api = HfApi()
folder = Path(tempfile.mkdtemp())


def main() -> None:
    results = {}
    for name, deed in DEEDS.items():
        try:
            deed()
            results[name] = True
        except Exception:  # noqa: BLE001 - whatever goes wrong is the result
            traceback.print_exc()
            results[name] = False
    sys.stdout.write("\n" + json.dumps(results) + "\n")
    sys.exit(0 if all(results.values()) else 1)


def create() -> None:
    api.create_repo(REPO)
    api.create_repo(REPO, exist_ok=True)


def upload_file() -> None:
    file = folder / "big.bin"
    file.write_bytes(BIG)
    api.upload_file(path_or_fileobj=str(file), path_in_repo="big.bin", repo_id=REPO)
    check("big.bin", BIG)


def edited_file() -> None:
    content = BIG[:30_000_000] + b"edited" + BIG[30_000_000:]
    (folder / "edited.bin").write_bytes(content)
    path = str(folder / "edited.bin")
    api.upload_file(path_or_fileobj=path, path_in_repo="edited.bin", repo_id=REPO)
    check("edited.bin", content)


def commit_of_all_sizes() -> None:
    sizes = {"empty.bin": 0, "one.bin": 1, "small.txt": 10, "mid.bin": 200_000, "e.txt": 0}
    files = {name: random.Random(name).randbytes(size) for name, size in sizes.items()}
    operations = [CommitOperationAdd(name, content) for name, content in files.items()]
    api.create_commit(REPO, operations, commit_message="Sizes")
    for name, content in files.items():
        check(name, content)


def upload_folder() -> None:
    source = folder / "source"
    for number in range(40):
        path = source / f"d{number % 4}" / f"f{number}.{'bin' if number % 2 else 'txt'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(str(number).encode() * number)
    api.upload_folder(folder_path=str(source), repo_id=REPO, path_in_repo="folder")
    check("folder/d3/f39.bin", b"39" * 39)


def upload_large_folder() -> None:
    if not hasattr(api, "upload_large_folder"):
        return  # gone since 2.0
    source = folder / "large"
    source.mkdir()
    (source / "l.bin").write_bytes(BIG[:5_000_000])
    (source / "l.txt").write_bytes(b"text")
    api.upload_large_folder(folder_path=str(source), repo_id=REPO, repo_type="model")
    check("l.bin", BIG[:5_000_000])


def snapshot() -> None:
    path = Path(huggingface_hub.snapshot_download(REPO))
    assert digest((path / "big.bin").read_bytes()) == digest(BIG)


def copy() -> None:
    copy = CommitOperationCopy(src_path_in_repo="big.bin", path_in_repo="copy.bin")
    api.create_commit(REPO, [copy], commit_message="Copy")
    check("copy.bin", BIG)


def file_system() -> None:
    fs = HfFileSystem()
    with fs.open(f"{REPO}/fs.bin", "wb") as file:
        file.write(BIG[:3_000_000])
    with fs.open(f"{REPO}/fs.bin", "rb") as file:
        file.seek(1_000_000)
        assert file.read(1000) == BIG[1_000_000:1_001_000]
    assert fs.size(f"{REPO}/fs.bin") == 3_000_000


def refs_and_history() -> None:
    api.create_branch(REPO, branch="dev")
    api.create_tag(REPO, tag="v1")
    assert api.list_repo_commits(REPO)
    tree = list(api.list_repo_tree(REPO, recursive=True, expand=True))
    assert all(entry.last_commit for entry in tree)
    api.super_squash_history(REPO, branch="dev")


def move() -> None:
    new = f"{REPO}-moved"
    api.move_repo(REPO, new)
    check("small.txt", random.Random("small.txt").randbytes(10))
    api.move_repo(new, REPO)


def large_files() -> None:
    listed = [file for file in api.list_lfs_files(REPO) if file.filename == "fs.bin"]
    api.permanently_delete_lfs_files(REPO, listed)
    assert not api.file_exists(REPO, "fs.bin")


def pull_request() -> None:
    stranger = HfApi(token=os.environ["STRANGERS_TOKEN"])
    (folder / "pr.bin").write_bytes(BIG[:4_000_000])
    changes = [
        CommitOperationAdd("pr.bin", str(folder / "pr.bin")),
        CommitOperationAdd("pr.txt", b"text"),
    ]
    info = stranger.create_commit(REPO, changes, commit_message="Propose", create_pr=True)
    assert info.pr_num is not None
    assert "pr.bin" not in api.list_repo_files(REPO)
    check("pr.bin", BIG[:4_000_000], info.pr_revision)
    api.comment_discussion(REPO, info.pr_num, "Thank you.")
    api.rename_discussion(REPO, info.pr_num, "A better title")
    api.merge_pull_request(REPO, info.pr_num)
    check("pr.bin", BIG[:4_000_000])
    details = api.get_discussion_details(REPO, info.pr_num)
    assert (details.status, details.title) == ("merged", "A better title")
    num = stranger.create_discussion(REPO, title="A question").num
    api.change_discussion_status(REPO, num, "closed")
    assert [d.num for d in api.get_repo_discussions(REPO)] == [num, info.pr_num]
    refs = api.list_repo_refs(REPO, include_pull_requests=True)
    assert [ref.ref for ref in refs.pull_requests or []] == [info.pr_revision]

    source = folder / "pr-folder"
    source.mkdir()
    (source / "one.txt").write_bytes(b"one")
    (source / "two.bin").write_bytes(BIG[:1_000_000])
    info = stranger.upload_folder(folder_path=str(source), repo_id=REPO, create_pr=True)
    check("two.bin", BIG[:1_000_000], info.pr_revision)


def check(path: str, content: bytes, revision: "str | None" = None) -> None:
    down = folder / "down" / str(revision).replace("/", "-")
    local = huggingface_hub.hf_hub_download(REPO, path, revision=revision, local_dir=down)
    assert digest(Path(local).read_bytes()) == digest(content), path


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


DEEDS: dict[str, Callable[[], None]] = {
    "create_repo": create,
    "upload_file, 60 MB": upload_file,
    "the same, edited in the middle": edited_file,
    "create_commit, 0 bytes to 200 kB": commit_of_all_sizes,
    "upload_folder": upload_folder,
    "upload_large_folder (until 1.x)": upload_large_folder,
    "snapshot_download": snapshot,
    "copy in a repository": copy,
    "HfFileSystem, writing and ranges": file_system,
    "branches, tags, history, last commits, squash": refs_and_history,
    "move_repo, and the old name": move,
    "list and delete large files": large_files,
    "pull requests of a stranger, discussions": pull_request,
}

if __name__ == "__main__":
    main()
