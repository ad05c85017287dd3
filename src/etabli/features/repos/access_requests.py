"""Asking to be let in to a gated repository, and what its owner says to it."""

from collections.abc import Mapping, Sequence
from typing import Final

from etabli.features.accounts import Accounts, Actor, Permission
from etabli.features.cards import GateForm, GateQuestion, QuestionKind
from etabli.features.repos.errors import (
    AccessAskedError,
    AccessDecidedError,
    AccessRequestNotFoundError,
    AnswerMissingError,
    AnswerTooLongError,
    NotGatedError,
    UnknownAnswerError,
)
from etabli.features.repos.models import AccessRequest, Gate, Grant, Repo, RequestStatus
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork

MAX_ANSWER_CHARS = 1000
MAX_REASON_CHARS = 500
CHECKED: Final = "true"
"""What a ticked box answers."""


class AccessRequests:
    """Ask for access, and decide what was asked."""

    def __init__(self, work: UnitOfWork, accounts: Accounts) -> None:
        self._work = work
        self._accounts = accounts
        self._store = RepoStore(work.db)

    def ask(
        self, actor: Actor, repo: Repo, form: GateForm, answers: Mapping[str, str]
    ) -> AccessRequest:
        """Ask to be let in. An automatic gate lets in at once, also who asked while it was not.

        Args:
            form: what the card of the repository asks.
            answers: by the label of each question; a ticked box answers `CHECKED`.

        Raises:
            NotGatedError: there is no gate.
            AnswerMissingError, AnswerTooLongError, UnknownAnswerError: every question is to be
                answered.
            AccessAskedError: this person asked before, and nothing would change.
        """
        self._accounts.require(actor, Permission.TAKE_PART, repo.resource)
        if not repo.gated:
            raise NotGatedError(repo.full_name)
        said = {question.label: _answer(question, answers) for question in form.questions}
        request = self._store.access_request(repo.key, actor.name or "")
        if request is None:
            request = self._add(repo, actor.name or "", said)
        elif request.status is not RequestStatus.PENDING or repo.gate is not Gate.AUTO:
            raise AccessAskedError
        if repo.gate is Gate.AUTO:
            self._settle(repo, request, RequestStatus.ACCEPTED)
        return request

    def of(self, actor: Actor, repo: Repo) -> AccessRequest | None:
        """What this person asked before."""
        return self._store.access_request(repo.key, actor.name) if actor.name else None

    def waiting(self, repo: Repo) -> int:
        return self.counts(repo).get(RequestStatus.PENDING, 0)

    def counts(self, repo: Repo) -> Mapping[RequestStatus, int]:
        return self._store.count_access_requests(repo.key) if repo.gated else {}

    def listed(
        self, actor: Actor, repo: Repo, status: RequestStatus, start: int, limit: int
    ) -> Sequence[AccessRequest]:
        """Those of one status, the newest first.

        Raises:
            NotAllowedError: `actor` does not administer the repository.
            NotGatedError: there is no gate.
        """
        self._require_gate(actor, repo)
        return self._store.access_requests(repo.key, status, start, limit)

    def decide(
        self,
        actor: Actor,
        repo: Repo,
        status: RequestStatus,
        *,
        name: str | None = None,
        key: str | None = None,
        reason: str = "",
    ) -> AccessRequest:
        """Let somebody in, refuse them, or let them wait again; by their name or their request's.

        Raises:
            NotAllowedError, NotGatedError: as `listed`.
            AccessRequestNotFoundError: nobody asked so.
            AccessDecidedError: it is so already.
        """
        self._require_gate(actor, repo)
        request = self._find(repo, name, key)
        if request.status is status:
            raise AccessDecidedError(status)
        self._settle(repo, request, status, reason)
        return request

    def grant(self, actor: Actor, repo: Repo, name: str) -> AccessRequest:
        """Let a person, or the members of an organization, in unasked.

        Raises:
            NotAllowedError, NotGatedError: as `listed`.
            NamespaceNotFoundError: nobody is called so.
            AccessDecidedError: they were let in before.
        """
        self._require_gate(actor, repo)
        namespace = self._accounts.namespace(name).name
        request = self._store.access_request(repo.key, namespace) or self._add(repo, namespace, {})
        if request.status is RequestStatus.ACCEPTED:
            raise AccessDecidedError(RequestStatus.ACCEPTED)
        self._settle(repo, request, RequestStatus.ACCEPTED)
        return request

    def _require_gate(self, actor: Actor, repo: Repo) -> None:
        self._accounts.require(actor, Permission.ADMIN_REPO, repo.resource)
        if not repo.gated:
            raise NotGatedError(repo.full_name)

    def _find(self, repo: Repo, name: str | None, key: str | None) -> AccessRequest:
        if key is not None:
            found = self._store.access_request_by_key(repo.key, key)
        else:
            namespace = self._accounts.find_namespace(name or "")
            found = self._store.access_request(repo.key, namespace.name) if namespace else None
        if found is None:
            raise AccessRequestNotFoundError(key or name or "")
        return found

    def _add(self, repo: Repo, namespace: str, answers: Mapping[str, str]) -> AccessRequest:
        request = AccessRequest(
            repo_key=repo.key,
            namespace=namespace,
            status=RequestStatus.PENDING,
            answers=dict(answers),
            asked_at=self._work.now,
        )
        self._store.add_access_request(request)
        return request

    def _settle(
        self, repo: Repo, request: AccessRequest, status: RequestStatus, reason: str = ""
    ) -> None:
        """A request and its grant say the same."""
        request.status, request.decided_at = status, self._work.now
        request.reason = " ".join(reason.split())[:MAX_REASON_CHARS]
        if status is RequestStatus.ACCEPTED:
            self._store.add_grant(
                Grant(repo_key=repo.key, namespace=request.namespace, granted_at=self._work.now)
            )
        else:
            self._store.remove_grant(repo.key, request.namespace)


def _answer(question: GateQuestion, answers: Mapping[str, str]) -> str:
    given = " ".join(answers.get(question.label, "").split())
    if not given or (question.kind is QuestionKind.CHECKBOX and given != CHECKED):
        raise AnswerMissingError(question.label)
    if len(given) > MAX_ANSWER_CHARS:
        raise AnswerTooLongError(question.label, MAX_ANSWER_CHARS)
    if question.options and given not in question.options:
        raise UnknownAnswerError(question.label)
    return given
