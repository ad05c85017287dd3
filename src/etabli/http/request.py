"""What a request carries for whoever answers it: the site, who asks, and what was found for it."""

from collections.abc import Mapping
from typing import Any, cast

from fastapi import Request

from etabli.features.accounts import ANONYMOUS, Actor
from etabli.features.buckets import Bucket
from etabli.features.repos import Repo
from etabli.site import Site

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def site_of(request: Request) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def public_url(request: Request) -> str:
    """Where the client reached this hub, unless its operator said how the world does."""
    set_by_operator = site_of(request).settings.public_url
    return (set_by_operator or str(request.base_url)).rstrip("/")


def actor_of(request: Request) -> Actor:
    return cast(Actor, getattr(request.state, "actor", ANONYMOUS))


def repo_of(request: Request) -> Repo:
    return cast(Repo, request.state.repo)


def bucket_of(request: Request) -> Bucket:
    return cast(Bucket, request.state.bucket)


def claims_of(request: Request) -> Mapping[str, Any]:
    """What the hub has signed: in the address, or in the token for a repository's bytes."""
    return cast(Mapping[str, Any], request.state.claims)
