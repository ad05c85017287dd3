"""Numbers from outside: none reaches a database that has no room for it."""

from inspect import Parameter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Le

MAX_NUMBER = 2**31 - 1
"""PostgreSQL's `integer`, in which numbers of discussions and of pages are kept and compared."""
MAX_BYTES = 2**63 - 1
"""PostgreSQL's `bigint`, in which sizes are kept."""

Number = Annotated[int, Ge(-MAX_NUMBER), Le(MAX_NUMBER)]
"""For the JSON that a client sends; what stands in addresses and forms is bounded by `bounded`."""
ByteCount = Annotated[int, Ge(0), Le(MAX_BYTES)]


def bounded(parameter: Parameter) -> Parameter:
    """The same parameter of an endpoint; if it is a number, one that every database has room for.

    A number that is bounded more narrowly stays so.
    """
    if not _is_number(parameter.annotation):
        return parameter
    annotation: Any = parameter.annotation
    bounds = Annotated[annotation, Ge(-MAX_NUMBER), Le(MAX_NUMBER)]
    return parameter.replace(annotation=bounds)


def whole_number(given: str | None) -> int | None:
    """A number of digits only, as far as there is room for it; None if it is none."""
    if given is None or not given.isdecimal() or len(given) > len(str(MAX_NUMBER)):
        return None
    return min(int(given), MAX_NUMBER)


def _is_number(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_number(get_args(annotation)[0])
    if origin in (Union, UnionType, list):
        return any(_is_number(inner) for inner in get_args(annotation))
    return annotation is int
