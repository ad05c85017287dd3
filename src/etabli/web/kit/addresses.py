"""Where the pages of a repository are."""

from etabli.features.repos import Repo, RepoType


def repo_base(repo: Repo) -> str:
    """The address of a repository's pages, without a slash at its end."""
    prefix = "" if repo.type is RepoType.MODEL else f"/{repo.type}s"
    return f"{prefix}/{repo.full_name}"
