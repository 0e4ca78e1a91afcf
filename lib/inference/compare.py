"""One text, up to four answers: the path from what somebody typed to what the model said.

inputs -> prompts.clean_inputs -> rendering -> turns (wait) -> engine -> parsing
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

from lib.errors import InputError
from lib.inference import adapter as adapter_files
from lib.inference.base_model import BaseModel
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer, parse_answer
from lib.inference.prompts import clean_inputs, template_for
from lib.inference.rendering import PromptRenderer, RenderedPrompt
from lib.inference.turns import Turns
from lib.task import Task

if TYPE_CHECKING:
    from lib.inference.engine import Generated, SelfCheck

OnText = Callable[[Condition, str], None]
OnWait = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What one condition sent and got back."""

    condition: Condition
    prompt: RenderedPrompt
    raw: str
    """What the model wrote, without the end token."""
    answer: Answer | None
    """The parsed answer; None where `raw` is not a valid one."""
    output_tokens: int
    cached_tokens: int
    finished: bool
    """False where the token limit or a stop cut the answer."""
    adapter_sha256: str | None

    @property
    def valid(self) -> bool:
        """Whether the whole reply is an answer of the task's form."""
        return self.answer is not None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The replies to one text, and what proves which weights gave them."""

    task_id: str
    inputs: Mapping[str, str]
    replies: tuple[Reply, ...]
    seconds: float
    """From the start of the work to the last token, waiting for a turn not counted."""
    base_model: str
    base_sha256: str
    dtype: str
    self_check: "SelfCheck | None"
    """None where no adapter took part."""
    stopped: bool

    def to_json(self) -> dict[str, Any]:
        """Return the object that `python -m lib compare --json` prints."""
        check = self.self_check
        return {
            "task": self.task_id,
            **self.inputs,
            "seconds": round(self.seconds, 3),
            "base_model": self.base_model,
            "base_sha256": self.base_sha256,
            "dtype": self.dtype,
            "self_check": None if check is None else ("passed" if check.passed else "failed"),
            "stopped": self.stopped,
            "conditions": [
                {
                    "id": reply.condition.value,
                    "answer": reply.answer,
                    "raw": reply.raw,
                    "valid": reply.valid,
                    "finished": reply.finished,
                    "prompt": reply.prompt.text,
                    "prompt_tokens": len(reply.prompt.ids),
                    "user_tokens": reply.prompt.user_tokens,
                    "cached_tokens": reply.cached_tokens,
                    "output_tokens": reply.output_tokens,
                    "prompt_sha256": reply.prompt.sha256,
                    "adapter_sha256": reply.adapter_sha256,
                }
                for reply in self.replies
            ],
        }


class Comparer:
    """The one model of this process, behind a fair line. Safe to share between threads."""

    def __init__(self, base: BaseModel) -> None:
        from lib.inference.engine import Engine

        self.base = base
        self.renderer = PromptRenderer(base.tokenizer)
        self.turns = Turns()
        self.engine = Engine(base)

    def compare(
        self,
        task: Task,
        inputs: Mapping[str, str],
        conditions: Sequence[Condition] = ALL_CONDITIONS,
        on_text: OnText = lambda condition, text: None,
        on_wait: OnWait = lambda ahead: None,
        cancel: Event | None = None,
    ) -> Comparison:
        """Answer one text under all conditions together.

        `on_text(condition, text so far)` and `on_wait(people ahead)` are called from this thread.
        Setting `cancel` ends the work within one step; the comparison then holds what is there.

        Raises:
            InputError: if the text is empty or too long.
            AdapterError: if an adapter is needed and can't be used.
            BusyError: if too many wait already.
            Cancelled: if `cancel` was set while waiting.
        """
        cancel = cancel or Event()
        clean = clean_inputs(task, inputs)
        prompts = [self.renderer.render(template_for(task, one), clean) for one in conditions]
        self._check_length(prompts, task)
        needs_adapter = any(condition.uses_adapter for condition in conditions)
        adapter = adapter_files.check(task.id, task.folder) if needs_adapter else None

        with self.turns.turn(cancel, on_wait):
            began = time.monotonic()
            check = self.engine.attach(adapter) if adapter else None
            written: list[list[int]] = [[] for _ in conditions]

            def receive(row: int, token: int) -> None:
                written[row].append(token)
                on_text(conditions[row], self._readable(written[row]))

            generated = self.engine.generate(
                [
                    self._row(condition, prompt, adapter)
                    for condition, prompt in zip(conditions, prompts, strict=True)
                ],
                task.max_new_tokens,
                receive,
                cancel,
            )
            seconds = time.monotonic() - began
        return Comparison(
            task_id=task.id,
            inputs=clean,
            replies=tuple(
                self._reply(task, condition, prompt, result, adapter)
                for condition, prompt, result in zip(conditions, prompts, generated, strict=True)
            ),
            seconds=seconds,
            base_model=self.base.name,
            base_sha256=self.base.sha256,
            dtype=self.base.dtype,
            self_check=check,
            stopped=cancel.is_set(),
        )

    def _row(self, condition: Condition, prompt: RenderedPrompt, adapter: Any) -> Any:
        from lib.inference.engine import Row

        name = adapter.name if condition.uses_adapter else None
        return Row(prompt.ids, prompt.prefix_tokens, name)

    def _reply(
        self,
        task: Task,
        condition: Condition,
        prompt: RenderedPrompt,
        result: "Generated",
        adapter: adapter_files.Adapter | None,
    ) -> Reply:
        raw = self.text_of(result.ids)
        return Reply(
            condition=condition,
            prompt=prompt,
            raw=raw,
            answer=parse_answer(task, raw) if result.finished else None,
            output_tokens=len(result.ids),
            cached_tokens=result.cached_tokens,
            finished=result.finished,
            adapter_sha256=adapter.sha256 if adapter and condition.uses_adapter else None,
        )

    def _check_length(self, prompts: Sequence[RenderedPrompt], task: Task) -> None:
        room = int(self.base.model.config.max_position_embeddings) - task.max_new_tokens
        longest = max(len(prompt.ids) for prompt in prompts)
        if longest > room:
            raise InputError(
                f"With its prompt the text has {longest:,} tokens and the model reads {room:,} at most: "
                "please shorten it."
            )

    def text_of(self, ids: Sequence[int]) -> str:
        """Return the reply without the end token."""
        return self.renderer.decode(tuple(token for token in ids if token != self.renderer.end_id))

    def _readable(self, ids: Sequence[int]) -> str:
        """Return the reply so far, without a character whose last bytes have yet to come."""
        return self.text_of(ids).rstrip("\N{REPLACEMENT CHARACTER}")
