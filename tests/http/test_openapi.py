"""The documents that say what the doors take."""

import re

import pytest
from openapi_spec_validator import validate

from etabli.api import etabli as own
from etabli.api import huggingface
from etabli.http import routes_of

DOORS = [
    ("/api/etabli/openapi.json", own.present_error),
    ("/api/openapi.json", huggingface.present_error),
]


@pytest.mark.parametrize(("address", "present"), DOORS)
def test_the_document_is_one_and_has_every_route_of_its_door(app, client, address, present):
    answer = client.get(address)
    assert answer.status_code == 200
    document = answer.json()
    validate(document)
    there = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    expected = {
        (method, re.sub(r":\w+\}", "}", route.path))
        for route in routes_of(app)
        if route.present_error is present
        for method in route.methods
    }
    assert there == expected
    ids = [one["operationId"] for item in document["paths"].values() for one in item.values()]
    assert len(ids) == len(set(ids))
    schemes = set(document["components"]["securitySchemes"])
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"]
            assert {name for one in operation["security"] for name in one} <= schemes
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}


def test_the_json_that_is_sent_is_described(client):
    document = client.get("/api/openapi.json").json()
    create = document["paths"]["/api/repos/create"]["post"]
    body = create["requestBody"]
    assert body["required"]
    assert body["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/CreateRepoRequest"
    }
    schema = document["components"]["schemas"]["CreateRepoRequest"]
    assert {"name", "organization", "visibility"} <= set(schema["properties"])
    assert schema["required"] == ["name"]
    assert create["security"] == [{"token": []}, {"session": []}]
    merge = "/api/{plural}/{namespace}/{name}/discussions/{num}/merge"
    assert not document["paths"][merge]["post"]["requestBody"]["required"]
    [number] = [
        one for one in document["paths"][merge]["post"]["parameters"] if one["name"] == "num"
    ]
    assert number["schema"]["maximum"] == 2**31 - 1
    ask = client.get("/api/etabli/openapi.json").json()["paths"]["/run/{namespace}/{name}"]["post"]
    assert ask["requestBody"]["content"]["application/json"]["schema"]
    assert {} in ask["security"]


def test_an_error_is_as_the_document_says(client):
    for address, _ in DOORS:
        document = client.get(address).json()
        wanted = document["components"]["schemas"]["Error"]["required"]
        absent = address.replace("openapi.json", "nothing/here")
        assert set(wanted) <= set(client.get(absent).json())
