"""The examination of a search: the saved model, on questions that nothing was fitted on."""

from collections.abc import Callable, Sequence
from typing import Any

from etabli.engine.recipes.faq.deciding import Trial
from etabli.engine.recipes.faq.material import GivenQuestion
from etabli.engine.recipes.faq.questions import Kind
from etabli.engine.recipes.placing import CURVE, FEWEST, placed, share, speed
from etabli.engine.runtimes.faq import MAX_OFFERED, FaqRetriever, Found
from etabli.engine_contract.inference import Decision

MAX_MISTAKES = 100


def examine(
    retriever: FaqRetriever, trials: Sequence[Trial], given: Sequence[GivenQuestion]
) -> dict[str, Any]:
    of_kind = {kind: [one for one in trials if one.asked.kind is kind] for kind in Kind}
    found = {one: retriever.best(retriever.question(one.text), MAX_OFFERED) for one in given}
    known = [one for one in given if one.entry is not None]
    silent = [retriever.decide(found[one])[0] is Decision.OUTSIDE for one in given
              if one.entry is None]  # fmt: skip
    asked = [(one.text, one.entry, found[one]) for one in known if one.entry is not None]
    own = of_kind[Kind.PHRASING] if len(of_kind[Kind.PHRASING]) >= FEWEST else of_kind[Kind.MADE]
    tried = [(one.asked.text, one.asked.entry, one.there) for one in own]
    judged = asked if len(asked) >= FEWEST else tried
    return {
        "phrasings": _placed(of_kind[Kind.PHRASING]),
        "made": _placed(of_kind[Kind.MADE]),
        "asked": placed([_places(at, there) for _, at, there in asked]) if asked else None,
        "asked_refused": placed([(one, one) for one in silent]) if silent else None,
        "there": deciding(retriever, [(at, there) for _, at, there in judged]),
        "gone": deciding(retriever, [(None, one.gone) for one in own]),
        "coverage": [_point(step, tried, retriever) for step in CURVE],
        "mistakes": _mistakes(retriever, judged),
        "speed": speed(retriever.ask, [one.asked.text for one in trials]),
    }


def _places(entry: int, found: Sequence[Found]) -> tuple[bool, bool]:
    return found[0].at == entry, any(one.at == entry for one in found)


def _placed(trials: Sequence[Trial]) -> dict[str, Any] | None:
    return placed([(one.is_first, one.is_among) for one in trials]) if trials else None


def deciding(
    retriever: FaqRetriever, found: Sequence[tuple[int | None, Sequence[Found]]]
) -> dict[str, Any]:
    """What becomes of questions, by the answer that each should get."""
    decided = [(entry, there, *retriever.decide(there)) for entry, there in found]
    answered = [there[0].at == entry for entry, there, one, _ in decided
                if one is Decision.ANSWER]  # fmt: skip
    offered = [any(each.at == entry for each in near) for entry, _, one, near in decided
               if one is Decision.CLARIFY]  # fmt: skip
    total = max(1, len(decided))
    return {
        "answered": len(answered) / total,
        "right": share(answered) if answered else None,
        "asked_back": len(offered) / total,
        "offered_right": share(offered) if offered else None,
        "refused": share(one is Decision.OUTSIDE for _, _, one, _ in decided),
    }


Tried = tuple[str, int, Sequence[Found]]


def _point(threshold: float, tried: Sequence[Tried], retriever: FaqRetriever) -> dict[str, Any]:
    """As if the owner asked for that certainty."""
    sure = [(at, there) for _, at, there in tried
            if there[0].probability >= threshold]  # fmt: skip
    clear = [(at, there) for at, there in sure if _is_clear(there, retriever.parts.clear_lead)]
    return {
        "threshold": threshold,
        "answered": len(clear) / len(tried) if tried else 0.0,
        "right": share(there[0].at == at for at, there in clear) if clear else None,
    }


def _is_clear(found: Sequence[Found], lead: float) -> bool:
    return len(found) == 1 or found[1].score <= found[0].score * (1 - lead)


def _mistakes(retriever: FaqRetriever, tried: Sequence[Tried]) -> list[dict[str, str]]:
    entries = retriever.parts.entries
    missed: Callable[[Tried], bool] = lambda one: one[2][0].at != one[1]  # noqa: E731
    return [
        {"question": text, "expected": entries[at].label, "found": entries[there[0].at].label}
        for text, at, there in list(filter(missed, tried))[:MAX_MISTAKES]
    ]
