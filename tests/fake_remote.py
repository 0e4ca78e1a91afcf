"""A small OpenAI-compatible server that answers, or fails, as a test scripts it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 30.0  # seconds after which a silent answer gives up, so that no test hangs
KEY = "sk-secret-of-the-operator"


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    key: str
    body: dict[str, Any]


Answer = Callable[["Handler"], None]


@dataclass
class FakeRemote:
    """What the server does: the answers in turn, the last one again and again."""

    port: int = 0
    answers: list[Answer] = field(default_factory=lambda: [says('{"people": "2"}')])
    by_model: dict[str, Answer] = field(default_factory=dict)
    """Answers of single models; all others come from `answers`."""
    asked: list[Asked] = field(default_factory=list)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    """What silent answers wait for."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def settings(self, **more: str) -> dict[str, str]:
        """Return the variables that an operator would set."""
        return {
            "POT_REMOTE_BASE_URL": self.base_url,
            "POT_REMOTE_MODEL": "big-model",
            "POT_REMOTE_API_KEY": KEY,
            **more,
        }


class Handler(BaseHTTPRequestHandler):
    """Reads a question and plays the next answer."""

    remote: FakeRemote
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        self.remote.asked.append(Asked(self.path, self.headers.get("Authorization", ""), body))
        answers = self.remote.answers
        answer = self.remote.by_model.get(body["model"])
        try:
            (answer or (answers.pop(0) if len(answers) > 1 else answers[0]))(self)
        except OSError:  # whoever asked has left
            self.close_connection = True

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.close_connection = True

    def event(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(remote: FakeRemote) -> Iterator[FakeRemote]:
    """Run the server on a free port until the block ends."""
    handler = type("OneHandler", (Handler,), {"remote": remote})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    remote.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield remote
    finally:
        remote.may_go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


# ------------------------------------------------------------------------- answers


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one piece of a stream in the form of the chat completions protocol."""
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **more,
    }


def says(
    *pieces: str, finish: str | None = "stop", tokens: tuple[int, int] | None = (120, 7)
) -> Answer:
    """Write the pieces and end; with `finish` None, end as if the line was cut."""

    def answer(handler: Handler) -> None:
        handler.begin()
        handler.end_headers()
        for piece in pieces:
            handler.event(chunk(piece))
        if finish is None:
            return
        handler.event(chunk(finish=finish))
        if tokens:
            sent, written = tokens
            usage = {
                "prompt_tokens": sent,
                "completion_tokens": written,
                "total_tokens": sent + written,
                "prompt_tokens_details": {"cached_tokens": 20},
            }
            handler.event({**chunk(), "choices": [], "usage": usage})
        handler.event("[DONE]")

    return answer


def streams(*events: Any) -> Answer:
    """Write these events as they are."""

    def answer(handler: Handler) -> None:
        handler.begin()
        handler.end_headers()
        for event in events:
            handler.event(event)

    return answer


def breaks_after(*pieces: str) -> Answer:
    """Write the pieces, promise more, and cut the line."""

    def answer(handler: Handler) -> None:
        handler.begin(Content_Length="100000")
        handler.end_headers()
        for piece in pieces:
            handler.event(chunk(piece))

    return answer


def fails(status: int, error: Any = None) -> Answer:
    """Refuse, and ask for no pause before the next try."""

    def answer(handler: Handler) -> None:
        body = json.dumps({"error": error or {"message": f"no: {KEY}"}}).encode()
        handler.begin(status, "application/json", Content_Length=str(len(body)), retry_after_ms="1")
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def page(text: str = "<html>Welcome</html>") -> Answer:
    """Answer with a web page, as a server does that is something else."""

    def answer(handler: Handler) -> None:
        handler.begin(200, "text/html", Content_Length=str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def silent_after(*pieces: str, then: Sequence[str] = ()) -> Answer:
    """Write the pieces and wait until the test lets it go on; then write the rest."""

    def answer(handler: Handler) -> None:
        handler.begin()
        handler.end_headers()
        for piece in pieces:
            handler.event(chunk(piece))
        handler.wfile.flush()
        handler.remote.may_go_on.wait(PATIENCE)
        for piece in then:
            handler.event(chunk(piece))
        handler.event(chunk(finish="stop"))
        handler.event("[DONE]")

    return answer
