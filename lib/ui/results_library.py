"""What was measured for each task, read and tested once a server and again when a file has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from lib.content.library import content_stamp
from lib.content.results_texts import ResultsTexts, load_results_texts
from lib.content.tasks import load_task
from lib.errors import ContentError
from lib.evaluation.agreement import Agreement
from lib.evaluation.contest import Loss, Outcome, losses, outcome
from lib.evaluation.effects import Effects
from lib.evaluation.paired_sets import agreement_of, effects_by_reading
from lib.evaluation.result_lines import Reading
from lib.evaluation.result_sets import SetResults, TaskResults, read_task_results
from lib.evaluation.results import read_results
from lib.files import read_yaml, shown_path
from lib.task import Task
from lib.training.recipe import Recipe
from lib.ui.results_album import Album

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """A task's measured files with what follows from them."""

    results: TaskResults
    agreement: Agreement | None
    """Paired tests on the main set; None where the scores of single rows can't be read."""
    effects: Mapping[Reading, Effects]
    outcome: Outcome | None
    losses: tuple[Loss, ...]
    training_seed: int | None
    empty_share: float | None
    """Extraction: the share of rows that an always empty answer gets right."""
    tried: Mapping[str, pd.DataFrame]
    """By name of the file: what was tried before a prompt was chosen."""
    problems: tuple[str, ...]
    album: Album


def get_found(task: Task) -> Found:
    """Return what was found for a task, as its files are now."""
    return _found(content_stamp(), _stamp(task.folder / "results"), str(task.folder))


def get_texts() -> ResultsTexts:
    """Return the words of the page, as their file is now.

    Raises:
        ContentError: if it is broken.
    """
    return _texts(content_stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _texts(stamp: int) -> ResultsTexts:
    return load_results_texts()


@st.cache_resource(max_entries=12, show_spinner=False)
def _found(stamp: int, files: int, folder: str) -> Found:
    task = load_task(folder)
    results = read_task_results(task)
    main = results.main
    problems = list(results.problems)

    def attempt(load: Callable[[], T]) -> T | None:
        try:
            return load()
        except ContentError as error:
            if str(error) not in problems:
                problems.append(str(error))
            return None

    is_extraction = task.kind == "extraction"
    written = main.files.get(Reading.WRITTEN) if main and is_extraction else None
    empty = attempt(lambda: read_results(task, written.path).empty_share) if written else None
    has_rows = main is not None and bool(main.lines)
    agreement = attempt(lambda: agreement_of(main)) if main and has_rows else None
    effects = attempt(lambda: effects_by_reading(main)) if main and has_rows else None
    recipe = attempt(lambda: read_yaml(task.folder / "recipe.yaml", Recipe))
    tried = [(one, attempt(lambda one=one: _table(one))) for one in results.tried]  # type: ignore[misc]
    return Found(
        results=results,
        agreement=agreement,
        effects=effects or {},
        outcome=outcome(main, agreement) if main else None,
        losses=losses(results, agreement, _constant_share(empty, main)),
        training_seed=recipe.seed if recipe else None,
        empty_share=empty,
        tried={one.name: table for one, table in tried if table is not None},
        problems=tuple(problems),
        album=Album(),
    )


def _constant_share(empty: float | None, main: SetResults | None) -> float | None:
    """Return what the best answer that is the same for every row gets right, where it is known."""
    if empty is not None or main is None:
        return empty
    found = (one.commonest_share for one in main.files.values())
    return next((one for one in found if one is not None), None)


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ContentError(f"{shown_path(path)} is no table that can be read.") from error


def file_stamp(path: Path) -> int:
    """Return a number that changes whenever a file does."""
    look = path.stat()
    return hash((look.st_mtime_ns, look.st_size))


def _stamp(folder: Path) -> int:
    """Return a number that changes whenever a file of a folder does."""
    files = [file for file in folder.glob("*") if file.is_file()]
    looks = [(file.name, (look := file.stat()).st_mtime_ns, look.st_size) for file in files]
    return hash(tuple(sorted(looks)))
