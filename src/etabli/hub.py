"""The hub: every feature and what each one needs. Read this file to see how the parts fit."""

from dataclasses import dataclass

from etabli.features.accounts import Accounts, BrowserSessions, Metering
from etabli.features.blobs import (
    Blobs,
    BlobStore,
    PartStore,
    Quota,
)
from etabli.features.buckets import Buckets
from etabli.features.catalogue import Catalogue
from etabli.features.community import Community, PullRequests
from etabli.features.federation import Federation, UpstreamBackend
from etabli.features.git import GitStore
from etabli.features.repos import (
    AccessRequests,
    Aliases,
    Housekeeping,
    MirrorRepos,
    PublicEvents,
    PullRequestRefs,
    Pushes,
    Refs,
    Repos,
)
from etabli.features.serving import Embeds, Serving, ServingBackend
from etabli.features.workshop import (
    RunFolders,
    Workshop,
)
from etabli.foundation.event_log import EventLog
from etabli.foundation.http_client import HttpClient
from etabli.foundation.jobs import JobQueue
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Backends:
    """What reaches outside the process. Chosen once, from the settings."""

    git: GitStore
    blobs: BlobStore
    parts: PartStore
    quota: Quota
    serving: ServingBackend
    runs: RunFolders
    http: HttpClient
    upstreams: UpstreamBackend


class Hub:
    """All that one unit of work can do. Made anew for each request and each job."""

    def __init__(self, work: UnitOfWork, backends: Backends) -> None:
        self.work = work
        self.events = EventLog(work)
        self.jobs = JobQueue(work)
        self.accounts = Accounts(work)
        self.sign_ins = BrowserSessions(work, self.accounts)
        self.metering = Metering(work)
        self.blobs = Blobs(work, backends.blobs, backends.quota)
        self.repos = Repos(work, self.accounts, backends.git, self.blobs)
        self.access_requests = AccessRequests(work, self.accounts)
        self.aliases = Aliases(work)
        self.buckets = Buckets(work, self.accounts, self.blobs)
        self.public_events = PublicEvents(work)
        self.refs = Refs(work, self.accounts, self.repos)
        self.pushes = Pushes(work, self.accounts, self.blobs)
        self.housekeeping = Housekeeping(work, self.accounts, backends.git, self.blobs)
        self.catalogue = Catalogue(work, self.accounts, self.repos)
        self.community = Community(work, self.accounts, self.repos)
        pulls = PullRequestRefs(work, backends.git, self.blobs)
        self.proposals = PullRequests(work, self.accounts, self.repos, pulls)
        self.mirrors = MirrorRepos(work, backends.git, self.blobs)
        self.federation = Federation(work, self.accounts, backends.upstreams)
        self.serving = Serving(work, self.accounts, self.repos, backends.serving)
        self.embeds = Embeds(work, self.accounts)
        self.workshop = Workshop(work, self.repos, self.serving, backends.runs)
