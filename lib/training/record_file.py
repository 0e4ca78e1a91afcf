"""Reads what a training wrote down about itself: `training.json` in the task's folder."""

import json
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lib.errors import ContentError
from lib.files import read_text, shown_path
from lib.training.recipe import TrainingRecord


def read_training_record(folder: Path) -> TrainingRecord:
    """Return the record of the training that made the adapter of a task's folder.

    Raises:
        ContentError: if it is missing or not what `train` writes.
    """
    path = folder / "training.json"
    try:
        data = json.loads(read_text(path))
        wanted = {one.name: data[one.name] for one in fields(TrainingRecord)}
        return TypeAdapter(TrainingRecord).validate_python(wanted)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise ContentError(f"{shown_path(path)} is not what `train` writes.") from error
