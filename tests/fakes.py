"""Stand-ins for the parts that need weights: a tokenizer that counts letters, a scripted comparer."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from types import SimpleNamespace
from typing import Any

from lib.errors import AdapterError
from lib.inference.compare import Comparison, Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import parse_answer, parse_old_form
from lib.inference.prompts import clean_inputs, template_for
from lib.inference.rendering import PromptRenderer, RenderedPrompt
from lib.inference.turns import Cancelled
from lib.task import Task
from lib.task_change import change_id

FAKE_BASE_SHA256 = "b" * 64
FAKE_ADAPTER_SHA256 = "a" * 64
PATIENCE = 30.0  # seconds after which a fake gives up waiting, so that no test hangs


class LetterTokenizer:
    """One token a letter, and three control tokens; the chat template is the real model's."""

    CONTROL = ("<|pad|>", "<|im_start|>", "<|im_end|>")
    pad_token_id = 0
    eos_token_id = 2
    all_special_ids = (0, 1, 2)

    def encode(
        self, text: str, *, add_special_tokens: bool, split_special_tokens: bool
    ) -> list[int]:
        assert not add_special_tokens
        if split_special_tokens:
            return [ord(letter) + len(self.CONTROL) for letter in text]
        parts = re.split("(" + "|".join(map(re.escape, self.CONTROL)) + ")", text)
        return [
            token
            for part in parts
            for token in (
                [self.CONTROL.index(part)]
                if part in self.CONTROL
                else self.encode(part, add_special_tokens=False, split_special_tokens=True)
            )
        ]

    def decode(self, ids: Sequence[int], **_: object) -> str:
        return "".join(
            self.CONTROL[token] if token < len(self.CONTROL) else chr(token - len(self.CONTROL))
            for token in ids
        )

    def apply_chat_template(
        self,
        messages: Sequence[dict[str, str]],
        *,
        tokenize: bool,
        add_generation_prompt: bool,
        return_dict: bool,
        sanitize_control_tokens: bool = False,
    ) -> list[int]:
        assert tokenize
        assert not return_dict
        if messages[0]["role"] != "system":
            messages = [{"role": "system", "content": "You are helpful."}, *messages]
        ids = []
        for message in messages:
            content = self.encode(
                message["content"],
                add_special_tokens=False,
                split_special_tokens=sanitize_control_tokens,
            )
            ids += [1, *self._text(f"{message['role']}\n"), *content, 2, *self._text("\n")]
        return [*ids, 1, *self._text("assistant\n")] if add_generation_prompt else ids

    def _text(self, text: str) -> list[int]:
        return self.encode(text, add_special_tokens=False, split_special_tokens=True)


@dataclass
class FakeComparer:
    """Writes what a test scripts, through the real prompts and the real parser, without weights.

    It keeps to the contract of `lib.inference.compare.Comparer`: `on_wait` and `on_text` are called
    from the caller's thread, `cancel` ends the work at once, and what was written by then is kept.
    """

    replies: dict[Condition, str] = field(default_factory=dict)
    """What each condition writes; the others write `default_reply`."""
    default_reply: str = '{"people": "2"}'
    error: Exception | None = None
    """Raised by every comparison."""
    adapter_error: AdapterError | None = None
    """Raised by every comparison that needs the adapter."""
    ahead: Sequence[int] = ()
    """How many people are before the caller, one call of `on_wait` each."""
    turn_comes: Event | None = None
    """If given, those who wait get their turn when it is set."""
    may_end: Event | None = None
    """If given, the replies stop after their first character until it is set."""
    is_writing: Event = field(default_factory=Event)
    """Set when every condition has written its first character."""
    self_check_passes: bool = True
    compared: list[tuple[dict[str, str], tuple[Condition, ...]]] = field(default_factory=list)
    """Inputs and conditions of each call."""
    base: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            name="a fake model", sha256=FAKE_BASE_SHA256, dtype="float32"
        )
    )

    def __post_init__(self) -> None:
        tokenizer: Any = LetterTokenizer()
        self.renderer = PromptRenderer(tokenizer)

    def compare(
        self,
        task: Task,
        inputs: Mapping[str, str],
        conditions: Sequence[Condition] = ALL_CONDITIONS,
        on_text: Callable[[Condition, str], None] = lambda condition, text: None,
        on_wait: Callable[[int], None] = lambda ahead: None,
        cancel: Event | None = None,
    ) -> Comparison:
        cancel = cancel or Event()
        clean = clean_inputs(task, inputs)
        self.compared.append((clean, tuple(conditions)))
        prompts = [self.renderer.render(template_for(task, one), clean) for one in conditions]
        needs_adapter = any(condition.uses_adapter for condition in conditions)
        if self.error:
            raise self.error
        if needs_adapter and self.adapter_error:
            raise self.adapter_error
        for ahead in self.ahead:
            on_wait(ahead)
        if not _wait(self.turn_comes, cancel):
            raise Cancelled
        raws = {one: self.replies.get(one, self.default_reply) for one in conditions}
        for condition, raw in raws.items():
            on_text(condition, raw[:1])
        self.is_writing.set()
        finished = _wait(self.may_end, cancel)
        for condition, raw in raws.items():
            on_text(condition, raw if finished else raw[:1])
        return Comparison(
            task_id=task.id,
            inputs=clean,
            replies=tuple(
                _reply(task, one, prompt, raws[one], finished)
                for one, prompt in zip(conditions, prompts, strict=True)
            ),
            seconds=0.25,
            base_model=self.base.name,
            base_sha256=self.base.sha256,
            dtype=self.base.dtype,
            self_check=_self_check(self.self_check_passes) if needs_adapter else None,
            stopped=not finished,
            change=change_id(task),
        )


def _wait(event: Event | None, cancel: Event) -> bool:
    """Wait for the event; return False if `cancel` was set first."""
    if event is None:
        return not cancel.is_set()
    for _ in range(int(PATIENCE / 0.01)):
        if cancel.is_set():
            return False
        if event.wait(0.01):
            return True
    raise AssertionError("nobody set the event that this fake waits for")


def _reply(
    task: Task, condition: Condition, prompt: RenderedPrompt, raw: str, finished: bool
) -> Reply:
    written = raw if finished else raw[:1]
    return Reply(
        condition=condition,
        prompt=prompt,
        raw=written,
        answer=parse_answer(task, written) if finished else None,
        output_tokens=len(written),
        cached_tokens=0,
        finished=finished,
        adapter_sha256=FAKE_ADAPTER_SHA256 if condition.uses_adapter else None,
        old_answer=parse_old_form(task, written) if finished else None,
        label_probabilities=_falling(task.labels) if task.labels and finished else None,
        calibrated_label_probabilities=_falling(reversed(task.labels))
        if task.labels and finished
        else None,
    )


def _falling(labels: Iterable[str]) -> dict[str, float]:
    """Return probabilities that fall from label to label: the first is the likeliest."""
    ordered = list(labels)
    total = len(ordered) * (len(ordered) + 1) / 2
    return {label: (len(ordered) - at) / total for at, label in enumerate(ordered)}


def _self_check(passed: bool) -> Any:
    """Return what the engine's SelfCheck offers; the engine's own class would import torch."""
    return SimpleNamespace(
        base_difference=0.0 if passed else 1.0,
        adapter_difference=1.0,
        tolerance=1e-4,
        passed=passed,
    )
