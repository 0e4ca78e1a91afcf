"""Loads the general questions: what a model is asked to find out what a prompt or an adapter costs it."""

from pathlib import Path

from lib.files import read_yaml
from lib.paths import CONTENT
from lib.questions import GeneralQuestions

FILE = CONTENT / "general_questions.yaml"


def load_general_questions(path: Path = FILE) -> GeneralQuestions:
    """Return the questions with their rules.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, GeneralQuestions)
