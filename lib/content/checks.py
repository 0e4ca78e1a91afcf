"""Checks every content file, for `make check`: one line a problem."""

from collections.abc import Callable
from functools import partial

from lib.content.page_texts import load_page_texts
from lib.content.tasks import load_task, task_names
from lib.errors import ContentError


def check_all() -> list[str]:
    """Return the problems found, each naming file, line and field; empty if all is well."""
    problems = []
    checks: list[Callable[[], object]] = [load_page_texts]
    checks += [partial(load_task, name) for name in task_names()]
    for check in checks:
        try:
            check()
        except ContentError as error:
            problems.append(str(error))
    return problems
