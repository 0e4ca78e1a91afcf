"""Says in one sentence what a comparison shows: made by rules, never by a model."""

from collections.abc import Sequence

from lib.inference.compare import Comparison, Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer
from lib.task import Task


def what_it_shows(task: Task, comparison: Comparison, expected: Answer | None = None) -> str:
    """Return one sentence on this one example; with a known answer it also says who is right."""
    if comparison.stopped:
        return (
            "Stopped: the cards hold what had been written by then, so there is nothing to compare."
        )
    replies = {reply.condition: reply for reply in comparison.replies}
    if set(replies) != set(ALL_CONDITIONS):
        return "Without the adapter only the two prompts can be compared."
    if expected is not None:
        return _against_expected(replies, expected)
    return _by_form(task, replies)


def _against_expected(replies: dict[Condition, Reply], expected: Answer) -> str:
    right = {condition for condition, reply in replies.items() if reply.answer == expected}
    tuned = {Condition.LORA, Condition.LORA_ENGINEERED}
    if not right:
        return "Nobody is right here: neither a better prompt nor the adapter was enough for this message."
    if right == set(replies):
        return "All four are right: for this message the plain prompt was enough."
    if right == tuned:
        return "The adapter made the difference: both answers with it are right, both without it are wrong."
    if right == {Condition.ENGINEERED, *tuned}:
        return (
            "Either lever was enough here: the better prompt alone is right, and so is the adapter."
        )
    if not right & tuned:
        return (
            f"The adapter loses here: right is {_names(right)}, and both answers with it are wrong."
        )
    if right == {Condition.LORA}:
        return "LoRA alone is right; under the engineered prompt the adapter went astray."
    if right == {Condition.LORA_ENGINEERED}:
        return "Only the two levers together are right: neither the prompt nor the adapter was enough alone."
    return f"Right here: {_names(right)}. One message is an anecdote; the measured shares stand in the cards."


def _by_form(task: Task, replies: dict[Condition, Reply]) -> str:
    valid = {condition for condition, reply in replies.items() if reply.valid}
    tuned = {Condition.LORA, Condition.LORA_ENGINEERED}
    form = {
        "extraction": "JSON that a program can read",
        "classification": "one of the labels",
    }.get(task.kind, "a short answer")
    if not valid:
        return f"No condition wrote {form} for this text."
    if valid == tuned:
        return f"Only the adapter brought {form}: both prompts without it fail on the form alone."
    answers = [replies[condition].answer for condition in replies if condition in valid]
    if len(valid) == len(replies) and _all_equal(answers):
        return "All four agree on this text; where they agree, the cheapest one will do."
    if Condition.ENGINEERED in valid and Condition.LORA in valid:
        same = replies[Condition.ENGINEERED].answer == replies[Condition.LORA].answer
        if same:
            return "The better prompt and the adapter came to the same answer on their own."
        return (
            "The better prompt and the adapter both bring the right form but different answers: "
            "compare them with what you meant."
        )
    return f"The form was met by {_names(valid)}; check the content against what you meant."


def _names(conditions: set[Condition]) -> str:
    ordered = [condition.shown_as for condition in Condition if condition in conditions]
    return " and ".join([", ".join(ordered[:-1]), ordered[-1]] if len(ordered) > 1 else ordered)


def _all_equal(answers: Sequence[Answer | None]) -> bool:
    return all(answer == answers[0] for answer in answers)
