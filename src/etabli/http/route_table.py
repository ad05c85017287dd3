"""Which route answers an address, found among few: the hub has hundreds, and each costs a match."""

import re
from collections.abc import Sequence
from functools import lru_cache

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from etabli.http.routing import DoorRoute

_LOOKED_AT = (0, 2)
"""The segments that tell most routes apart: `/api/…`, and `/alice/bert/resolve/…`."""
_MOST_COUNTED = 12
"""Addresses of more segments than any route names are all of one kind."""
_LITERAL = re.compile(r"[^{}]+")


class RouteTable(BaseRoute):
    """Routes, asked in their order; those that a segment of the address rules out are not asked."""

    def __init__(self, routes: Sequence[DoorRoute]) -> None:
        self.routes: Sequence[DoorRoute] = list(routes)
        segments = [route.path.split("/")[1:] for route in self.routes]
        self._literals = [
            {parts[place] for parts in segments if _is_literal(parts, place)}
            for place in _LOOKED_AT
        ]
        self._segments = segments
        self._takes_more = [":path" in route.path for route in self.routes]
        self._candidates = lru_cache(maxsize=None)(self._find_candidates)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        first_partial: Scope | None = None
        for route in self._candidates(*self._kind_of(scope["path"])):
            match, child_scope = route.matches(scope)
            if match == Match.FULL:
                return match, child_scope
            if match == Match.PARTIAL and first_partial is None:
                first_partial = child_scope
        return (Match.PARTIAL, first_partial) if first_partial else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def _kind_of(self, path: str) -> tuple[int, str, str]:
        """How many segments, and those looked at; "" for each that no route names, so that there
        are few kinds."""
        parts = path.split("/", _MOST_COUNTED + 1)[1:]
        first, third = (
            parts[place] if place < len(parts) and parts[place] in literals else ""
            for place, literals in zip(_LOOKED_AT, self._literals, strict=True)
        )
        return len(parts), first, third

    def _find_candidates(self, count: int, *known: str) -> list[DoorRoute]:
        return [
            route
            for route, parts, takes_more in zip(
                self.routes, self._segments, self._takes_more, strict=True
            )
            if (count == len(parts) or (takes_more and count > len(parts)))
            and all(
                not _is_literal(parts, place) or parts[place] == segment
                for place, segment in zip(_LOOKED_AT, known, strict=True)
            )
        ]


def routes_of(app: FastAPI) -> Sequence[DoorRoute]:
    """All routes of an application whose only route is a table, in the order they are asked."""
    [table] = app.routes
    assert isinstance(table, RouteTable)  # noqa: S101 - `create_app` makes it so
    return table.routes


def _is_literal(parts: Sequence[str], place: int) -> bool:
    """Whether the address must have this very segment there: nothing before it may hold several."""
    before_is_fixed = all(":path" not in part for part in parts[:place])
    return place < len(parts) and before_is_fixed and bool(_LITERAL.fullmatch(parts[place]))
