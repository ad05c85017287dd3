"""A question and what a model makes of it, as a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from etabli.features.accounts import Permission
from etabli.features.git import Snapshot
from etabli.features.repos import Repo, RepoType
from etabli.features.serving import Answer, Candidate, Decision
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import actor_of
from etabli.hub import Hub
from etabli.web.kit.rendering import said
from etabli.web.repo.evaluation_view import EnergyFigure, Evaluation, figure_of, of_snapshot, shown
from etabli.web.repo.frame import values

MAX_OFFERED = 3

# The class of the tag, and its icon.
_DECISIONS: Mapping[Decision, tuple[str, str]] = {
    Decision.ANSWER: ("ok", "check"),
    Decision.CLARIFY: ("look", "chat"),
    Decision.OUTSIDE: ("look", "stop"),
    Decision.HUMAN: ("act", "people"),
}


@dataclass(frozen=True)
class Turn:
    """One question, and all that is shown of its answer."""

    question: str
    reply: str
    reply_is_the_makers: bool
    """Whether the reply was written by the model's maker, in a language of their own."""
    decision: Decision
    tag: tuple[str, str, str]
    offered: Sequence[Candidate]
    candidates: Sequence[Candidate]
    said_count: int
    """How many of the candidates it says, from the first on; none where it leaves them open."""
    latency_s: float
    energy: EnergyFigure
    is_quote: bool = False
    """Whether the reply is a quote of a document, and each candidate names where it stands."""


def turn(request: Request, question: str, answer: Answer, chosen: str = "") -> Turn:
    """`chosen`: which reading the person has pointed at, when the model had asked."""
    (css, icon), words = _DECISIONS[answer.decision], answer.title
    picked = picked_of(answer, chosen)
    reply, is_the_makers = reply_of(answer, picked)
    if picked is not None:
        css, icon, words = "ok", "people", msg("You said which one was meant")
    asks = answer.decision is Decision.CLARIFY and picked is None
    return Turn(
        question=question,
        reply=said(request, reply),
        reply_is_the_makers=is_the_makers,
        decision=answer.decision,
        tag=(css, icon, said(request, words)),
        offered=offered_of(answer) if asks else (),
        candidates=answer.candidates[: max(MAX_OFFERED, answer.predicted_count)],
        said_count=answer.predicted_count if answer.decision is Decision.ANSWER else 0,
        is_quote=answer.runtime.quotes,
        latency_s=answer.cost.latency_ms / 1000,
        energy=figure_of(request, answer.cost.energy, answer.cost.emissions),
    )


def picked_of(answer: Answer, chosen: str) -> Candidate | None:
    """The reading that the person has pointed at, when the model had asked."""
    known = (*answer.candidates, *answer.readings)
    return next((one for one in known if chosen and one.label == chosen), None)


def offered_of(answer: Answer) -> Sequence[Candidate]:
    """The readings to choose between, when the model asks what is meant."""
    return answer.readings or answer.candidates[:MAX_OFFERED]


def reply_of(answer: Answer, picked: Candidate | None) -> tuple[Message, bool]:
    """What is said, and whether it is the maker's own words, in a language of their own."""
    if picked is not None:
        if picked.reply:
            return Message("{reply}", {"reply": picked.reply}), True
        return msg("This is about: {subject}.", subject=picked.subject), False
    if answer.decision is Decision.CLARIFY and not answer.written:
        return msg("Which one do you mean?"), False
    return answer.in_words(), bool(answer.written)


def panel(
    action: str, *, turn: Turn | None = None, text: str = "", error: str = "", **more: Any
) -> dict[str, Any]:
    """What `model/ask.html` needs: where it sends questions, and the last one with its answer."""
    return {"ask_action": action, "turn": turn, "ask_text": text, "ask_error": error, **more}


def model_context(request: Request, hub: Hub, repo: Repo, snapshot: Snapshot) -> Mapping[str, Any]:
    """What the card page of a model shows of it beside its card: `model/try.html`, `side.html`.

    After a question, `models.ask` leaves in `request.state.asked` what to show of it.
    """
    if repo.type is not RepoType.MODEL:
        return {}
    may_ask = hub.repos.access.may(actor_of(request), Permission.ASK_MODEL, repo)
    evaluation = of_snapshot(request, snapshot) if may_ask else None
    served = hub.serving.find(repo) if may_ask else None
    asked: Mapping[str, Any] = getattr(request.state, "asked", {})
    return {
        "served": served,
        "examples": examples(evaluation) if served else [],
        **panel(ask_address(repo), **asked),
        **shown(request, evaluation),
    }


def data_language(metadata: Mapping[str, Any]) -> str:
    """The one language that a card names; empty when it names none, or several."""
    languages = values(metadata.get("language"))
    return languages[0] if len(languages) == 1 else ""


def ask_address(repo: Repo) -> str:
    return f"/{repo.full_name}/ask"


def examples(evaluation: Evaluation | None) -> Sequence[str]:
    """Messages to try: two that it was examined on and got wrong, the ones it was least sure of."""
    return evaluation.exam.hard_texts[-2:] if evaluation else ()
