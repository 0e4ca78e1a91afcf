"""The gallery of losses as samples of the demo page: a link opens them, no button does."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from lib.content.gallery import Gallery, gallery_file, load_gallery
from lib.errors import ContentError
from lib.task import Sample, Task
from lib.task_change import ChangedTask, translated


def samples(task: Task) -> tuple[Sample, ...]:
    """Return the items of a task's gallery; none where it has none or it can't be read.

    Under a changed requirement a renamed answer is translated. Where something was added nobody has
    looked for it in these inputs, so no answer is expected.
    """
    original = task.original if isinstance(task, ChangedTask) else task
    gallery = get_gallery(original)
    found = [one.as_sample for one in gallery.items] if gallery else []
    if isinstance(task, ChangedTask):
        return tuple(replace(one, expected=_expected(task, one)) for one in found)
    return tuple(found)


def get_gallery(task: Task) -> Gallery | None:
    """Return a task's gallery as its file is now, or None where it has none.

    A broken one counts as none here; the results page tells what is wrong with it.
    """
    try:
        return read_gallery(task)
    except ContentError:
        return None


def read_gallery(task: Task) -> Gallery | None:
    """Return a task's gallery as its file is now, or None where it has none.

    Raises:
        ContentError: naming file, line and field.
    """
    path = gallery_file(task)
    try:
        look = path.stat()
    except OSError:
        return None
    return _read(path, look.st_mtime_ns, look.st_size, task)


@st.cache_resource(max_entries=12, show_spinner=False)
def _read(path: Path, changed: int, size: int, _task: Task) -> Gallery | None:
    return load_gallery(_task)


def _expected(task: ChangedTask, sample: Sample) -> str | None:
    if task.change.add or sample.expected is None:
        return None
    return translated(task.original, task.change, sample.expected)
