"""A task with two labels, as its file says it, for tests of the commands."""

from typing import Any

TWO_LABELS: dict[str, Any] = {
    "id": "teams",
    "title": "Teams",
    "kind": "classification",
    "summary": "A message goes to a team.",
    "input_label": "A message",
    "max_characters": 200,
    "max_new_tokens": 4,
    "labels": {"cards": "lost cards", "cash": "cash machines"},
    "prompts": {
        "plain": {"user": "{text}"},
        "engineered": {"user": "{text}", "system": "Own."},
        "short": {"user": "{text}"},
    },
    "samples": [],
    "data": {"name": "made up", "source": "us", "licence": "CC0", "credit": "nobody"},
}
