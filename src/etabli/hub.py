"""The hub: every feature and what each one needs. Read this file to see how the parts fit."""

from dataclasses import dataclass
from functools import cached_property

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
    Likes,
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
    """All that one unit of work can do. Made anew for each request and each job.

    A feature is made when it is first asked for: most requests need three of them.
    """

    def __init__(self, work: UnitOfWork, backends: Backends) -> None:
        self.work = work
        self._backends = backends

    @cached_property
    def events(self) -> EventLog:
        return EventLog(self.work)

    @cached_property
    def jobs(self) -> JobQueue:
        return JobQueue(self.work)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.work)

    @cached_property
    def sign_ins(self) -> BrowserSessions:
        return BrowserSessions(self.work, self.accounts)

    @cached_property
    def metering(self) -> Metering:
        return Metering(self.work)

    @cached_property
    def blobs(self) -> Blobs:
        return Blobs(self.work, self._backends.blobs, self._backends.quota)

    @cached_property
    def repos(self) -> Repos:
        return Repos(self.work, self.accounts, self._backends.git, self.blobs)

    @cached_property
    def access_requests(self) -> AccessRequests:
        return AccessRequests(self.work, self.accounts)

    @cached_property
    def likes(self) -> Likes:
        return Likes(self.work, self.accounts)

    @cached_property
    def aliases(self) -> Aliases:
        return Aliases(self.work)

    @cached_property
    def buckets(self) -> Buckets:
        return Buckets(self.work, self.accounts, self.blobs)

    @cached_property
    def public_events(self) -> PublicEvents:
        return PublicEvents(self.work)

    @cached_property
    def refs(self) -> Refs:
        return Refs(self.work, self.accounts, self.repos)

    @cached_property
    def pushes(self) -> Pushes:
        return Pushes(self.work, self.accounts, self.blobs)

    @cached_property
    def housekeeping(self) -> Housekeeping:
        return Housekeeping(self.work, self.accounts, self._backends.git, self.blobs)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.work, self.accounts, self.repos)

    @cached_property
    def community(self) -> Community:
        return Community(self.work, self.accounts, self.repos)

    @cached_property
    def proposals(self) -> PullRequests:
        refs = PullRequestRefs(self.work, self._backends.git, self.blobs)
        return PullRequests(self.work, self.accounts, self.repos, refs)

    @cached_property
    def mirrors(self) -> MirrorRepos:
        return MirrorRepos(self.work, self._backends.git, self.blobs)

    @cached_property
    def federation(self) -> Federation:
        return Federation(self.work, self.accounts, self._backends.upstreams)

    @cached_property
    def serving(self) -> Serving:
        return Serving(self.work, self.accounts, self.repos, self._backends.serving)

    @cached_property
    def embeds(self) -> Embeds:
        return Embeds(self.work, self.accounts)

    @cached_property
    def workshop(self) -> Workshop:
        return Workshop(self.work, self.repos, self.serving, self._backends.runs)
