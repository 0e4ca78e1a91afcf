"""One text, up to four answers: the path from what somebody typed to what the model said.

inputs -> prompts.clean_inputs -> rendering -> turns (wait) -> engine -> parsing
                                                            -> label_chances (classification)
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

from lib.errors import InputError
from lib.inference import adapter as adapter_files
from lib.inference.base_model import BaseModel
from lib.inference.calibration import calibrated, shares
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.label_chances import Ask, LabelChances
from lib.inference.parsing import Answer, parse_answer, parse_old_form
from lib.inference.prompts import clean_inputs, template_for
from lib.inference.rendering import PromptRenderer, RenderedPrompt
from lib.inference.turns import Turns
from lib.task import Task
from lib.task_change import change_id

if TYPE_CHECKING:
    from lib.inference.engine import Generated, SelfCheck

OnText = Callable[[Condition, str], None]
OnWait = Callable[[int], None]
_OfLabels = tuple[Mapping[str, float] | None, Mapping[str, float] | None]


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
    label_probabilities: Mapping[str, float] | None = None
    """Classification: how likely each label is to be written, as shares of one among the labels;
    None for other kinds, and where the work was stopped before."""
    calibrated_label_probabilities: Mapping[str, float] | None = None
    """The same without what the prompt prefers on inputs without content."""
    old_answer: Answer | None = None
    """Where the task has changed: what `raw` says in the form from before, which is not valid now."""

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
    """Whether somebody ended the work while answers were written."""
    label_seconds: float = 0.0
    """What the label probabilities took, after the last token."""
    change: str | None = None
    """The id of the change that the task has gone through since the adapter was trained."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `python -m lib compare --json` prints."""
        check = self.self_check
        return {
            "task": self.task_id,
            **({} if self.change is None else {"change": self.change}),
            **self.inputs,
            "seconds": round(self.seconds, 3),
            "base_model": self.base_model,
            "base_sha256": self.base_sha256,
            "dtype": self.dtype,
            "self_check": None if check is None else ("passed" if check.passed else "failed"),
            "stopped": self.stopped,
            "label_seconds": round(self.label_seconds, 3),
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
                    **_label_json(reply),
                    **({} if self.change is None else {"old_answer": reply.old_answer}),
                }
                for reply in self.replies
            ],
        }


def _label_json(reply: Reply) -> dict[str, Any]:
    """Return the label probabilities where there are any: other kinds of task have no such keys."""
    both = {
        "label_probabilities": reply.label_probabilities,
        "calibrated_label_probabilities": reply.calibrated_label_probabilities,
    }
    return {
        name: {label: round(share, 6) for label, share in of_labels.items()}
        for name, of_labels in both.items()
        if of_labels is not None
    }


class Comparer:
    """The one model of this process, behind a fair line. Safe to share between threads."""

    def __init__(self, base: BaseModel) -> None:
        from lib.inference.engine import Engine

        self.base = base
        self.renderer = PromptRenderer(base.tokenizer)
        self.turns = Turns()
        self.engine = Engine(base)
        self.labels = LabelChances(self.engine, self.renderer)

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
        Where the task is classification, the labels are weighed after the last token.

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
            stopped = cancel.is_set()
            chances = self._weigh_labels(task, conditions, prompts, adapter, cancel)
            label_seconds = time.monotonic() - began - seconds
        return Comparison(
            task_id=task.id,
            inputs=clean,
            replies=tuple(
                self._reply(task, condition, prompt, result, adapter, of_labels)
                for condition, prompt, result, of_labels in zip(
                    conditions, prompts, generated, chances, strict=True
                )
            ),
            seconds=seconds,
            base_model=self.base.name,
            base_sha256=self.base.sha256,
            dtype=self.base.dtype,
            self_check=check,
            stopped=stopped,
            label_seconds=label_seconds,
            change=change_id(task),
        )

    def _weigh_labels(
        self,
        task: Task,
        conditions: Sequence[Condition],
        prompts: Sequence[RenderedPrompt],
        adapter: adapter_files.Adapter | None,
        cancel: Event,
    ) -> "list[_OfLabels]":
        """Return each condition's label probabilities and calibrated ones; None where there are none."""
        none: list[_OfLabels] = [(None, None)] * len(conditions)
        if task.kind != "classification" or cancel.is_set():
            return none
        names = [adapter.name if adapter and one.uses_adapter else None for one in conditions]
        asks = [Ask(prompt, name) for prompt, name in zip(prompts, names, strict=True)]
        ways = [
            (template_for(task, one), name) for one, name in zip(conditions, names, strict=True)
        ]
        scores = self.labels.log_probabilities(task, asks, cancel)
        preferences = self.labels.content_free(task, ways, cancel)
        if scores is None or preferences is None:
            return none
        found: list[_OfLabels] = []
        for score, preference in zip(scores, preferences, strict=True):
            plain = shares(score)
            found.append(
                (
                    dict(zip(task.labels, plain, strict=True)),
                    dict(zip(task.labels, calibrated(plain, preference), strict=True)),
                )
            )
        return found

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
        of_labels: "_OfLabels",
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
            label_probabilities=of_labels[0],
            calibrated_label_probabilities=of_labels[1],
            old_answer=parse_old_form(task, raw) if result.finished else None,
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
