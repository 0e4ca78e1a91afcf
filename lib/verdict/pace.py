"""How fast this machine trains and answers, from a few seconds of both.

Run as a process of its own (`python -m lib.verdict.pace`): training changes the model in memory.
What was measured is kept in the cache folder until the machine or a library is another one.
"""

import json
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from lib.errors import BaseModelError
from lib.inference.base_model import cache_dir, load
from lib.inference.machine import processor_name
from lib.rows import LabelledRow
from lib.task import Task
from lib.training.infer import infer_task
from lib.verdict.folder import Order
from lib.verdict.plan import OWN_RECIPE

_WORDS = "the parcel that you sent me last week has not come yet and nobody answers"
_STEPS = 5
_WARM_UP = 2  # of them
_ROWS = 48
_TIME_OUT = 300  # seconds
_LOOKS = 10
_CANDIDATES = 3  # engineered prompts that are tried on the validation rows
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured."""

    trained_tokens: float
    """A second, prompt and answer of short rows."""
    read_tokens: float
    """A second, of prompts that are read to answer them."""
    steps: float
    """Tokens a second that a batch of 64 rows writes, each row one."""
    machine: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a trial will take, in minutes."""

    low: float
    high: float


def estimate(order: Order, tokens: int, pace: Pace) -> Minutes:
    """Return what a trial will take on this machine if nobody else uses it.

    `tokens` are those of the training over all epochs. What the model writes is counted at its
    longest where a prompt alone does not teach it to stop, so the truth is between the two ends.
    """
    parts = order.parts
    rows = len(parts.validation) + len(parts.test)
    weighed = order.task.kind == "classification"
    modes = 2 if weighed else 1
    each = tokens / max(1, order.trained_rows * order.recipe.epochs)
    training = tokens / pace.trained_tokens
    looks = _LOOKS * len(parts.validation) * each / pace.read_tokens
    answered = 4 * rows + (_CANDIDATES - 1) * len(parts.validation)
    reading = answered * modes * each / pace.read_tokens
    batches = math.ceil(rows / 64)
    longest = batches * 4 * order.task.max_new_tokens / pace.steps
    shortest = longest / 8
    fixed = 15.0  # starting a process and loading the model
    return Minutes(
        (fixed + 0.8 * training + looks + reading + shortest) / 60,
        (fixed + 1.3 * training + looks + 2 * reading + longest) / 60,
    )


def known_pace() -> Pace | None:
    """Return what was measured on this machine before; None where nothing was."""
    try:
        data = json.loads(_file().read_text(encoding="utf-8"))
        pace = Pace(**data)
    except (OSError, ValueError, TypeError):
        return None
    return pace if pace.machine == _machine() else None


def measure_pace() -> Pace:
    """Measure, or return what is known; takes about 20 seconds the first time.

    Raises:
        BaseModelError: if the model can't be loaded or the measurement fails.
    """
    with _lock:
        if (known := known_pace()) is not None:
            return known
        try:
            done = subprocess.run(
                [sys.executable, "-m", "lib.verdict.pace"],
                cwd=Path(__file__).resolve().parents[2],
                capture_output=True,
                text=True,
                timeout=_TIME_OUT,
                check=True,
            )
            pace = Pace(**json.loads(done.stdout.splitlines()[-1]), machine=_machine())
        except (OSError, subprocess.SubprocessError, ValueError, TypeError, IndexError) as error:
            raise BaseModelError(
                "This machine's speed could not be measured: see that the demo page works, then "
                "try again."
            ) from error
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps(asdict(pace)), encoding="utf-8")
        return pace


def _file() -> Path:
    return cache_dir() / "pace.json"


def _machine() -> str:
    libraries = [f"{name} {version(name)}" for name in ("torch", "transformers", "peft")]
    layers = f"last layers: {OWN_RECIPE.last_layers or 'all'}"
    return ", ".join([processor_name(), f"{os.cpu_count()} processors", layers, *libraries])


def _measure() -> dict[str, float]:
    from lib.inference.compare import Comparer
    from lib.inference.engine import Row
    from lib.training.trainer import Step, train

    task, rows = _made_up()
    base = load()
    comparer = Comparer(base)
    prompts = [comparer.renderer.render(task.prompts.short, {**row.inputs}) for row in rows]
    asked = [Row(prompt.ids, prompt.prefix_tokens) for prompt in prompts]
    comparer.engine.generate(asked, 1)
    began = time.monotonic()
    comparer.engine.generate(asked, 1)
    reading = time.monotonic() - began
    began = time.monotonic()
    comparer.engine.generate(asked, 9)
    writing = max(time.monotonic() - began - reading, 1e-3)

    steps: list[Step] = []
    many = [replace(row, id=f"{row.id}-{copy}") for copy in range(2) for row in rows]
    recipe = replace(OWN_RECIPE, epochs=1, engineered_share=0.0)
    train(base, task, many[: _STEPS * recipe.batch_size], recipe, steps.append)
    timed = steps[_WARM_UP:]
    return {
        "trained_tokens": sum(one.tokens for one in timed)
        / (timed[-1].seconds - steps[_WARM_UP - 1].seconds),
        "read_tokens": sum(len(one.ids) - one.prefix_tokens for one in asked) / reading,
        "steps": 8 / writing,
    }


def _made_up() -> tuple[Task, list[LabelledRow]]:
    """Return rows of about the length of a short message."""
    words = _WORDS.split()
    texts = [" ".join(words[number % 5 :] + words[: number % 7]) for number in range(_ROWS)]
    records = [{"text": text, "label": ("late", "lost")[i % 2]} for i, text in enumerate(texts)]
    rows = [
        LabelledRow(str(number), {"text": one["text"]}, one["label"])
        for number, one in enumerate(records)
    ]
    return infer_task("pace", records), rows


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure()) + "\n")
