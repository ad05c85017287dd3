"""Federation: repositories of other hubs, had through this one and verified on the way.

Owns: the upstreams, which namespace is bound to which, what is mirrored from where, and what was
found of each file that came.
May use: the foundation, repos, git, accounts, blobs.
Words: an *upstream* is a hub that is asked for what is not here; a *mirror* is a repository that
follows one of an upstream; a namespace is *bound* to the one origin at which it was first seen; a
file is *tainted* when bytes of it were sent on that never proved to be the right ones.
"""

from etabli.features.federation.backend import UpstreamBackend
from etabli.features.federation.client import FileAddress, RemoteRepo, UpstreamClient
from etabli.features.federation.downloads import Download, Downloads, Follower, State
from etabli.features.federation.errors import (
    DifferentFileError,
    GatedUpstreamError,
    GatewayError,
    NotMirroredError,
    NoUpstreamError,
    PrivateUpstreamError,
    TransferCutError,
    UpstreamDownError,
    UpstreamExistsError,
    UpstreamRefusedError,
)
from etabli.features.federation.git_fetch import fetch_pack, list_refs
from etabli.features.federation.models import (
    Mirror,
    PulledFile,
    PullState,
    Trouble,
    Upstream,
)
from etabli.features.federation.service import Federation, Origin

__all__ = [
    "DifferentFileError",
    "Download",
    "Downloads",
    "Federation",
    "FileAddress",
    "Follower",
    "GatedUpstreamError",
    "GatewayError",
    "Mirror",
    "NoUpstreamError",
    "NotMirroredError",
    "Origin",
    "PrivateUpstreamError",
    "PullState",
    "PulledFile",
    "RemoteRepo",
    "State",
    "TransferCutError",
    "Trouble",
    "Upstream",
    "UpstreamBackend",
    "UpstreamClient",
    "UpstreamDownError",
    "UpstreamExistsError",
    "UpstreamRefusedError",
    "fetch_pack",
    "list_refs",
]
