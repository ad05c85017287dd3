"""Numbers, sizes, dates and durations as each language writes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from etabli.features.footprint import ENERGY_UNITS
from etabli.foundation.i18n.translations import NO_BREAK, locale_of, typeset

_SIZES = {"fr": ("o", "ko", "Mo", "Go", "To"), "en": ("B", "kB", "MB", "GB", "TB")}
# From which value on, how much one unit is, and its name: 0.3 ms is easier to grasp than 300 µs.
_DURATIONS = ((3600, 3600, "h"), (60, 60, "min"), (1, 1, "s"), (0, 0.001, "ms"))


@dataclass(frozen=True)
class Format:
    """How one language writes what is counted and measured."""

    language: str

    def number(self, value: float, digits: int | None = None) -> str:
        """`12602` as `12,602` or `12 602`; `digits` is how many stand after the mark."""
        pattern = None if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
        return format_decimal(value, format=pattern, locale=self._locale)

    def percent(self, ratio: float, digits: int = 0) -> str:
        """`0.912` with one digit as `91.2%` or `91,2 %`."""
        space = NO_BREAK if self.language == "fr" else ""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + space + "%"
        return format_percent(ratio, format=pattern, locale=self._locale)

    def size(self, size_bytes: float) -> str:
        """Bytes by thousands, as disks and networks count them."""
        units = _SIZES.get(self.language, _SIZES["en"])
        step = 0
        while size_bytes >= 999.5 and step < len(units) - 1:
            size_bytes, step = size_bytes / 1000, step + 1
        return self._measured(size_bytes, units[step], whole=step == 0)

    def energy(self, energy_wh: float) -> str:
        return self._in_best_unit(energy_wh, ENERGY_UNITS)

    def duration(self, duration_s: float) -> str:
        return self._in_best_unit(duration_s, _DURATIONS)

    def date(self, moment: datetime) -> Markup:
        """The day, in an element that programs can read."""
        return self._time(moment, format_date(moment, "medium", locale=self._locale))

    def ago(self, moment: datetime) -> Markup:
        """How long since, with the exact moment on hover."""
        since = format_timedelta(
            moment - datetime.now(UTC), add_direction=True, locale=self._locale
        )
        return self._time(moment, since)

    def typo(self, text: str) -> str:
        return typeset(text, self.language)

    @property
    def _locale(self) -> Locale:
        return locale_of(self.language)

    def _time(self, moment: datetime, shown: str) -> Markup:
        exact = format_datetime(moment, "long", locale=self._locale)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            moment.isoformat(timespec="seconds"), exact, shown
        )

    def _in_best_unit(self, value: float, units: tuple[tuple[float, float, str], ...]) -> str:
        _, scale, unit = next(step for step in units if value >= step[0])
        return self._measured(value / scale, unit)

    def _measured(self, value: float, unit: str, *, whole: bool = False) -> str:
        digits = (
            0
            if whole or value >= 99.5 or abs(value - round(value)) < 0.005
            else 1
            if value >= 0.1
            else 2
        )
        return self.number(value, digits) + NO_BREAK + unit


def filters(language: str) -> Mapping[str, Callable[..., Any]]:
    """The filters of the templates, for one language."""
    form = Format(language)
    return {
        "number": form.number,
        "percent": form.percent,
        "size": form.size,
        "energy": form.energy,
        "duration": form.duration,
        "date": form.date,
        "ago": form.ago,
        "typo": form.typo,
    }
