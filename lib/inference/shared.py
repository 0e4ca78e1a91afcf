"""The one comparer of this process: loaded when first needed, then shared by all visitors."""

import threading
from collections.abc import Callable

from lib.inference import base_model
from lib.inference.compare import Comparer

_lock = threading.Lock()
_comparer: Comparer | None = None


def get_comparer(progress: Callable[[str], None] = lambda what: None) -> Comparer:
    """Return the process's comparer; the first caller loads the model, the others wait for it.

    A failure is not remembered: the next caller tries again.

    Raises:
        BaseModelError: if the base model can't be found, prepared or read.
    """
    global _comparer
    if _comparer is None:
        with _lock:
            if _comparer is None:
                progress("Starting the model")
                _comparer = Comparer(base_model.load(progress))
    return _comparer


def is_busy() -> bool:
    """Whether somebody waits for the comparer's answer right now; False where none is loaded."""
    return _comparer is not None and _comparer.turns.taken
