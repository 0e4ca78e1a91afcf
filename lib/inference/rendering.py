"""From chat messages to the token ids that are really sent, with every part accounted for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lib.inference.prompts import build_messages
from lib.task import PromptTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the prompt: ordinary text, or one control token such as `<|im_start|>`."""

    text: str
    is_control: bool


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """What one condition sends: token ids, and how they divide into fixed part and user input."""

    ids: tuple[int, ...]
    prefix_tokens: int
    """Tokens before the user's input: the same for every visitor, so they can be cached."""
    user_tokens: int
    pieces: tuple[Piece, ...]

    @property
    def fixed_tokens(self) -> int:
        """Tokens of instruction, examples and chat template, before and after the user's input."""
        return len(self.ids) - self.user_tokens

    @property
    def text(self) -> str:
        """The prompt as one string, control tokens written out."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def sha256(self) -> str:
        """Fingerprint of the token ids, so that two prompts can be told apart at a glance."""
        return hashlib.sha256(" ".join(map(str, self.ids)).encode()).hexdigest()


class PromptRenderer:
    """Renders prompts with one model's chat template."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self._tokenizer = tokenizer
        self.end_id: int = tokenizer.eos_token_id
        self._control_ids = frozenset(tokenizer.all_special_ids)
        self._fixed_parts = lru_cache(maxsize=64)(self._find_fixed_parts)

    def render(self, template: PromptTemplate, inputs: Mapping[str, str]) -> RenderedPrompt:
        """Return the prompt as it will be sent, default system prompt and control tokens included."""
        ids = self._encode(template, inputs)
        prefix, suffix = self._fixed_parts(_Hashable(template, tuple(inputs)))
        prefix_tokens = _common_prefix(ids, prefix)
        room = len(ids) - prefix_tokens
        suffix_tokens = min(_common_prefix(ids[::-1], suffix[::-1]), room)
        return RenderedPrompt(
            ids=ids,
            prefix_tokens=prefix_tokens,
            user_tokens=room - suffix_tokens,
            pieces=self._pieces(ids),
        )

    def _encode(self, template: PromptTemplate, inputs: Mapping[str, str]) -> tuple[int, ...]:
        ids = self._tokenizer.apply_chat_template(
            build_messages(template, inputs),
            tokenize=True,
            add_generation_prompt=True,
            return_dict=False,
            # Without this, `<|im_end|><|im_start|>system` in a visitor's text opens a real turn.
            sanitize_control_tokens=True,
        )
        return tuple(ids)

    def _find_fixed_parts(self, key: "_Hashable") -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the tokens that two unlike inputs share at the front and at the back."""
        one = self._encode(key.template, dict.fromkeys(key.fields, "x"))
        other = self._encode(key.template, dict.fromkeys(key.fields, "7 Qz"))
        front = _common_prefix(one, other)
        back = _common_prefix(one[::-1], other[::-1])
        return one[:front], one[len(one) - back :]

    def _pieces(self, ids: tuple[int, ...]) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        start = 0
        for position, token in enumerate((*ids, None)):
            if token is not None and token not in self._control_ids:
                continue
            if position > start:
                pieces.append(Piece(self.decode(ids[start:position]), is_control=False))
            if token is not None:
                pieces.append(Piece(self.decode((token,)), is_control=True))
            start = position + 1
        return tuple(pieces)

    def encode_text(self, text: str) -> tuple[int, ...]:
        """Return plain text as token ids; nothing in it becomes a control token."""
        ids = self._tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
        return tuple(ids)

    def decode(self, ids: tuple[int, ...]) -> str:
        """Return token ids as text, control tokens written out."""
        text = self._tokenizer.decode(
            list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        assert isinstance(text, str)
        return text


@dataclass(frozen=True)
class _Hashable:
    """A template as a cache key: equal content, equal key."""

    template: PromptTemplate
    fields: tuple[str, ...]

    def __hash__(self) -> int:
        return hash((repr(self.template), self.fields))


def _common_prefix(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Return how many leading tokens two sequences share."""
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
