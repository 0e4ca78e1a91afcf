"""A hosted model behind an OpenAI-compatible address, asked with the same prompts.

inputs -> prompts.clean_inputs -> prompts.build_messages -> remote_stream -> parsing

What is sent are messages, not tokens: the server's own chat template turns them into a prompt, so
a default system prompt, and what becomes of control tokens in a visitor's text, are its matter.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

from lib.inference.conditions import Condition
from lib.inference.parsing import Answer, parse_answer, parse_old_form
from lib.inference.prompts import Message, build_messages, clean_inputs, template_for
from lib.inference.remote_settings import RemoteSettings
from lib.task import Task

if TYPE_CHECKING:
    from lib.inference.remote_stream import Heard

OnText = Callable[[Condition, str], None]


@dataclass(frozen=True, slots=True)
class RemoteReply:
    """What one condition sent to the hosted model and got back, in whole or in part."""

    condition: Condition
    model: str
    """The name that was asked for: the model's, or its adapter's."""
    messages: tuple[Message, ...]
    raw: str
    """What it wrote, as far as it came."""
    answer: Answer | None
    """The parsed answer; None where `raw` is not a valid one, or was cut."""
    finished: bool
    """False where a limit, a stop or a failure cut the answer."""
    seconds: float
    """From the question to the last piece, the server's own line and all retries included."""
    prompt_tokens: int | None = None
    """As the server counts them; None where it does not say. The other counts alike."""
    cached_tokens: int | None = None
    output_tokens: int | None = None
    problem: str | None = None
    """One sentence where something went wrong."""
    left_out: tuple[str, ...] = ()
    """Options that the server refused, so that it was asked without them."""
    old_answer: Answer | None = None
    """As in `lib.inference.compare.Reply`."""

    @property
    def valid(self) -> bool:
        """Whether the whole reply is an answer of the task's form."""
        return self.answer is not None

    @property
    def prompt_sha256(self) -> str:
        """Fingerprint of the messages; other than that of tokens, which only the server knows."""
        text = json.dumps(self.messages, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the reply under the names that local replies have, where both have them."""
        return {
            "id": self.condition.value,
            "model": self.model,
            "answer": self.answer,
            "raw": self.raw,
            "valid": self.valid,
            "finished": self.finished,
            "problem": self.problem,
            "messages": list(self.messages),
            "left_out": list(self.left_out),
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "output_tokens": self.output_tokens,
            "prompt_sha256": self.prompt_sha256,
            "seconds": round(self.seconds, 3),
        }


def replies_json(replies: tuple[RemoteReply, ...]) -> dict[str, Any]:
    """Return what stands under `remote` in a run's JSON."""
    return {"conditions": [reply.to_json() for reply in replies]}


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the hosted model."""

    condition: Condition
    model: str
    messages: tuple[Message, ...]
    max_tokens: int


class RemoteModel:
    """The hosted model of these settings. Safe to share between threads: it keeps no state."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.settings = settings

    def answer(
        self,
        task: Task,
        inputs: Mapping[str, str],
        on_text: OnText = lambda condition, text: None,
        cancel: Event | None = None,
    ) -> tuple[RemoteReply, ...]:
        """Ask under each condition that the settings name, all at the same time.

        `on_text(condition, text so far)` is called from another thread, and before this returns.
        Setting `cancel` ends the work within a tenth of a second; replies then hold what had come.
        Nothing that goes wrong with the server is raised: each reply tells its own problem.

        Raises:
            InputError: if the text is empty or too long.
        """
        asks = self._asks(task, clean_inputs(task, inputs))
        heard = self._hear(asks, on_text, cancel or Event())
        return tuple(
            RemoteReply(
                condition=ask.condition,
                model=ask.model,
                messages=ask.messages,
                raw=one.text,
                answer=parse_answer(task, one.text) if one.is_whole else None,
                finished=one.is_whole,
                seconds=one.seconds,
                prompt_tokens=one.prompt_tokens,
                cached_tokens=one.cached_tokens,
                output_tokens=one.output_tokens,
                problem=one.problem,
                left_out=tuple(one.left_out),
                old_answer=parse_old_form(task, one.text) if one.is_whole else None,
            )
            for ask, one in zip(asks, heard, strict=True)
        )

    def _hear(self, asks: Sequence[Ask], on_text: OnText, cancel: Event) -> "list[Heard]":
        """Ask everything in a thread of its own, for the caller's may run an event loop already."""
        # Importing the client takes seconds, which a page without a hosted model need not spend.
        from lib.inference.remote_stream import ask_all

        def listen() -> "list[Heard]":
            return asyncio.run(ask_all(self.settings, asks, on_text, cancel))

        with ThreadPoolExecutor(1, "hosted model") as apart:
            try:
                return apart.submit(listen).result()
            except BaseException:
                cancel.set()  # whoever is interrupted here does not wait for the server
                raise

    def _asks(self, task: Task, clean: Mapping[str, str]) -> list[Ask]:
        asks = []
        for condition in self.settings.conditions(task.id):
            name = self.settings.served_as(task.id, condition)
            assert name is not None  # `conditions` names only what is served
            messages = tuple(build_messages(template_for(task, condition), clean))
            asks.append(Ask(condition, name, messages, task.max_new_tokens))
        return asks
