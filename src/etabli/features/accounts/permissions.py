"""Who may do what: permissions, the scopes of credentials, and the one function that decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from etabli.features.accounts.budgets import Meter


class Role(StrEnum):
    """What a member may do in an organization."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a credential may be used for. What its owner may do bounds it besides."""

    READ = "read"
    """To see and read what not everybody may."""
    ASK = "ask"
    """To have models answer."""
    WRITE = "write"
    """To create, to change and to talk in its owner's name."""
    MANAGE = "manage"
    """To rename, hide and delete repositories, and to administer the site."""
    ACCOUNT = "account"
    """To change the account itself. No access token has it: one that leaks could make others, and
    so outlive being revoked."""


ALL_SCOPES = frozenset(Scope)


class TokenRole(StrEnum):
    """The sets of scopes that are offered for an access token."""

    ASK = "ask"
    READ = "read"
    WRITE = "write"

    @property
    def scopes(self) -> frozenset[Scope]:
        return _SCOPES[self]


_SCOPES: Mapping[TokenRole, frozenset[Scope]] = {
    TokenRole.ASK: frozenset({Scope.ASK}),
    TokenRole.READ: frozenset({Scope.READ, Scope.ASK}),
    TokenRole.WRITE: frozenset({Scope.READ, Scope.ASK, Scope.WRITE, Scope.MANAGE}),
}


def parse_scopes(text: str) -> frozenset[Scope]:
    """Those that this version knows: another one gives no right here."""
    return frozenset(Scope(word) for word in text.split() if word in list(Scope))


class Permission(StrEnum):
    """What a route needs. Every route of every door declares one."""

    PUBLIC = "public"
    """Anybody, signed in or not."""
    SET_UP = "set-up"
    """Anybody, while the hub has no account yet: the verb checks the one-time token."""
    SIGNED_IN = "signed-in"
    """Somebody; whatever the request changes is their own."""
    OWN_ACCOUNT = "own-account"
    """Somebody who has signed in themselves."""
    CREATE_REPO = "create-repo"
    """Somebody who may write in the namespace that the request names: the verb checks it."""
    SEE_REPO = "see-repo"
    """That it is there: its page, what is said of it, the names of its files, its history."""
    READ_REPO = "read-repo"
    """The bytes of its files, by whatever way they leave. Of a gated one, not all who see it."""
    ASK_MODEL = "ask-model"
    """To have a model answer, which gives away what it has learned: for who may read its bytes."""
    TAKE_PART = "take-part"
    """Somebody who may see the repository: to talk about it."""
    PROPOSE = "propose"
    """Somebody who may take part and read the bytes: to propose a change to them."""
    WRITE_REPO = "write-repo"
    ADMIN_REPO = "admin-repo"
    ADMIN_SITE = "admin-site"
    SIGNED_ADDRESS = "signed-address"
    """Whoever has the address, which this hub signed: it names all that it is good for."""
    CAS_READ = "cas-read"
    """Whoever has a token that this hub signed for reading one repository's bytes."""
    CAS_WRITE = "cas-write"
    """The same, for sending bytes to one repository."""

    @property
    def concerns_repo(self) -> bool:
        return self in _ABOUT_A_REPO

    @property
    def is_signed(self) -> bool:
        """Whether it is had by what the hub has signed, whoever the caller is."""
        return self in (Permission.SIGNED_ADDRESS, Permission.CAS_READ, Permission.CAS_WRITE)

    @property
    def only_reads(self) -> bool:
        return self in (
            Permission.PUBLIC,
            Permission.SEE_REPO,
            Permission.READ_REPO,
            Permission.ASK_MODEL,
        )

    @property
    def reads_bytes(self) -> bool:
        """Whether a gate keeps it from who only sees the repository."""
        return self in (Permission.READ_REPO, Permission.ASK_MODEL, Permission.PROPOSE)


_ABOUT_A_REPO = frozenset(
    {
        Permission.SEE_REPO,
        Permission.READ_REPO,
        Permission.ASK_MODEL,
        Permission.TAKE_PART,
        Permission.PROPOSE,
        Permission.WRITE_REPO,
        Permission.ADMIN_REPO,
    }
)


@dataclass(frozen=True)
class Actor:
    """Who is asking. `name` is None when nobody is signed in."""

    name: str | None
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Their role in each namespace that they belong to, their own included."""
    is_admin: bool = False
    """Whether they administer the site. It opens no private repository."""
    scopes: frozenset[Scope] = ALL_SCOPES
    """What the credential is good for: a session, for all that the person may do."""
    by_token: bool = False
    token_name: str | None = None
    token_last_used_at: datetime | None = None
    meter: Meter | None = None
    """How the questions of their token are counted, and which it may ask; None without a token."""

    @property
    def namespaces(self) -> frozenset[str]:
        """Where this actor may read what is private."""
        return self.private_namespaces(Scope.READ)

    def private_namespaces(self, scope: Scope) -> frozenset[str]:
        """Where this actor may use what is private for this."""
        return frozenset(self.roles) if scope in self.scopes else frozenset()

    def spelled(self, namespace: str) -> str:
        """A namespace of theirs as it is written, whatever the case that was typed."""
        own = {name.lower(): name for name in self.roles}
        return own.get(namespace.lower(), namespace)

    @property
    def may_write(self) -> bool:
        return self.name is not None and Scope.WRITE in self.scopes

    @property
    def in_person(self) -> "Actor":
        """The same person with a credential that is good for everything."""
        return replace(self, scopes=ALL_SCOPES, meter=None)

    def is_kept_from_asking(self, resource: "Resource | None") -> bool:
        """Whether their token was made for other models, and so does not even ask a public one."""
        only = self.meter.limits.only if self.meter else frozenset[str]()
        return bool(only) and (resource is None or resource.key not in only)

    @property
    def token_role(self) -> TokenRole | None:
        """The role whose scopes the token has; None for other scopes, and without a token."""
        offered = (role for role in TokenRole if role.scopes == self.scopes)
        return next(offered, None) if self.by_token else None


ANONYMOUS = Actor(name=None)


@dataclass(frozen=True)
class Resource:
    """What an actor acts on: something in a namespace."""

    namespace: str
    private: bool = False
    """Only members of the namespace see it."""
    gated: bool = False
    """Its bytes are for members, and for those to whom they are granted."""
    granted_to: frozenset[str] = frozenset()
    """Namespaces whose members may read the bytes."""
    read_only: bool = False
    """A copy of what is elsewhere: nobody changes it here, or talks about it."""
    key: str = ""
    """Of a repository: what a token that is for some models only knows it by."""

    def is_seen_by(self, actor: Actor) -> bool:
        return not self.private or self.namespace in actor.roles

    def keeps_bytes_from(self, actor: Actor) -> bool:
        """Whether somebody who sees it may not read its bytes."""
        is_member = self.namespace in actor.roles
        return self.gated and not is_member and self.granted_to.isdisjoint(actor.roles)


_NEEDED_SCOPE: Mapping[Permission, Scope] = {
    Permission.SIGNED_IN: Scope.READ,
    Permission.OWN_ACCOUNT: Scope.ACCOUNT,
    Permission.CREATE_REPO: Scope.WRITE,
    Permission.SEE_REPO: Scope.READ,
    Permission.READ_REPO: Scope.READ,
    Permission.ASK_MODEL: Scope.ASK,
    Permission.TAKE_PART: Scope.WRITE,
    Permission.PROPOSE: Scope.WRITE,
    Permission.WRITE_REPO: Scope.WRITE,
    Permission.ADMIN_REPO: Scope.MANAGE,
    Permission.ADMIN_SITE: Scope.MANAGE,
}


def can(actor: Actor, permission: Permission, resource: Resource | None = None) -> bool:
    """The one function that decides, for every door. Lists use `Repos.visible_to` instead.

    The person must have the permission, and the credential the scope; what anybody may needs none.
    A permission about a repository or a namespace needs its resource; without one it is refused.
    """
    if not _may_person(actor, permission, resource):
        return False
    if permission is Permission.ASK_MODEL and actor.is_kept_from_asking(resource):
        return False
    if _NEEDED_SCOPE.get(permission) in (None, *actor.scopes):
        return True
    return _may_person(ANONYMOUS, permission, resource)


def needed_scope(permission: Permission) -> Scope | None:
    return _NEEDED_SCOPE.get(permission)


def _may_person(actor: Actor, permission: Permission, resource: Resource | None) -> bool:
    if permission in (Permission.PUBLIC, Permission.SET_UP):
        return True
    if permission in (Permission.SIGNED_IN, Permission.OWN_ACCOUNT):
        return actor.name is not None
    if permission is Permission.ADMIN_SITE:
        return actor.is_admin
    if resource is None or permission.is_signed:
        return False
    if permission.concerns_repo and not resource.is_seen_by(actor):
        return False
    if permission.reads_bytes and resource.keeps_bytes_from(actor):
        return False
    if permission.only_reads:
        return True
    if resource.read_only:
        return False
    if permission in (Permission.TAKE_PART, Permission.PROPOSE):
        return actor.name is not None
    role = actor.roles.get(resource.namespace)
    needed = {Role.ADMIN} if permission is Permission.ADMIN_REPO else {Role.ADMIN, Role.WRITE}
    return role in needed
