"""What the addresses of a door take, as an OpenAPI document: written by the code itself.

FastAPI's own generator sees no JSON bodies here: an endpoint reads them itself, in its hop.
Source: the OpenAPI Specification, 3.1.0.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Annotated, Any, get_args, get_origin

from fastapi import Request, params
from pydantic import TypeAdapter

from etabli.features.accounts import Permission
from etabli.http.auth import PLURALS, SESSION_COOKIE
from etabli.http.errors import ErrorPresenter
from etabli.http.route_table import routes_of
from etabli.http.routing import DoorRoute

Shape = dict[str, Any]

_NAMED = re.compile(r"\{(\w+)(?::\w+)?\}")
_REF = "#/components/schemas/{model}"
_SECURITY: Mapping[str, Shape] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token, made under Settings → Access tokens.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A browser that is signed in.",
    },
}
_NOBODY: Shape = {}
_BY_PERMISSION: Mapping[Permission, list[Shape]] = {
    Permission.PUBLIC: [_NOBODY, {"token": []}, {"session": []}],
    Permission.SEE_REPO: [_NOBODY, {"token": []}, {"session": []}],
    Permission.READ_REPO: [_NOBODY, {"token": []}, {"session": []}],
    Permission.ASK_MODEL: [_NOBODY, {"token": []}, {"session": []}],
    Permission.OWN_ACCOUNT: [{"session": []}],
}
_SIGNED_IN: list[Shape] = [{"token": []}, {"session": []}]


def document(request: Request, door: ErrorPresenter, *, title: str, error: Shape) -> Shape:
    """The document of all routes that present their errors so.

    Args:
        error: the JSON schema of an error of this door.
    """
    schemas: Shape = {"Error": error}
    paths: dict[str, Shape] = {}
    for route in routes_of(request.app):
        for method in sorted(route.methods or ()) if route.present_error is door else ():
            operation = _operation(route.path, method, route, schemas)
            paths.setdefault(_NAMED.sub(r"{\1}", route.path), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("etabli")},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": dict(_SECURITY)},
    }


def _operation(path: str, method: str, route: DoorRoute, schemas: Shape) -> Shape:
    operation = route.operation
    words = inspect.cleandoc(operation.endpoint.__doc__ or "").partition("\n")
    shape: Shape = {
        "operationId": _operation_id(path, method, operation.endpoint.__name__),
        "summary": words[0] or operation.endpoint.__name__.replace("_", " ").capitalize(),
        "security": _BY_PERMISSION.get(operation.permission, _SIGNED_IN),
        "parameters": list(_parameters(path, route, schemas)),
        "responses": {
            str(route.status_code or 200): {"description": "It is done."},
            "default": {
                "description": "Why it is not, in one sentence.",
                "content": {"application/json": {"schema": {"$ref": _REF.format(model="Error")}}},
            },
        },
    }
    if words[2].strip():
        shape["description"] = words[2].strip()
    body = _body(route, schemas)
    if body and method not in ("GET", "HEAD"):
        shape["requestBody"] = body
    return shape


def _operation_id(path: str, method: str, name: str) -> str:
    return "_".join([method.lower(), name, *re.findall(r"\w+", _NAMED.sub(r"\1", path))])


def _parameters(path: str, route: DoorRoute, schemas: Shape) -> Iterator[Shape]:
    asked = {one.name: one for one in route.operation.asked if not _is_elsewhere(one)}
    for name in _NAMED.findall(path):
        known = asked.pop(name, None)
        schema = _schema(known.annotation, schemas) if known else {"type": "string"}
        if name == "plural":
            schema = {"type": "string", "enum": list(PLURALS)}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for one in asked.values():
        required = one.default is inspect.Parameter.empty
        schema = _schema(one.annotation, schemas)
        if not required and one.default is not None:
            schema = {**schema, "default": one.default}
        yield {"name": one.name, "in": "query", "required": required, "schema": schema}


def _is_elsewhere(parameter: inspect.Parameter) -> bool:
    """Whether it is neither of the address nor of the query."""
    annotation = parameter.annotation
    return annotation is Request or _is_form(annotation)


def _is_form(annotation: Any) -> bool:
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return any(isinstance(mark, params.Form) for mark in marks)


def _body(route: DoorRoute, schemas: Shape) -> Shape | None:
    operation = route.operation
    if operation.model is not None:
        schema = _collected(operation.model, schemas)
        required = not operation.may_lack_body
        return {"required": required, "content": {"application/json": {"schema": schema}}}
    fields = {
        one.name: _schema(one.annotation, schemas)
        for one in operation.asked
        if _is_form(one.annotation)
    }
    if not fields:
        return None
    form = {"type": "object", "properties": fields}
    return {"content": {"application/x-www-form-urlencoded": {"schema": form}}}


def _schema(annotation: Any, schemas: Shape) -> Shape:
    return _collected(TypeAdapter(annotation), schemas)


def _collected(adapter: TypeAdapter[Any], schemas: Shape) -> Shape:
    """Its schema, the models that it names put with all others."""
    schema = adapter.json_schema(ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    title = schema.get("title")
    if schema.get("type") != "object" or not title:
        return schema
    schemas[title] = schema
    return {"$ref": _REF.format(model=title)}
