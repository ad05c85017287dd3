"""A model elsewhere, by an API like OpenAI's: it says a label for what it sees in a message."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "sk-a-key-of-somebodys"


class Elsewhere(ThreadingHTTPServer):
    """`requests`: what it was sent. `status`: what it answers with, in place of a reply."""

    requests: list[dict[str, Any]]
    status: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(body)
        status = self.server.status
        if self.headers["authorization"] != f"Bearer {KEY}":
            status = 401
        text = body["messages"][1]["content"]
        said = "`Card_Lost`." if "card" in text else "I cannot say"
        reply = {
            "choices": [{"message": {"role": "assistant", "content": said}}],
            "usage": {"prompt_tokens": 50, "completion_tokens": 2},
        }
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_args: Any) -> None:
        pass


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere(("127.0.0.1", 0), _Handler)
    server.requests, server.status = [], 200
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
