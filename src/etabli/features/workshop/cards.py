"""Cards written from facts: what was measured, on what, and what is not known.

Nothing here is an opinion or a guess; what only a person can say is left for them to say.
"""

from collections.abc import Mapping
from typing import Any

from etabli.features.cards import write
from etabli.features.footprint import in_unit, two_digits
from etabli.features.workshop.facts import Facts
from etabli.features.workshop.recipes import Recipe
from etabli.features.workshop.recipes.recipe import Words
from etabli.features.workshop.wording import texts
from etabli.foundation.i18n.messages import Message, Translator, msg


def model_card(recipe: Recipe, facts: Facts, translator: Translator) -> str:
    def words(text: Message) -> str:
        return text.translate(translator)

    name = facts.publication.name
    sections = [
        f"# {name}",
        words(recipe.summary(facts)),
        words(msg("## What it is for")),
        words(recipe.purpose(facts)),
        words(msg("## What it is not for")),
        words(recipe.limits(facts)),
        words(msg("## How good it is")),
        *recipe.examination(facts, words),
        words(msg("## Where it is wrong")),
        recipe.mistakes(facts, words),
        words(msg("## How it was made")),
        words(recipe.making(facts)),
        *[words(reason) for reason in [recipe.choice(facts.result)] if reason],
        words(_data(recipe, facts)),
        words(msg("## What it costs")),
        words(_cost(facts)),
        words(msg("## How to use it")),
        _usage(facts, words),
        *_standalone(recipe, facts, words),
    ]
    return write(_model_metadata(recipe, facts), "\n\n".join(sections) + "\n")


def dataset_card(recipe: Recipe, facts: Facts, translator: Translator) -> str:
    def words(text: Message) -> str:
        return text.translate(translator)

    sections = [
        f"# {facts.dataset}",
        words(recipe.dataset_summary(facts)),
        words(msg("## What was changed")),
        _changes(recipe, facts, words),
        words(msg("## Where it comes from")),
        _provenance(facts, words),
    ]
    return write(_dataset_metadata(recipe, facts), "\n\n".join(sections) + "\n")


def _encoder(facts: Facts) -> Mapping[str, str] | None:
    """What it stands on."""
    found: Mapping[str, str] | None = facts.result.get("ladder", {}).get("encoder")
    return found


def _data(recipe: Recipe, facts: Facts) -> Message:
    if facts.full_dataset:
        return msg("The texts that it was made from: {dataset}.", dataset=facts.full_dataset)
    return recipe.unpublished_data()


def _cost(facts: Facts) -> Message:
    speed, energy = facts.result["speed"], facts.energy_of_an_answer.times(1000)
    made = facts.energy_to_make
    return msg(
        "An answer takes {p50} ms (99 in 100: under {p99} ms). A thousand answers: {energy}, "
        "between {low} and {high}. Making the model: {made}. How: {how}",
        p50=two_digits(speed["p50_ms"]),
        p99=two_digits(speed["p99_ms"]),
        energy=in_unit(energy.wh),
        low=in_unit(energy.low_wh),
        high=in_unit(energy.high_wh),
        made=in_unit(made.wh),
        how=made.how,
    )


def _usage(facts: Facts, words: Words) -> str:
    full_name = f"{facts.publication.namespace}/{facts.publication.name}"
    note = words(
        msg("Ask it on its page, or by program, at the address of the hub where it is published:")
    )
    return (
        f"{note}\n\n```sh\ncurl $ETABLI/run/{full_name} "
        """-H 'content-type: application/json' -d '{"inputs": "…"}'\n```"""
    )


def _standalone(recipe: Recipe, facts: Facts, words: Words) -> list[str]:
    """Its format, as a program that whoever has its files may run, with this hub gone."""
    full_name = f"{facts.publication.namespace}/{facts.publication.name}"
    program = recipe.standalone(full_name, facts.result)
    if not program:
        return []
    title = words(msg("## Without Établi"))
    note = words(
        msg(
            "All that its files mean is in this program, which answers as the hub does and needs "
            "none: `python ask.py` with a text behind it."
        )
    )
    summary = words(msg("Show the program"))
    code = f"```python\n{program.rstrip()}\n```"
    return [title, note, f"<details>\n<summary>{summary}</summary>\n\n{code}\n\n</details>"]


def _changes(recipe: Recipe, facts: Facts, words: Words) -> str:
    dropped = facts.result["data"]["dropped"]
    lines = [words(recipe.changes[fix](count)) for fix, count in dropped.items() if count]
    if facts.personal.is_left:
        lines.append(
            words(msg("Personal data is left in {texts}.", texts=texts(facts.personal.rows)))
        )
    if not lines:
        return words(msg("Nothing: the texts are as they were given."))
    return "\n".join(f"- {line}" for line in lines)


def _provenance(facts: Facts, words: Words) -> str:
    source = facts.source
    if not (source.attribution or source.url):
        return words(
            msg("Whoever published it has not said yet where it comes from: to be written.")
        )
    return "\n\n".join(part for part in (source.attribution, source.url) if part)


def _model_metadata(recipe: Recipe, facts: Facts) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "license": facts.publication.license or facts.source.license,
        "language": [facts.source.language] if facts.source.language else [],
        "pipeline_tag": recipe.task,
        "library_name": "etabli",
        "tags": ["etabli", *recipe.tags],
        "datasets": [facts.full_dataset] if facts.full_dataset else [],
        "base_model": (_encoder(facts) or {}).get("repo", ""),
        "model-index": _model_index(recipe, facts),
        "co2_eq_emissions": {
            "emissions": round(facts.emissions_to_make.g_co2e, 6),
            "source": str(facts.emissions_to_make.how),
            "training_type": "from scratch",
            "hardware_used": facts.result["versions"]["cpu"],
        },
    }
    return {key: value for key, value in metadata.items() if value}


def _model_index(recipe: Recipe, facts: Facts) -> list[dict[str, Any]]:
    """For programs that compare models: nothing when there is no figure to compare."""
    metrics = recipe.metrics(facts.result)
    if not metrics:
        return []
    return [
        {
            "name": facts.publication.name,
            "results": [
                {
                    "task": {"type": recipe.task},
                    "dataset": {
                        "type": facts.full_dataset or "private",
                        "name": facts.dataset or "private",
                        "split": "test",
                    },
                    "metrics": [dict(metric) for metric in metrics],
                }
            ],
        }
    ]


def _dataset_metadata(recipe: Recipe, facts: Facts) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "license": facts.source.license or facts.publication.license,
        "language": [facts.source.language] if facts.source.language else [],
        "task_categories": [recipe.task],
        "size_categories": [_size_category(sum(facts.rows))],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "train.csv"},
                    {"split": "test", "path": "test.csv"},
                ],
            }
        ],
    }
    return {key: value for key, value in metadata.items() if value}


def _size_category(n_rows: int) -> str:
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
    return next((name for bound, name in bounds if n_rows < bound), "100K<n<1M")
