"""Runs batches of rows on one set of base weights, each row with or without an adapter.

Knows token ids only: nothing of tasks, conditions, tokenizers or Streamlit. One call at a time,
because PEFT's hooks are global state (peft#3475): whoever calls `generate` holds a turn first.

        ids ──┬── prefix, computed once and kept ──┐
              └── rest of the prompt ──────────────┴── greedy steps, all rows together
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import DynamicCache, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from lib.errors import AdapterError
from lib.inference.adapter import CONFIG, Adapter, check_fits
from lib.inference.base_model import BaseModel

_BASE_ROW = "__base__"  # PEFT's name for a row without an adapter
_KEPT_PREFIXES = 12
_PROBE_ROWS = 2
_TOLERANCE = {"float32": 1e-4, "bfloat16": 1e-1}  # largest logit difference that rounding explains

OnToken = Callable[[int, int], None]
Layers = list[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt to answer, with the adapter to add, if any."""

    ids: tuple[int, ...]
    prefix_tokens: int = 0
    """How many leading tokens come again with other inputs, and so are worth keeping."""
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """What a row produced: token ids, the end token included if the model wrote one."""

    ids: tuple[int, ...]
    cached_tokens: int
    finished: bool
    """False where the limit or a stop cut the answer."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Whether rows are what they claim: a base row untouched by the adapter, an adapter row not."""

    base_difference: float
    """Largest absolute logit difference between a base row now and before any adapter was added."""
    adapter_difference: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the base row equals the clean model and the adapter row differs from it."""
        return self.base_difference <= self.tolerance < self.adapter_difference


class Engine:
    """One base model in memory and any number of adapters beside it."""

    def __init__(self, base: BaseModel) -> None:
        self.base = base
        self._model: Any = base.model
        # The last position of a longer input is a view with gaps, and for those torch copies the
        # output layer's weights once for every row.
        base.model.lm_head.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(),))
        self._end_ids = _as_set(base.model.generation_config.eos_token_id)
        self._pad_id = base.tokenizer.pad_token_id
        self._kept: OrderedDict[tuple[str | None, tuple[int, ...]], Layers] = OrderedDict()
        self._checks: dict[str, SelfCheck] = {}
        self._probe = torch.tensor([[self._pad_id, *range(100, 131)]] * _PROBE_ROWS)
        self._clean_logits = self._probe_logits(None)

    @torch.inference_mode()
    def attach(self, adapter: Adapter) -> SelfCheck:
        """Load an adapter beside the others and check that rows are what they claim.

        Raises:
            AdapterError: if it does not fit, or the self-check fails.
        """
        if adapter.name in self._checks:
            return self._checks[adapter.name]
        check_fits(adapter, self.base.model)
        try:
            self._load(adapter)
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise AdapterError(
                f"The adapter in {adapter.folder} can't be loaded: restore its {CONFIG} or train it "
                "again."
            ) from error
        check = self._self_check(adapter.name)
        if not check.passed:
            self._detach(adapter.name)
            raise AdapterError(
                f"The adapter in {adapter.folder} failed the self-check: its rows must differ from the "
                "base model's, and those of the base model must stay as they were."
            )
        self._checks[adapter.name] = check
        return check

    def detach(self, name: str) -> None:
        """Take an adapter off again, with all that was kept for it; nothing where it is not attached."""
        if self._checks.pop(name, None) is None:
            return
        self._detach(name)
        for key in [key for key in self._kept if key[0] == name]:
            del self._kept[key]

    @torch.inference_mode()
    def generate(
        self,
        rows: Sequence[Row],
        max_new_tokens: int,
        on_token: OnToken = lambda row, token: None,
        cancel: Event | None = None,
    ) -> list[Generated]:
        """Answer all rows together, greedily.

        `on_token(row, token)` is called as soon as a token is there; it must be quick and must not
        raise. Setting `cancel` ends the call within one step.

        Raises:
            AdapterError: if a row names an adapter that is not attached.
        """
        if not rows:
            return []
        self.check_adapters(rows)
        collector = _Collector(len(rows), self._end_ids, on_token)
        ids, mask, cache, cached = self.prepare(rows)
        try:
            self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                past_key_values=cache,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                streamer=collector,
                stopping_criteria=StoppingCriteriaList([_CancelOn(cancel or Event())]),
                pad_token_id=self._pad_id,
                **self._adapter_arguments([row.adapter for row in rows]),
            )
        finally:
            self._remove_leaked_hooks()
        return [
            Generated(tuple(tokens), cached_tokens, bool(tokens) and tokens[-1] in self._end_ids)
            for tokens, cached_tokens in zip(collector.tokens, cached, strict=True)
        ]

    def _load(self, adapter: Adapter) -> None:
        if isinstance(self._model, PeftModel):
            self._model.load_adapter(adapter.folder, adapter.name, autocast_adapter_dtype=False)
        else:
            self._model = PeftModel.from_pretrained(
                self._model, adapter.folder, adapter.name, autocast_adapter_dtype=False
            )
        # The file holds fp16, which processors compute slowly; the base's own type is fast.
        for name, parameter in self._model.named_parameters():
            if "lora_" in name:
                parameter.data = parameter.data.to(self.base.model.dtype)
        self._model.eval()

    def _detach(self, name: str) -> None:
        """Take an adapter off again; PEFT's wrapper can't run without any, so the last takes it along."""
        if list(self._model.peft_config) == [name]:
            self._model = self._model.unload()
        else:
            self._model.delete_adapter(name)

    # ---------------------------------------------------------------- the batch

    def check_adapters(self, rows: Sequence[Row]) -> None:
        """See that every adapter that a row names is there.

        Raises:
            AdapterError: naming the first that is not attached.
        """
        for row in rows:
            if row.adapter is not None and row.adapter not in self._checks:
                raise AdapterError(f"The adapter '{row.adapter}' is not loaded.")

    def prepare(
        self, rows: Sequence[Row]
    ) -> tuple[torch.Tensor, torch.Tensor, DynamicCache, list[int]]:
        """Return ids and mask (rows, prefix + rest), the filled cache, and the cached tokens a row.

        Both halves are padded on the left, so the cache of every row ends at the same column and
        generation appends on the right.
        """
        # The last token of a prompt is always computed: its logits choose the first new token.
        lengths = [min(row.prefix_tokens, len(row.ids) - 1) for row in rows]
        prefixes = [row.ids[:length] for row, length in zip(rows, lengths, strict=True)]
        rests = [row.ids[length:] for row, length in zip(rows, lengths, strict=True)]
        self._compute_prefixes(
            [(row.adapter, prefix) for row, prefix in zip(rows, prefixes, strict=True)]
        )
        kept = [
            self._kept.get((row.adapter, prefix))
            for row, prefix in zip(rows, prefixes, strict=True)
        ]
        width = max(lengths)
        front, front_mask = _pad_left(prefixes, width, self._pad_id)
        back, back_mask = _pad_left(rests, max(map(len, rests)), self._pad_id)
        return (
            torch.cat([front, back], dim=1),
            torch.cat([front_mask, back_mask], dim=1),
            self._filled_cache(kept, width),
            lengths,
        )

    def _compute_prefixes(self, wanted: Sequence[tuple[str | None, tuple[int, ...]]]) -> None:
        """Run the prefixes that are not kept yet, those with equal ids in one pass."""
        missing: dict[tuple[int, ...], list[str | None]] = {}
        for adapter, prefix in dict.fromkeys(wanted):
            if not prefix:
                continue
            if (adapter, prefix) in self._kept:
                self._kept.move_to_end((adapter, prefix))
            else:
                missing.setdefault(prefix, []).append(adapter)
        for prefix, adapters in missing.items():
            cache = DynamicCache(config=self.base.model.config)
            ids = torch.tensor([prefix] * len(adapters))
            self.forward(ids, adapters, past_key_values=cache, use_cache=True, logits_to_keep=1)
            for index, adapter in enumerate(adapters):
                self._kept[adapter, prefix] = [
                    (layer.keys[index].clone(), layer.values[index].clone())
                    for layer in cache.layers
                ]
        # The batch at hand needs its own prefixes, however many they are.
        while len(self._kept) > max(_KEPT_PREFIXES, len(set(wanted))):
            self._kept.popitem(last=False)

    def _filled_cache(self, kept: Sequence[Layers | None], width: int) -> DynamicCache:
        """Return a cache with each row's kept prefix, aligned to the right; empty where width is 0."""
        cache = DynamicCache(config=self.base.model.config)
        if not width:
            return cache
        some = next(layers for layers in kept if layers is not None)
        for index, (key, _) in enumerate(some):
            heads, _, size = key.shape
            keys = key.new_zeros(len(kept), heads, width, size)
            values = torch.zeros_like(keys)
            for row, layers in enumerate(kept):
                if layers is not None:
                    start = width - layers[index][0].shape[1]
                    keys[row, :, start:] = layers[index][0]
                    values[row, :, start:] = layers[index][1]
            cache.update(keys, values, index)
        return cache

    # ---------------------------------------------------------------- the model

    def forward(self, ids: torch.Tensor, adapters: Sequence[str | None], **options: Any) -> Any:
        """Return what the model returns for one pass; no hook of PEFT's outlives it."""
        try:
            return self._model(input_ids=ids, **self._adapter_arguments(adapters), **options)
        finally:
            self._remove_leaked_hooks()

    def _adapter_arguments(self, adapters: Sequence[str | None]) -> dict[str, Any]:
        if not isinstance(self._model, PeftModel):
            return {}
        return {"adapter_names": [adapter or _BASE_ROW for adapter in adapters]}

    def _remove_leaked_hooks(self) -> None:
        """Take off the hooks that PEFT leaves behind when a call ends in an exception (peft#3475)."""
        for module in self._model.modules():
            if isinstance(module, BaseTunerLayer):
                module._forward_pre_hooks.clear()
                module._forward_pre_hooks_with_kwargs.clear()

    # ---------------------------------------------------------------- the self-check

    @torch.inference_mode()
    def _probe_logits(self, adapter: str | None) -> torch.Tensor:
        """Return logits of a fixed probe, a base row first and a row with the adapter second."""
        logits = self.forward(self._probe, [None, adapter]).logits
        return logits.float()

    def _self_check(self, adapter: str) -> SelfCheck:
        logits = self._probe_logits(adapter)
        return SelfCheck(
            base_difference=float((logits[0] - self._clean_logits[0]).abs().max()),
            adapter_difference=float((logits[1] - logits[0]).abs().max()),
            tolerance=_TOLERANCE[self.base.dtype],
        )


class _Collector(BaseStreamer):
    """Receives the tokens of all rows step by step; transformers' own streamers take one row only."""

    def __init__(self, rows: int, end_ids: frozenset[int], on_token: OnToken) -> None:
        self.tokens: list[list[int]] = [[] for _ in range(rows)]
        self._end_ids = end_ids
        self._on_token = on_token
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if not self._prompt_seen:  # the first call hands over the prompt
            self._prompt_seen = True
            return
        for row, token in enumerate(value.tolist()):
            if self.tokens[row] and self.tokens[row][-1] in self._end_ids:
                continue  # this row is done and receives padding
            self.tokens[row].append(token)
            self._on_token(row, token)

    def end(self) -> None:
        pass


class _CancelOn(StoppingCriteria):
    """Ends all rows when the event is set; raising instead would leave PEFT's hooks behind."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), self._event.is_set(), dtype=torch.bool)


def _pad_left(
    rows: Sequence[tuple[int, ...]], width: int, pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of shape (rows, width). Left padding: generation appends on the right."""
    ids = [[pad_id] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, dtype=torch.long), torch.tensor(mask, dtype=torch.long)


def _as_set(end: int | list[int]) -> frozenset[int]:
    return frozenset([end] if isinstance(end, int) else end)
