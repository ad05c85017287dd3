"""What is asked with an access token is counted, and refused where its budget of the day is over.

Every door asks models by `operations.inference`, `.embeddings` and `.sorting`, and these by this.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from etabli.features.accounts import Actor, Asked, Meter, Spent, require_left
from etabli.features.serving import Cost
from etabli.pools import READS
from etabli.site import Site

Count = Callable[[Sequence[Cost]], None]


@asynccontextmanager
async def metered(site: Site, actor: Actor, questions: int) -> AsyncIterator[Count]:
    """Around what asks a model so many questions: call what it gives with what they have cost.

    Who comes without a token is not counted. What other processes have counted within the last
    seconds, and not written down yet, is not seen: by so much a budget may be overrun.

    Raises:
        BudgetUsedUpError: the budget of the token by which the actor came has not so many left.
    """
    meter = actor.meter
    if meter is None:
        yield _count_nothing
        return
    with site.usage.asking(meter, questions) as before:
        if meter.limits.has_budget:
            # Read after what is counted here was looked at: what is written down in between is
            # counted twice for a moment, and never not at all.
            kept = await READS.run(_kept, site, meter)
            require_left(meter, kept + before, questions)
        yield lambda costs: count(site, actor, questions, costs)


def _kept(site: Site, meter: Meter) -> Spent:
    with site.read_hub() as hub:
        return hub.metering.spent(meter)


def count(site: Site, actor: Actor, questions: int, costs: Sequence[Cost]) -> None:
    """Count questions that were answered, whatever is left of a budget.

    Args:
        costs: of one answer each, or of several together; all by one method.
    """
    if actor.meter is None or not costs:
        return
    asked = Asked(questions)
    for cost in costs:
        asked.add(Asked(0, cost.energy.wh, cost.energy.low_wh, cost.energy.high_wh))
    site.usage.count_asked(actor.meter, asked, costs[0].energy.method)


def _count_nothing(_costs: Sequence[Cost]) -> None:
    pass
