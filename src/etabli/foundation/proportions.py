"""What a share of some answers proves, and what a difference between two shares proves."""

import math

Z_95 = 1.959964
"""Of a normal law: 95 in 100 lie within so many standard deviations."""


def wilson_interval(share: float, size: float) -> tuple[float, float]:
    """Of a share of `size` independent answers, with a confidence of 95 in 100.

    Source: Wilson 1927; unlike the normal interval it stays within 0 to 1.
    """
    spread = Z_95**2 / size
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def mcnemar(gained: int, lost: int) -> float:
    """The chance of a split as uneven as this, both ways, were either side as likely.

    Source: McNemar 1947, exact: only what one has right and the other wrong says anything.
    """
    total, fewer = gained + lost, min(gained, lost)
    if total == 0:
        return 1.0
    if total > 1000:  # the normal law: binomials of thousands are slow, and no different
        return math.erfc((abs(gained - lost) - 1) / math.sqrt(2 * total))
    tail = sum(math.comb(total, k) for k in range(fewer + 1)) / 2**total
    return float(min(1.0, 2 * tail))
