"""Personal data in a text: e-mail addresses, telephone numbers, IBANs and card numbers.

Sources: ISO 13616 for the IBAN (lengths and modulo 97), ISO/IEC 7812 for Luhn's check.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum


class PersonalKind(StrEnum):
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    PHONE = "phone"


IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18,
    "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26,
}  # fmt: skip

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
CARD = re.compile(r"(?<![\w])\d(?:[ -]?\d){12,18}(?![\w])")
# A number that no country's writing begins like a telephone's is an amount or a reference.
PHONE = re.compile(r"(?<![\w+])(?:\+|00|0|\(\d{3}\))[\d .()/-]{6,18}\d(?![\w])")
MAY_HOLD_SOME = re.compile(r"@|\d[\d .()/-]{5,}\d|[A-Z]{2}\d{2}")


def _iban_of(match: str) -> str | None:
    """The part of a match that is an IBAN: words in capitals after it are not."""
    length = IBAN_LENGTHS.get(match[:2])
    if length is None:
        return None
    letters = [position for position, letter in enumerate(match) if letter.isalnum()]
    if len(letters) < length:
        return None
    candidate = match[: letters[length - 1] + 1]
    compact = re.sub(r"[ -]", "", candidate)
    moved = compact[4:] + compact[:4]
    remainder = int("".join(str(int(letter, 36)) for letter in moved)) % 97
    return candidate if remainder == 1 else None


def _card_of(match: str) -> str | None:
    digits = [int(letter) for letter in match if letter.isdigit()]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return match if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else None


def _phone_of(match: str) -> str | None:
    digits = sum(letter.isdigit() for letter in match)
    return match if 9 <= digits <= 15 else None


def _email_of(match: str) -> str | None:
    return match


# In this order: an IBAN and a card number would otherwise be taken for telephone numbers.
KINDS: tuple[tuple[PersonalKind, re.Pattern[str], Callable[[str], str | None]], ...] = (
    (PersonalKind.EMAIL, EMAIL, _email_of),
    (PersonalKind.IBAN, IBAN, _iban_of),
    (PersonalKind.CARD, CARD, _card_of),
    (PersonalKind.PHONE, PHONE, _phone_of),
)


def find_personal(text: str) -> Iterator[PersonalKind]:
    """Each piece of personal data in the text, by kind."""
    if MAY_HOLD_SOME.search(text):
        _masked, kinds = _mask(text)
        yield from kinds


def mask_personal(text: str) -> str:
    """The text with `[email]`, `[iban]`, `[card]` and `[phone]` in place of what they were."""
    return _mask(text)[0] if MAY_HOLD_SOME.search(text) else text


def _mask(text: str) -> tuple[str, list[PersonalKind]]:
    found: list[PersonalKind] = []
    for kind, pattern, verify in KINDS:
        text = _mask_kind(text, kind, pattern, verify, found)
    return text, found


def _mask_kind(
    text: str,
    kind: PersonalKind,
    pattern: re.Pattern[str],
    verify: Callable[[str], str | None],
    found: list[PersonalKind],
) -> str:
    def replacement(match: re.Match[str]) -> str:
        verified = verify(match.group())
        if verified is None:
            return match.group()
        found.append(kind)
        return f"[{kind}]" + match.group()[len(verified) :]

    return pattern.sub(replacement, text)
