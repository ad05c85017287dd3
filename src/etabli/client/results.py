"""What a hub answers, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """Whose token it is."""

    name: str
    """Empty for nobody."""
    token_name: str
    scopes: Sequence[str]
    """What the token may be used for: `ask`, `read`, `write`, `manage`."""
    hub_name: str

    @classmethod
    def of_json(cls, said: Json) -> "Account":
        return cls(said["name"] or "", said["token"], tuple(said["scopes"]), said["hub"])


@dataclass(frozen=True)
class Energy:
    """In watt-hours, and how that was obtained."""

    wh: float
    low_wh: float
    high_wh: float
    method: str
    """`measured`, `modelled` or `quoted`."""
    how: str

    @classmethod
    def of_json(cls, said: Json) -> "Energy":
        return cls(
            said["energy_wh"],
            said["energy_low_wh"],
            said["energy_high_wh"],
            said["energy_method"],
            said["energy_how"],
        )


@dataclass(frozen=True)
class Place:
    """Where a quote stands."""

    document: str
    headings: Sequence[str]
    """The headings that it stands under, the outermost first."""
    page: int | None

    @classmethod
    def of_json(cls, said: Json) -> "Place":
        return cls(said["document"], tuple(said["headings"]), said["page"])


@dataclass(frozen=True)
class Label:
    label: str
    score: float
    reply: str | None
    source: Place | None = None
    """Where the reply stands, if it is a quote."""

    @classmethod
    def of_json(cls, said: Json) -> "Label":
        source = said.get("source")
        place = Place.of_json(source) if source else None
        return cls(said["label"], said["score"], said["reply"], place)


@dataclass(frozen=True)
class Answer:
    model: str
    reply: str
    decision: str
    """`answer`, `clarify`, `outside` or `human`."""
    judgement: str
    """The same in words, and how surely."""
    is_generated: bool
    """Whether a machine composed the reply; a person wrote it otherwise."""
    labels: Sequence[Label]
    latency_ms: float
    energy: Energy
    emissions_g_co2e: float

    @property
    def source(self) -> Place | None:
        """Where the reply stands, if it is a quote."""
        return self.labels[0].source if self.decision == "answer" and self.labels else None

    @classmethod
    def of_json(cls, said: Json) -> "Answer":
        cost = said["cost"]
        return cls(
            said["model"],
            said["reply"],
            said["decision"],
            said["judgement"],
            said["generated"],
            tuple(Label.of_json(one) for one in said["labels"]),
            cost["latency_ms"],
            Energy.of_json(cost),
            cost["emissions_g_co2e"],
        )


@dataclass(frozen=True)
class Difference:
    """From the first model, on the same messages."""

    gained: int
    lost: int
    chance: float
    """How probable a difference like this is where there is none. McNemar's exact test."""


@dataclass(frozen=True)
class Compared:
    model: str
    accuracy: float
    low: float
    high: float
    """Between what the accuracy lies: Wilson's interval of 95 %."""
    p50_ms: float
    energy_of_a_thousand: Energy
    difference: Difference | None
    """None for the first."""
    frugality: Sequence[str] = ()
    """Sentences: whether a machine of its own is worth its waiting, with the kind of each figure;
    none from an older hub."""

    @classmethod
    def of_json(cls, said: Json) -> "Compared":
        accuracy, other = said["accuracy"], said["against_the_first"]
        return cls(
            said["model"],
            accuracy["value"],
            accuracy["low"],
            accuracy["high"],
            said["p50_ms"],
            Energy.of_json(said["a_thousand_answers"]),
            Difference(other["gained"], other["lost"], other["chance"]) if other else None,
            tuple(said.get("frugality", {}).get("said", ())),
        )


@dataclass(frozen=True)
class Elsewhere:
    """What a model elsewhere made of a part of the messages."""

    address: str
    model: str
    examples: int
    accuracy: float
    low: float
    high: float
    first_accuracy: float
    """Of the first model, on the same part."""
    unreadable: int
    """Replies that were no label, and count as wrong."""
    p50_ms: float
    """The network included: measured."""
    tokens_in: int | None
    """By what it says itself; None where it does not."""
    tokens_out: int | None
    cost: float | None
    """By the prices that were given: assumed."""
    difference: Difference

    @classmethod
    def of_json(cls, said: Json) -> "Elsewhere":
        accuracy, other = said["accuracy"], said["against_the_first"]
        return cls(
            said["address"],
            said["model"],
            said["examples"],
            accuracy["value"],
            accuracy["low"],
            accuracy["high"],
            said["first_accuracy"],
            said["unreadable_replies"],
            said["p50_ms"],
            said["tokens_in"],
            said["tokens_out"],
            said["cost"],
            Difference(other["gained"], other["lost"], other["chance"]),
        )


@dataclass(frozen=True)
class Plan:
    """What asking a model elsewhere would take, estimated: nothing was sent to it."""

    requests: int
    examples: int
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True)
class Comparison:
    dataset: str
    examples: int
    examples_in_all: int
    models: Sequence[Compared]
    elsewhere: Elsewhere | None = None

    @classmethod
    def of_json(cls, said: Json) -> "Comparison":
        models = tuple(Compared.of_json(one) for one in said["models"])
        outside = said.get("outside")
        elsewhere = Elsewhere.of_json(outside) if outside else None
        return cls(said["dataset"], said["examples"], said["examples_in_all"], models, elsewhere)


@dataclass(frozen=True)
class Sorted:
    """What sorting a file took."""

    rows: int
    left_out: int
    decisions: Mapping[str, int]
    """How many rows of each: `answer`, `clarify`, `outside`, `human`, `empty`, `too-long`."""
    titles: Mapping[str, str]
    """What each of these means, in a few words."""
    energy: Energy | None
    """None where no row was asked."""

    @classmethod
    def of_json(cls, said: Json) -> "Sorted":
        cost = said["cost"]
        energy = Energy.of_json(cost) if "energy_wh" in cost else None
        return cls(said["rows"], said["left_out"], said["decisions"], said["titles"], energy)


@dataclass(frozen=True)
class Finding:
    code: str
    severity: str
    text: str
    fix: str | None
    """The name of the correction, by which it is refused."""
    correction: str | None
    """What becomes of it, in words."""


@dataclass(frozen=True)
class ListedRun:
    """One making of a model, in few words."""

    key: str
    name: str
    state: str
    """`checked`, `queued`, `making`, `made`, `failed` or `published`."""
    model: str | None
    """OWNER/NAME once it is published."""
    created_at: str

    @property
    def is_under_way(self) -> bool:
        return self.state in ("queued", "making")

    @classmethod
    def of_json(cls, said: Json) -> "ListedRun":
        return cls(said["key"], said["name"], said["state"], said["model"], said["created_at"])


@dataclass(frozen=True)
class Publication:
    namespace: str
    private: bool
    with_data: bool


@dataclass(frozen=True)
class Run(ListedRun):
    """One making of a model."""

    problem: str | None
    """Why it failed."""
    understood: str | None
    findings: Sequence[Finding]
    stage: str | None
    """What it is doing, while it is made."""
    fraction: float
    """From 0 to 1, an estimate."""
    verdict: Sequence[str]
    """Once it is made: how good it is, and what to do with it, a sentence each."""
    result: Mapping[str, Any] | None
    """All that was measured."""
    energy_of_an_answer: Energy | None
    personal_rows: int
    is_masked: bool
    """Whether the personal data in these rows is masked in what would be published."""
    preview: Sequence[tuple[str, str]]
    """Rows as others would see them: the label, and the text."""
    suggested: Publication | None
    """How it would be published if nobody says otherwise."""
    published: Publication | None
    url: str | None

    @classmethod
    def of_json(cls, said: Json) -> "Run":
        words, personal = said["said"], said.get("personal_data", {})
        energy = said.get("energy_of_an_answer")
        return cls(
            **vars(ListedRun.of_json(said)),
            problem=said["problem"],
            understood=words["understood"],
            findings=tuple(Finding(**_known(Finding, one)) for one in words["findings"]),
            stage=words["stage"],
            fraction=said.get("progress", {}).get("fraction", 0.0),
            verdict=tuple(said.get("verdict", ())),
            result=said.get("result"),
            energy_of_an_answer=Energy.of_json(energy) if energy else None,
            personal_rows=personal.get("rows", 0),
            is_masked=personal.get("is_masked", False),
            preview=tuple((row["label"], row["text"]) for row in said.get("preview", ())),
            suggested=_publication(said.get("suggested")),
            published=_publication(said.get("published")),
            url=said.get("url"),
        )


def _publication(said: Json | None) -> Publication | None:
    return Publication(**_known(Publication, said)) if said else None


def _known(kind: type, said: Json) -> dict[str, Any]:
    """A newer hub may say more than this client knows."""
    return {name: said[name] for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]
