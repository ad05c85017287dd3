"""What an answer costs, as the doors for programs say it: the same fields in each."""

from collections.abc import Sequence
from typing import Any

from etabli.features.footprint import Emissions, Energy
from etabli.features.serving import Answer, Candidate, Cost, Decision


def present_answer(answer: Answer) -> dict[str, Any]:
    return {
        "decision": answer.decision,
        "answered_by": "machine",
        "generated": answer.is_generated,
        "labels": [
            {
                "label": candidate.label,
                "score": candidate.probability,
                "reply": candidate.reply,
                **present_source(candidate),
            }
            for candidate in answer.candidates
        ],
        "predicted": [candidate.label for candidate in answer.predicted],
        "cost": present_cost(answer.cost),
    }


def present_source(candidate: Candidate) -> dict[str, Any]:
    """Where a quote stands; nothing where the reply is none."""
    source = candidate.source
    if source is None:
        return {}
    where = {
        "document": source.document,
        "headings": list(source.headings),
        "page": source.page,
        "passage": source.passage,
        "start": source.start,
        "end": source.end,
        "dataset": source.dataset or None,
        "commit": source.commit or None,
    }
    return {"source": where}


def present_cost(cost: Cost) -> dict[str, Any]:
    return {
        "latency_ms": round(cost.latency_ms, 3),
        "cpu_s": cost.cpu_s,
        **present_energy(cost.energy),
        **present_emissions(cost.emissions),
    }


def present_energy(energy: Energy) -> dict[str, Any]:
    return {
        "energy_wh": energy.wh,
        "energy_low_wh": energy.low_wh,
        "energy_high_wh": energy.high_wh,
        "energy_method": energy.method,
        "energy_how": str(energy.how),
    }


def present_emissions(emissions: Emissions) -> dict[str, Any]:
    return {
        "emissions_g_co2e": emissions.g_co2e,
        "emissions_method": emissions.method,
        "emissions_how": str(emissions.how),
    }


_LEAST_SURE_FIRST = (Decision.OUTSIDE, Decision.HUMAN, Decision.CLARIFY, Decision.ANSWER)


def answer_headers(answers: Sequence[Answer]) -> dict[str, str]:
    """What is decided, that a machine answers, and whether it composed any of the replies.

    Of several answers the decision that is furthest from an answer: each has its own in the JSON.

    Source: Regulation (EU) 2024/1689, article 50.
    """
    is_generated = any(answer.is_generated for answer in answers)
    decisions = {answer.decision for answer in answers}
    return {
        "X-Etabli-Decision": next((one for one in _LEAST_SURE_FIRST if one in decisions), ""),
        "X-Etabli-Answered-By": "machine",
        "X-Etabli-Generated": "true" if is_generated else "false",
    }


def cost_headers(answer: Answer) -> dict[str, str]:
    """For answers whose JSON has no room for it, because others defined it."""
    return {**answer_headers([answer]), **amount_headers(answer.cost)}


def amount_headers(cost: Cost) -> dict[str, str]:
    """The same of what decides nothing, such as an encoder."""
    return {
        "X-Etabli-Latency-Ms": f"{cost.latency_ms:.3f}",
        "X-Etabli-Energy-Wh": f"{cost.energy.wh:.3g}",
        "X-Etabli-Energy-Range-Wh": f"{cost.energy.low_wh:.3g}-{cost.energy.high_wh:.3g}",
        "X-Etabli-Energy-Method": cost.energy.method,
        "X-Etabli-Emissions-G": f"{cost.emissions.g_co2e:.3g}",
    }
