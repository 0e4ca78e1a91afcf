"""Asks an OpenAI-compatible server and listens, with time-outs, retries and a way to stop.

Imported when a hosted model is first asked. It runs on asyncio, because a thread that waits for a
silent server can't be woken, and a coroutine can.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

import openai

from lib.inference.conditions import Condition
from lib.inference.remote_settings import API_KEY, BASE_URL, MODEL, RemoteSettings

if TYPE_CHECKING:
    from lib.inference.remote import Ask

_log = logging.getLogger(__name__)

RETRIES = 2
"""The client asks again this often where the connection fails, or on 408, 409, 429 and 5xx, after
half a second and then longer, or as long as the server asks for. What broke off once words had
come is not asked again."""

_CONNECT_SECONDS = 5.0
_LOOK_EVERY = 0.1  # seconds between looks at `cancel`
_CHARACTERS_PER_TOKEN = 40  # more than any tokenizer's longest usual token: a server ran wild

_REPLACEMENTS = {"max_tokens": "max_completion_tokens", "stream_options": None, "temperature": None}
"""Options that some servers refuse, and what stands in for them. Without `temperature` an answer is
drawn by lot, which the reply tells."""


@dataclass(slots=True)
class Heard:
    """What has come so far."""

    text: str = ""
    finish: str | None = None
    """Why the server ended: `stop`, `length`, or another reason of its own."""
    problem: str | None = None
    is_open: bool = False
    """Whether the server began to answer."""
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float = 0.0
    left_out: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether this is all that the model had to say."""
        return self.problem is None and self.finish == "stop"

    def take(self, chunk: Any) -> bool:
        """Add one chunk; return whether there is more text now. Odd fields are passed over."""
        self._count(getattr(chunk, "usage", None))
        before = len(self.text)
        for choice in getattr(chunk, "choices", None) or ():
            piece = getattr(getattr(choice, "delta", None), "content", None)
            if isinstance(piece, str):
                self.text += piece
            if isinstance(reason := getattr(choice, "finish_reason", None), str):
                self.finish = reason
        return len(self.text) > before

    def _count(self, usage: Any) -> None:
        details = getattr(usage, "prompt_tokens_details", None)
        self.prompt_tokens = _number(usage, "prompt_tokens", self.prompt_tokens)
        self.output_tokens = _number(usage, "completion_tokens", self.output_tokens)
        self.cached_tokens = _number(details, "cached_tokens", self.cached_tokens)


def _number(source: Any, name: str, otherwise: int | None) -> int | None:
    value = getattr(source, name, None)
    return value if isinstance(value, int) and value >= 0 else otherwise


async def ask_all(
    settings: RemoteSettings,
    asks: "Sequence[Ask]",
    on_text: Callable[[Condition, str], None],
    cancel: Event,
) -> list[Heard]:
    """Ask everything at once and return what was heard, in the order of the questions."""
    heard = [Heard() for _ in asks]
    async with _client(settings) as client:
        work = {
            asyncio.create_task(_ask(client, settings, ask, one, on_text))
            for ask, one in zip(asks, heard, strict=True)
        }
        while work:
            done, work = await asyncio.wait(work, timeout=_LOOK_EVERY)
            for task in done:
                task.result()  # a fault of ours is not swallowed
            if cancel.is_set():
                for task in work:
                    task.cancel()
    return heard


def _client(settings: RemoteSettings) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=settings.base_url,
        # Always given: without it the client would send OPENAI_API_KEY to this address.
        api_key=settings.api_key or "none",
        timeout=openai.Timeout(settings.timeout, connect=_CONNECT_SECONDS),
        max_retries=RETRIES,
    )


async def _ask(
    client: openai.AsyncOpenAI,
    settings: RemoteSettings,
    ask: "Ask",
    heard: Heard,
    on_text: Callable[[Condition, str], None],
) -> None:
    """Fill `heard`; whatever the server does ends in its `problem`, never in an exception."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(settings.timeout):
            await _listen(client, ask, heard, on_text)
        heard.problem = _odd_end(heard)
    except asyncio.CancelledError:
        heard.problem = "Stopped before the answer was there; this is what had come by then."
    except TimeoutError:
        heard.problem = _too_slow(settings, heard)
    except (openai.OpenAIError, ValueError) as error:  # ValueError: lines that are no JSON
        status = getattr(error, "status_code", None)
        # The class and the status: the text of an error may hold the address or parts of a key.
        _log.warning("The hosted model failed: %s, status %s", type(error).__name__, status)
        heard.problem = _explained(error, settings, heard)
    finally:
        heard.seconds = time.monotonic() - began


async def _listen(
    client: openai.AsyncOpenAI,
    ask: "Ask",
    heard: Heard,
    on_text: Callable[[Condition, str], None],
) -> None:
    most = ask.max_tokens * _CHARACTERS_PER_TOKEN
    async with await _open(client, ask, heard) as stream:
        heard.is_open = True
        async for chunk in stream:
            if heard.take(chunk):
                on_text(ask.condition, heard.text)
            if len(heard.text) > most:
                heard.finish = "length"
                return


async def _open(client: openai.AsyncOpenAI, ask: "Ask", heard: Heard) -> Any:
    """Return the stream, if need be without options that the server names and refuses."""
    options: dict[str, Any] = {
        "temperature": 0,
        "max_tokens": ask.max_tokens,
        "stream_options": {"include_usage": True},
    }
    while True:
        try:
            messages: Any = list(ask.messages)
            return await client.chat.completions.create(
                model=ask.model, messages=messages, stream=True, **options
            )
        except openai.BadRequestError as error:
            refused = str(error.param or "").partition(".")[0]
            if refused not in options or refused not in _REPLACEMENTS:
                raise
            value = options.pop(refused)
            heard.left_out.append(refused)
            if instead := _REPLACEMENTS[refused]:
                options[instead] = value


# ------------------------------------------------------------------------- one sentence each


def _odd_end(heard: Heard) -> str | None:
    """Return what is wrong with a stream that ended by itself."""
    if heard.finish is None:
        return _BROKE_OFF if heard.text else _NOT_COMPATIBLE
    if heard.finish not in ("stop", "length"):
        return f"The hosted model ended without an answer of its own ({heard.finish[:40]})."
    return None


def _explained(error: Exception, settings: RemoteSettings, heard: Heard) -> str:
    if isinstance(error, openai.APITimeoutError):
        return _too_slow(settings, heard)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error.status_code)
    if heard.text:
        return _BROKE_OFF
    if isinstance(error, openai.APIConnectionError) and not heard.is_open:
        return (
            f"The hosted model can't be reached, in {RETRIES + 1} tries: the operator checks {BASE_URL} "
            "and whether that server runs."
        )
    return _NOT_COMPATIBLE if isinstance(error, ValueError) else _FAILED


def _by_status(status: int) -> str:
    if status in (401, 403):
        return (
            f"The hosted model's server refused the key ({status}): the operator checks {API_KEY}."
        )
    if status == 404:
        return (
            f"The hosted model's server does not know the model, or the address lacks its /v1 (404): the "
            f"operator checks {MODEL} and {BASE_URL}."
        )
    if status == 429:
        return (
            "The hosted model is busy, or its quota is used up (429): please try again in a minute."
        )
    if status >= 500:
        return f"The hosted model's server failed ({status}): please try again in a minute."
    return (
        f"The hosted model's server refused the request ({status}): the text may be too long for the "
        f"model, or {MODEL} is not what that server offers."
    )


def _too_slow(settings: RemoteSettings, heard: Heard) -> str:
    did = "was not done" if heard.text else "did not answer"
    return f"The hosted model {did} within {settings.timeout:g} seconds."


_BROKE_OFF = "The connection to the hosted model broke off; this is what had come by then."
_FAILED = "The hosted model's server failed before it wrote anything: please try again in a minute."
_NOT_COMPATIBLE = (
    "What came back is not the stream of an OpenAI-compatible server: the operator checks "
    f"{BASE_URL}, which mostly ends in /v1."
)
