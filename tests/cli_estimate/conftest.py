"""The estimates as commands, run in this process."""

import pytest

from lib.errors import BaseModelError
from lib.inference import base_model
from tests.running import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that estimates in this process, on a machine without the demo's model."""

    def no_model() -> None:
        raise BaseModelError("There is no model here.")

    monkeypatch.setattr(base_model, "find_source", no_model)

    return runner(capsys, "estimate")
