"""A form that a person sent: what they typed, and what to say beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from etabli.foundation.errors import EtabliError
from etabli.web.rendering import said

MOST_FORM_BYTES = 100_000
"""For forms without files: a few short fields."""


@dataclass
class Form:
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field; under "" when it is no field's."""

    def refuse(self, request: Request, name: str, error: EtabliError) -> "Form":
        self.errors[name] = said(request, error.text)
        return self


def local_address(address: str, otherwise: str = "/") -> str:
    """An address of this site, or another: a link to our sign-in page never leads elsewhere."""
    leaves = not address.startswith("/") or address.startswith("//") or "\\" in address
    return otherwise if leaves or any(ord(c) < 33 for c in address) else address
