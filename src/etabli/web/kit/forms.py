"""A form that a person sent: what they typed, and what to say beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from etabli.foundation.errors import EtabliError
from etabli.web.kit.rendering import said

MAX_FORM_BYTES = 100_000
"""For forms without files: a few short fields."""


@dataclass
class Form:
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field; under "" when it is no field's."""

    def refuse(self, request: Request, name: str, error: EtabliError) -> "Form":
        self.errors[name] = said(request, error.text)
        return self
