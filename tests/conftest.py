"""What every test may use: one small task of each kind, and a tokenizer that needs no files."""

import re
from collections.abc import Sequence

import pytest

from lib.task import Data, Example, Prompts, PromptTemplate, Sample, Task

CREDIT = Data(name="made up", source="https://example.org", licence="CC0", credit="nobody")


@pytest.fixture
def extraction_task() -> Task:
    """A booking task with two keys and one solved example."""
    template = PromptTemplate(user="Booking:\n{text}")
    return Task(
        id="tiny_booking",
        title="Booking",
        kind="extraction",
        summary="A message becomes JSON.",
        input_label="A message",
        max_characters=200,
        max_new_tokens=16,
        prompts=Prompts(
            plain=template,
            engineered=PromptTemplate(
                system="Write JSON.",
                user="{text}",
                examples=(Example({"text": "two on Friday"}, '{"people": "two"}'),),
            ),
            short=template,
        ),
        samples=(Sample("one", "One", {"text": "for 4"}, '{"people": "4"}', "why"),),
        data=CREDIT,
        keys={"people": "how many guests", "date": "the day"},
    )


@pytest.fixture
def classification_task() -> Task:
    """A routing task with two labels."""
    template = PromptTemplate(user="Team for: {text}")
    return Task(
        id="tiny_routing",
        title="Routing",
        kind="classification",
        summary="A message goes to a team.",
        input_label="A message",
        max_characters=200,
        max_new_tokens=4,
        prompts=Prompts(plain=template, engineered=template, short=template),
        samples=(),
        data=CREDIT,
        labels={"cards": "lost or broken cards", "cash": "cash machines"},
    )


@pytest.fixture
def qa_task() -> Task:
    """A question answering task: two inputs."""
    template = PromptTemplate(user="{context}\n\n{question}")
    return Task(
        id="tiny_qa",
        title="Questions",
        kind="question_answering",
        summary="A phrase of the passage answers.",
        input_label="A passage and a question",
        max_characters=200,
        max_new_tokens=8,
        prompts=Prompts(plain=template, engineered=template, short=template),
        samples=(),
        data=CREDIT,
    )


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


@pytest.fixture
def letter_tokenizer() -> LetterTokenizer:
    """A tokenizer whose token counts can be checked by counting letters."""
    return LetterTokenizer()
