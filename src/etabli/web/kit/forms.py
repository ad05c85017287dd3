"""A form that a person sent: what they typed, and what to say beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from etabli.foundation.errors import EtabliError
from etabli.web.kit.rendering import said

MAX_FORM_BYTES = 100_000
"""For forms without files: a few short fields."""
MAX_FIELDS = 5_000


@dataclass
class Form:
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field; under "" when it is no field's."""

    def refuse(self, request: Request, name: str, error: EtabliError) -> "Form":
        self.errors[name] = said(request, error.text)
        return self


async def read_fields(request: Request) -> Mapping[str, str]:
    """The fields of a form whose names depend on the table; files are left aside."""
    async with request.form(max_fields=MAX_FIELDS) as form:
        return {
            name: value for name, value in form.multi_items() if not isinstance(value, UploadFile)
        }


FieldsDep = Annotated[Mapping[str, str], Depends(read_fields)]
