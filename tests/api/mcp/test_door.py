"""What the protocol's one address refuses, and to whom it answers."""

from tests import made


def call(client, name, arguments, **more):
    params = {"name": name, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params, **more}
    return client.post("/mcp", json=body).json()


def test_a_private_model_is_found_and_asked_by_its_owner_only(client, site, alice, alices_token):
    made.published(site, alice, private=True)
    asked = {"model": "alice/helpdesk", "question": "my card is lost"}
    assert call(client, "ask", asked)["result"]["isError"]
    client.headers["Authorization"] = f"Bearer {alices_token}"
    result = call(client, "ask", asked)["result"]
    assert result["structuredContent"]["reply"] == "Freeze the card in the app."


def test_what_is_not_there_is_said(client):
    assert call(client, "sing", {})["error"]["code"] == -32602
    assert "model" in call(client, "ask", {})["result"]["content"][0]["text"]
    body = {"jsonrpc": "2.0", "id": 1, "method": "resources/list"}
    answer = client.post("/mcp", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, -32601)
    notified = client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (notified.status_code, notified.content) == (202, b"")


def test_a_version_of_tomorrow_is_told_which_is_spoken(client):
    meta = {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}
    answer = client.post("/mcp", json=body, headers={"MCP-Protocol-Version": "2099-01-01"})
    assert answer.json()["error"]["data"]["supported"] == ["2026-07-28"]
    assert client.post("/mcp", json=body).json()["error"]["code"] == -32020


def test_no_json_and_a_wrong_token(client):
    assert client.post("/mcp", content=b"hello").status_code == 400
    client.headers["Authorization"] = "Bearer hf_0123456789abcdefghij"
    assert call(client, "ask", {})["error"]["code"] == -32603
