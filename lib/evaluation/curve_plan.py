"""Which points a learning curve has, from which rows each learns, and on which rows it is tested."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lib.errors import DataError
from lib.evaluation.curve_points import CurveLine, Job
from lib.evaluation.result_lines import Reading
from lib.rows import LabelledRow
from lib.task import Example, PromptTemplate, Task

LARGE_ROWS = 1_024
"""Above so many rows, training takes so long that fewer seeds are run."""

TEST_SEED = 1
"""Draws the fixed sample of test rows."""


@dataclass(frozen=True, slots=True)
class CurvePlan:
    """How much to measure."""

    sizes: tuple[int, ...] = (16, 64, 256, 1024, 4096)
    """Rows to learn from."""
    seeds: int = 3
    large_seeds: int = 1
    """For sizes above `LARGE_ROWS`."""
    shots: tuple[int, ...] = (0, 4, 16)
    """Examples in a prompt."""
    draws: int = 3
    """Of examples and their order; a prompt without examples is measured once."""

    def jobs(self, task: Task) -> list[Job]:
        """Return all jobs: the quick ones first, then the adapters seed by seed, small ones first."""
        return [*self._prompts(task), *self._learning(task)]

    def _prompts(self, task: Task) -> Iterator[Job]:
        scored = (Reading.SCORED,) if task.kind == "classification" else ()
        for mode in (Reading.WRITTEN, *scored):
            for shots in self.shots:
                for draw in range(1, (self.draws if shots else 1) + 1):
                    yield Job(CurveLine.PROMPT, mode, shots, draw)
            searched = len(task.prompts.engineered.examples)
            yield Job(CurveLine.ENGINEERED, mode, searched, 1)

    def _learning(self, task: Task) -> Iterator[Job]:
        runs = [
            (size, seed)
            for seed in range(1, max(self.seeds, self.large_seeds) + 1)
            for size in self.sizes
            if seed <= (self.seeds if size <= LARGE_ROWS else self.large_seeds)
        ]
        if task.kind == "classification":
            for size, seed in runs:
                yield Job(CurveLine.CLASSIC, Reading.CLASSIC, size, seed)
        for size, seed in runs:
            yield Job(CurveLine.LORA, Reading.WRITTEN, size, seed)


def sampled_test_rows(rows: Sequence[LabelledRow], count: int, task: Task) -> list[LabelledRow]:
    """Return the fixed sample, in the order of the ids; all rows where there are not more.

    Rows whose label is not one of the task's can't be right, and are left out first.

    Raises:
        DataError: if two rows have the same id, or no row is left.
    """
    if len({row.id for row in rows}) != len(rows):
        raise DataError("Two rows have the same id: give every row its own, or leave the ids out.")
    is_choice = task.kind == "classification"
    usable = [row for row in rows if not is_choice or row.target in task.labels]
    if not usable:
        raise DataError(f"No row has a label of the task '{task.id}': there is nothing to test on.")
    ordered = sorted(usable, key=lambda row: row.id)
    if len(ordered) <= count:
        return ordered
    drawn = random.Random(f"test-{TEST_SEED}").sample(range(len(ordered)), count)
    return [ordered[position] for position in sorted(drawn)]


def drawn_rows(rows: Sequence[LabelledRow], size: int, seed: int) -> list[LabelledRow]:
    """Return `size` training rows in the order that the seed gives.

    A larger draw begins with the smaller ones of the same seed, so that two sizes differ by the
    added rows alone, and an adapter and a prompt of the same seed saw the same rows.

    Raises:
        DataError: if there are fewer rows.
    """
    if size > len(rows):
        raise DataError(
            f"There are {len(rows):,} training rows without the held-out ones, and a point needs "
            f"{size:,}: name smaller sizes."
        )
    ordered = sorted(rows, key=lambda row: row.id)
    random.Random(f"rows-{seed}").shuffle(ordered)
    return ordered[:size]


def prompt_of(job: Job, task: Task, examples: Sequence[Example]) -> PromptTemplate:
    """Return the prompt of a job: the engineered wording with the drawn examples, or as it is."""
    if job.line is CurveLine.ENGINEERED:
        return task.prompts.engineered
    return replace(task.prompts.engineered, examples=tuple(examples))
