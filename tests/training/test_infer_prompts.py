"""Prompts that are made from labels and keys alone.

Example run: python -m pytest tests/training/test_infer_prompts.py -v
"""

from lib.training.infer_prompts import KeyUse, key_prompts, key_uses, label_prompts


def test_labels_are_listed_one_on_a_line() -> None:
    prompts = label_prompts(["cards", "cash"])

    assert prompts.plain.user == "Which of these labels fits the text: cards, cash?\n\n{text}"
    assert prompts.engineered.system == (
        "You sort texts by label. These are the labels, one on each line:\ncards\ncash\n"
        "Answer with the label that fits the text best, written exactly as above, and with nothing "
        "else."
    )
    assert (prompts.engineered.user, prompts.short.user) == ("{text}", "{text}")


def test_labels_with_commas_are_parted_by_semicolons() -> None:
    asked = label_prompts(["yes, please", "no"]).plain.user

    assert asked.startswith("Which of these labels fits the text: yes, please; no?")


def test_an_instruction_with_a_place_for_the_text_moves_where_nothing_is_filled_in() -> None:
    prompts = label_prompts(["{text}", "no"])

    assert prompts.plain.user == "{text}"
    assert prompts.plain.system == "Which of these labels fits the text: {text}, no?"


def test_keys_are_described_by_what_their_values_are() -> None:
    teams = ("billing", "delivery")
    answered = [
        (f"order {n} of Ana", {"order": str(n), "team": teams[n % 2], "mood": f"mood {n}"})
        for n in range(12)
    ]
    answered.append(("no order", {"team": "billing"}))

    prompts = key_prompts(key_uses(answered))

    assert prompts.engineered.system == (
        "You turn a text into one line of JSON. Its keys, and what belongs to each:\n"
        '"order": copied word for word from the text\n'
        '"team": one of "billing", "delivery"\n'
        '"mood": what the text says about it, in short\n'
        'Always write "team". Leave out every other key that the text does not mention, and add '
        "none.\n"
        "Write the JSON and nothing else."
    )


def test_a_set_of_values_is_fixed_if_it_is_small_and_its_values_come_again() -> None:
    def choices(values: list[str]) -> int:
        return len(key_uses([("the text", {"key": one}) for one in values])[0].choices)

    assert choices([f"v{n % 20}" for n in range(60)]) == 20
    assert choices([f"v{n % 20}" for n in range(59)]) == 0  # less than three rows each
    assert choices([f"v{n % 21}" for n in range(210)]) == 0  # more than 20
    assert choices(["text"] * 60) == 0  # stands in the text
    assert choices(["x" * 61] * 60) == 0


def test_without_any_key_the_object_is_empty() -> None:
    keys = [KeyUse("name", (), copied=True, always=False)]

    assert "write {}" in (key_prompts(keys).engineered.system or "")
    assert "Write every key" in (
        key_prompts([KeyUse("name", (), copied=True, always=True)]).engineered.system or ""
    )
