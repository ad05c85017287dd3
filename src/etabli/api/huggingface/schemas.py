"""The shapes on this wire that are more than a field or two."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, Field, StringConstraints
from pydantic_core import to_json

from etabli.features.blobs import Blob
from etabli.features.git import CommitInfo, Entry, Pointer
from etabli.features.repos import Gate, RepoType, RequestStatus
from etabli.http import ByteCount

Visibility = Literal["public", "private"]

MAX_FILES_ASKED = 1000
"""In one preupload; huggingface_hub asks for 256."""
MAX_PATHS_ASKED = 1000
"""In one paths-info. What is named after those is left out, like a path that is not there."""
MAX_LARGE_FILES_NAMED = 1000

Name = Annotated[str, StringConstraints(max_length=200)]
"""Of a repository, in full or not, of a branch, or a hash: what is longer names nothing here."""
Path = Annotated[str, StringConstraints(max_length=4096)]
Prose = Annotated[str, StringConstraints(max_length=200_000)]
"""What people write. How long each may be is for the feature to say, in words."""
Sample = Annotated[str, StringConstraints(max_length=2048)]
"""512 bytes in base64, and some room."""


def wire_time(moment: datetime) -> str:
    """Source: `parse_datetime` in huggingface_hub/utils/_datetime.py takes no `+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def json_response(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(to_json(content), headers=headers, media_type="application/json")


class SpaceWishes(BaseModel):
    """What only a hub that runs spaces can keep. To lose a secret without a word is the worst."""

    hardware: Any = None
    sleep_time_seconds: Any = Field(default=None, alias="sleepTimeSeconds")
    secrets: Any = None
    variables: Any = None
    volumes: Any = None
    template: Any = None
    resource_group_id: Any = Field(default=None, alias="resourceGroupId")
    region: Any = None

    @property
    def unheard(self) -> Sequence[str]:
        """The names, on the wire, of what is asked and cannot be done."""
        fields = type(self).model_fields
        return [
            fields[name].alias or name for name in SpaceWishes.model_fields if getattr(self, name)
        ]


class CreateRepoRequest(SpaceWishes):
    """Source: HfApi.create_repo. Clients up to 1.x send `private`, newer ones `visibility`."""

    name: Name
    organization: Name | None = None
    type: RepoType = RepoType.MODEL
    visibility: Visibility | None = None
    private: bool | None = None
    sdk: Literal["docker", "gradio", "static", "streamlit"] | None = None
    """Of a space."""

    @property
    def is_private(self) -> bool | None:
        """None: it does not say."""
        return self.private if self.visibility is None else self.visibility == "private"


class DeleteRepoRequest(BaseModel):
    """Source: HfApi.delete_repo."""

    name: Name
    organization: Name | None = None
    type: RepoType = RepoType.MODEL


class CreateBucketRequest(BaseModel):
    """Source: HfApi.create_bucket."""

    visibility: Visibility | None = None
    private: bool | None = None

    @property
    def is_private(self) -> bool | None:
        """None: it does not say."""
        return self.private if self.visibility is None else self.visibility == "private"


class BucketSettingsRequest(CreateBucketRequest):
    """Source: HfApi.update_bucket_settings."""


class MoveRepoRequest(BaseModel):
    """Source: HfApi.move_repo, HfApi.move_bucket."""

    from_repo: Name = Field(alias="fromRepo")
    to_repo: Name = Field(alias="toRepo")
    type: RepoType | Literal["bucket"] = RepoType.MODEL


class SettingsRequest(BaseModel):
    """Source: HfApi.update_repo_settings."""

    visibility: Visibility | None = None
    private: bool | None = None
    gated: Gate | Literal[False] | None = None

    @property
    def gate(self) -> Gate | None:
        return self.gated or None


class AccessDecision(BaseModel):
    """Source: HfApi._handle_access_request: by `user` or by `requestId`."""

    user: Name | None = None
    request_id: Name | None = Field(default=None, alias="requestId")
    status: RequestStatus
    rejection_reason: Prose = Field(default="", alias="rejectionReason")


class AccessGrant(BaseModel):
    """Source: HfApi.grant_access."""

    user: Name


class BranchRequest(BaseModel):
    """Source: HfApi.create_branch."""

    starting_point: Name | None = Field(default=None, alias="startingPoint")


class TagRequest(BaseModel):
    """Source: HfApi.create_tag."""

    tag: Name


class SquashRequest(BaseModel):
    """Source: HfApi.super_squash_history."""

    message: Prose = "Squash the history"


class DuplicateRepoRequest(SpaceWishes):
    """Source: HfApi.duplicate_repo."""

    repository: Name
    visibility: Visibility | None = None
    private: bool | None = None


class Deletions(BaseModel):
    sha: list[Name] = Field(max_length=MAX_LARGE_FILES_NAMED)
    rewrite_history: bool = Field(default=True, alias="rewriteHistory")


class DeleteLargeRequest(BaseModel):
    """Source: HfApi.permanently_delete_lfs_files."""

    deletions: Deletions


class TargetRepo(BaseModel):
    type: RepoType = RepoType.MODEL
    name: Name


class NamedFile(BaseModel):
    sha256: Name


class ShareRequest(BaseModel):
    """Source: HfApi.duplicate_lfs_files: `target` is the repository that takes them."""

    target: TargetRepo
    files: list[NamedFile] = Field(max_length=MAX_LARGE_FILES_NAMED)


class PreuploadFile(BaseModel):
    path: Path
    size: ByteCount = 0
    sample: Sample = ""
    """The first 512 bytes, in base64."""


class PreuploadRequest(BaseModel):
    """Source: `_fetch_upload_modes` in huggingface_hub/_commit_api.py."""

    files: list[PreuploadFile] = Field(max_length=MAX_FILES_ASKED)
    git_ignore: Prose | None = Field(default=None, alias="gitIgnore")


class PathsRequest(BaseModel):
    """Source: `listFiles` of huggingface.js; huggingface_hub sends a form."""

    paths: list[str]
    expand: bool = False


class CardRequest(BaseModel):
    """Source: HfApi._validate_yaml, RepoCard.validate."""

    content: Annotated[str, StringConstraints(max_length=4_000_000)]
    repo_type: Name | None = Field(default=None, alias="repoType")


class DiscussionRequest(BaseModel):
    """Source: HfApi.create_discussion."""

    title: Prose
    description: Prose = ""
    pull_request: bool = Field(default=False, alias="pullRequest")


class CommentRequest(BaseModel):
    """Source: HfApi.comment_discussion, merge_pull_request."""

    comment: Prose = ""


class TitleRequest(BaseModel):
    """Source: HfApi.rename_discussion."""

    title: Prose


class StatusRequest(BaseModel):
    """Source: HfApi.change_discussion_status."""

    status: Literal["open", "closed"]
    comment: Prose = ""


class EditRequest(BaseModel):
    """Source: HfApi.edit_discussion_comment."""

    content: Prose


def tree_entry(
    entry: Entry, last_commit: CommitInfo | None = None, blob: Blob | None = None
) -> dict[str, Any]:
    """Source: RepoFile and RepoFolder in huggingface_hub/hf_api.py."""
    shape: dict[str, Any] = {
        "type": "directory" if entry.is_folder else "file",
        "oid": entry.sha,
        "size": entry.size_bytes,
        "path": entry.path,
    }
    if entry.large is not None:
        shape["lfs"] = {"oid": entry.large.sha256, **_sizes(entry.large)}
    if blob is not None and blob.file_hash is not None:
        shape["xetHash"] = blob.file_hash
    if last_commit is not None:
        shape["lastCommit"] = {
            "id": last_commit.sha,
            "title": last_commit.title,
            "date": wire_time(last_commit.committed_at),
        }
    return shape


def siblings(files: Sequence[Entry], *, with_blobs: bool) -> list[dict[str, Any]]:
    """Source: RepoSibling in huggingface_hub/hf_api.py."""
    if not with_blobs:
        return [{"rfilename": file.path} for file in files]
    return [_sibling(file) for file in files]


def _sibling(file: Entry) -> dict[str, Any]:
    shape = {"rfilename": file.path, "size": file.size_bytes, "blobId": file.sha}
    if file.large is not None:
        shape["lfs"] = {"sha256": file.large.sha256, **_sizes(file.large)}
    return shape


def _sizes(large: Pointer) -> dict[str, int]:
    return {"size": large.size_bytes, "pointerSize": len(large.content)}
