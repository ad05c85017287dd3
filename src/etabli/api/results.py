"""What the hub says of its own work as JSON: a run, an answer, a comparison.

`etabli.client` reads these. The shell on the hub's own machine shows the same, and so takes them
from here too: what a person is told does not depend on where they sit.
"""

from collections.abc import Callable
from typing import Any

from etabli.api.costs import present_answer, present_emissions, present_energy
from etabli.features.footprint import REFERENCES, Frugality
from etabli.features.serving import Answer, Difference, OutsideScore
from etabli.features.workshop import (
    Progress,
    Publication,
    Run,
    RunState,
    correction_words,
    result_words,
    understood_words,
)
from etabli.foundation.i18n.messages import Message, Translator, msg
from etabli.hub import Hub
from etabli.operations.compare_models import Compared, Comparison
from etabli.operations.sorting import Summary

Json = dict[str, Any]


def present_asked(model: str, answer: Answer, translator: Translator) -> Json:
    return {
        "model": model,
        "reply": answer.reply,
        "judgement": answer.judgement.translate(translator),
        **present_answer(answer),
    }


def present_listed(run: Run) -> Json:
    return {
        "key": run.key,
        "name": run.name,
        "state": run.state,
        "model": run.model,
        "dataset": run.dataset,
        "created_at": run.created_at.isoformat(),
    }


def present_run(hub: Hub, run: Run, translator: Translator, namespace: str = "") -> Json:
    """
    Args:
        namespace: where it may be published; by default under its owner's name.
    """

    def words(text: Message | None) -> str | None:
        return text.translate(translator) if text else None

    workshop = hub.workshop
    found, recipe, fixes = workshop.findings(run), workshop.recipe(run), workshop.choices(run).fixes
    progress = workshop.progress(run) if run.state.is_under_way else None
    content: Json = {
        **present_listed(run),
        "problem": words(run.problem_text),
        "findings": found,
        "said": {
            "understood": words(understood_words(found)),
            "findings": [
                {
                    "code": one["code"],
                    "severity": one["severity"],
                    "text": words(Message.of_json(one["text"])),
                    "fix": one["fix"],
                    "correction": words(correction_words(recipe, one["fix"], fixes)),
                }
                for one in found["findings"]
            ],
            "stage": words(_stage(hub, run, progress)),
        },
    }
    if progress:
        content["progress"] = vars(progress)
    if run.state.has_result:
        content |= _present_made(hub, run, words)
        suggested = workshop.suggest(run, namespace or run.owner)
        content["suggested"] = present_publication(suggested)
    return content


def present_publication(publication: Publication) -> Json:
    return {
        "namespace": publication.namespace,
        "name": publication.name,
        "private": publication.private,
        "with_data": publication.with_data,
    }


def _stage(hub: Hub, run: Run, progress: Progress | None) -> Message | None:
    if not run.state.is_under_way:
        return None
    if progress is None or run.state is RunState.QUEUED:
        return msg("Waiting")
    return hub.workshop.recipe(run).stage(progress.stage)


def _present_made(hub: Hub, run: Run, words: Callable[[Message | None], str | None]) -> Json:
    workshop = hub.workshop
    result, advice = workshop.result(run), workshop.advice(run)
    sentences = result_words(workshop.made(run), result, advice)
    return {
        "result": result,
        "verdict": [words(one) for one in sentences],
        "advice": {
            "use": advice.use,
            "title": words(advice.title),
            "reason": words(advice.reason),
            "next_step": words(advice.next_step),
        },
        "personal_data": vars(workshop.personal_data(run)),
        "preview": [vars(row) for row in workshop.preview(run)],
        "energy_to_make": present_energy(workshop.energy_to_make(run)),
        "energy_of_an_answer": present_energy(workshop.energy_of_an_answer(run)),
    }


def present_comparison(found: Comparison, translator: Translator) -> Json:
    examination = found.examination
    return {
        "dataset": examination.dataset,
        "commit": examination.commit,
        "examples": len(examination.examples),
        "examples_in_all": examination.total,
        "models": [_present_compared(one, translator) for one in found.models],
        "outside": _present_outside(found.outside, found.outside_difference),
    }


def _present_outside(one: OutsideScore | None, apart: Difference | None) -> Json | None:
    if one is None or apart is None:
        return None
    return {
        "address": one.address,
        "model": one.model,
        "examples": len(one.right),
        "accuracy": _present_accuracy(one.accuracy, one.interval),
        "first_accuracy": sum(one.first_right) / len(one.first_right),
        "unreadable_replies": one.unreadable,
        "p50_ms": one.p50_ms,
        "p99_ms": one.p99_ms,
        "time_method": "measured",
        "tokens_in": one.tokens_in,
        "tokens_out": one.tokens_out,
        "tokens_method": "quoted",
        "cost": one.cost,
        "cost_method": "assumed",
        "energy_wh": None,
        "against_the_first": _present_difference(apart),
    }


def _present_accuracy(value: float, interval: tuple[float, float]) -> Json:
    low, high = interval
    return {"value": value, "low": low, "high": high, "level": 0.95, "method": "Wilson"}


def _present_difference(other: Difference) -> Json:
    return {
        "gained": other.gained,
        "lost": other.lost,
        "chance": other.chance,
        "method": "McNemar, exact",
    }


def _present_compared(one: Compared, translator: Translator) -> Json:
    score, other = one.score, one.difference
    return {
        "model": score.model,
        "commit": score.commit,
        "size_bytes": score.size_bytes,
        "known_examples": score.known,
        "accuracy": _present_accuracy(score.accuracy, score.interval),
        "answered_share": score.answered_share,
        "answered_right_share": score.answered_right_share,
        "p50_ms": score.p50_ms,
        "p99_ms": score.p99_ms,
        "a_thousand_answers": {
            **present_energy(one.energy),
            **present_emissions(one.emissions),
        },
        "frugality": present_frugality(one.frugality, translator),
        "against_the_first": _present_difference(other) if other else None,
    }


def present_frugality(found: Frugality, translator: Translator) -> Json:
    return {
        "answers_a_day": found.answers_a_day,
        "idle_watts": found.idle.watts,
        "idle_watts_method": "assumed",
        "idle_share": found.idle_share,
        "loaded_wh_an_answer": found.loaded_wh,
        "beside": [
            {
                "name": str(one.name),
                "energy_wh": one.energy_wh,
                "energy_method": one.method,
                "source": one.url,
                "frugal_from_answers_a_day": found.frugal_from(one),
                "making_made_good_after_answers": found.made_good_after(one),
            }
            for one in REFERENCES
        ],
        "said": [one.translate(translator) for one in found.sentences],
    }


def present_summary(summary: Summary, translator: Translator) -> Json:
    """What sorting a file took, in the fields of an answer's cost."""
    cost: Json = {"cpu_s": summary.cpu_s}
    if summary.energy is not None and summary.emissions is not None:
        cost |= present_energy(summary.energy) | present_emissions(summary.emissions)
    return {
        "rows": summary.rows,
        "left_out": summary.left_out,
        "decisions": dict(summary.decisions),
        "titles": {one: summary.titles[one].translate(translator) for one in summary.decisions},
        "answered_by": "machine",
        "cost": cost,
    }
