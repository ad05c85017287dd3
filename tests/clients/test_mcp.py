"""The unmodified `mcp` client looks for a model here, and asks it, in two revisions."""

import asyncio

import pytest
from mcp.client.client import Client

from tests import made


@pytest.fixture(scope="module")
def address(running_hub):
    with running_hub.site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
    run = made.published(running_hub.site, alice, name="by-mcp")
    with running_hub.site.open_hub() as hub:
        hub.catalogue.index(hub.repos.get(alice, "model", run.model).key)
    return f"{running_hub.endpoint}/mcp"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_it_finds_a_model_and_asks_it(address, mode):
    async def converse():
        async with Client(address, mode=mode) as client:
            tools = (await client.list_tools()).tools
            found = await client.call_tool("search_models", {"query": "by-mcp"})
            asked = {"model": "alice/by-mcp", "question": "my card is lost"}
            answer = await client.call_tool("ask", asked)
            missing = await client.call_tool("ask", {**asked, "model": "alice/nothing"})
            return client.protocol_version, tools, found, answer, missing

    spoken, tools, found, answer, missing = asyncio.run(converse())
    assert spoken == ("2026-07-28" if mode == "auto" else "2025-11-25")
    assert [tool.name for tool in tools] == ["search_models", "ask"]
    assert found.structured_content["models"][0]["model"] == "alice/by-mcp"
    assert answer.content[0].text == "Freeze the card in the app."
    said = answer.structured_content
    assert [said["decision"], said["answered_by"], said["generated"]] == [
        "answer",
        "machine",
        False,
    ]
    assert said["cost"]["energy_method"] == "modelled"
    assert missing.is_error
    assert "no repository" in missing.content[0].text
