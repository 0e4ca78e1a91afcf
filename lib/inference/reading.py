"""Says in one sentence what a comparison shows: made by rules, never by a model."""

from lib.inference.compare import Comparison, Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer
from lib.inference.phrases import is_expected
from lib.task import Task
from lib.task_change import ChangedTask


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
        return _against_expected(task, replies, expected)
    return _by_form(task, replies)


def _against_expected(task: Task, replies: dict[Condition, Reply], expected: Answer) -> str:
    right = {one for one, reply in replies.items() if is_expected(task, reply.answer, expected)}
    case = "question" if task.kind == "question_answering" else "message"
    tuned = {Condition.LORA, Condition.LORA_ENGINEERED}
    if not right:
        return f"Nobody is right here: neither a better prompt nor the adapter was enough for this {case}."
    if right == set(replies):
        return f"All four are right: for this {case} the plain prompt was enough."
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
    return f"Right here: {_names(right)}. One {case} is an anecdote; the measured shares stand in the cards."


def _by_form(task: Task, replies: dict[Condition, Reply]) -> str:
    valid = {condition for condition, reply in replies.items() if reply.valid}
    tuned = {Condition.LORA, Condition.LORA_ENGINEERED}
    form = {
        "extraction": "JSON that a program can read",
        "classification": "one of the labels",
    }.get(task.kind, "a short answer")
    if isinstance(task, ChangedTask):
        form = "an answer of the form that is wanted now"
    if not valid:
        return f"No condition wrote {form} for this text."
    if valid == tuned:
        return f"Only the adapter brought {form}: both prompts without it fail on the form alone."
    answers = [one.answer for one in replies.values() if one.answer is not None]
    if len(valid) == len(replies) and all(is_expected(task, one, answers[0]) for one in answers):
        return "All four agree on this text; where they agree, the cheapest one will do."
    if Condition.ENGINEERED in valid and Condition.LORA in valid:
        prompted, tuned_answer = (
            replies[Condition.ENGINEERED].answer,
            replies[Condition.LORA].answer,
        )
        if tuned_answer is not None and is_expected(task, prompted, tuned_answer):
            return "The better prompt and the adapter came to the same answer on their own."
        return (
            "The better prompt and the adapter both bring the right form but different answers: "
            "compare them with what you meant."
        )
    return f"The form was met by {_names(valid)}; check the content against what you meant."


def what_the_change_shows(
    task: Task, comparison: Comparison, expected: Answer | None = None
) -> str | None:
    """Return one sentence on who follows a changed requirement; None where this text can't show it."""
    replies = {reply.condition: reply for reply in comparison.replies}
    if (
        not isinstance(task, ChangedTask)
        or comparison.stopped
        or set(replies) != set(ALL_CONDITIONS)
    ):
        return None
    old = {condition for condition, reply in replies.items() if reply.old_answer is not None}
    if old:
        verb = "answer" if len(old) > 1 else "answers"
        told = f"{_names(old)} {verb} in the old form."
        prompted = replies[Condition.ENGINEERED].answer
        if prompted and _used(prompted) & set(task.change.rename.values()):
            told += " The engineered prompt uses the new name."
        return f"{told} The adapter has to be trained again." if Condition.LORA in old else told
    new = set(task.change.add)
    if expected is None or not _used(expected) & new:
        return None
    users = {one for one, reply in replies.items() if reply.answer and _used(reply.answer) & new}
    names = " and ".join(f"“{name}”" for name in sorted(_used(expected) & new))
    if not users:
        return f"Nobody uses {names}, which is new here."
    others = "" if Condition.LORA in users else " The adapter under its own prompt can't know it."
    return f"{names}, which is new here, is used by {_names(users)}.{others}"


def _used(answer: Answer) -> set[str]:
    return set(answer) if isinstance(answer, dict) else {answer}


def _names(conditions: set[Condition]) -> str:
    ordered = [condition.shown_as for condition in Condition if condition in conditions]
    return " and ".join([", ".join(ordered[:-1]), ordered[-1]] if len(ordered) > 1 else ordered)
