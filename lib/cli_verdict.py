"""The `verdict` command: the train page's whole path without a browser."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.cli_common import add_command, print_answer, read_file
from lib.errors import DataError


def add_verdict(
    commands: Any, load_model: Callable[[], Any], stop_event: Callable[[], Any]
) -> None:
    """Add the command; `stop_event` returns an event that Ctrl-C sets."""
    verdict = add_command(
        commands, "verdict", _verdict, "your own rows: prompt, classic classifier or LoRA?"
    )
    verdict.set_defaults(load_model=load_model, stop_event=stop_event)
    verdict.add_argument("--data", type=Path, required=True, metavar="ROWS", help="CSV or JSON")
    verdict.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    verdict.add_argument("--input", action="append", metavar="COLUMN", help="if guessed wrong")
    verdict.add_argument("--output", metavar="COLUMN", help="if guessed wrong")


def _verdict(options: argparse.Namespace) -> None:
    from lib.content.verdict_texts import load_verdict_texts
    from lib.verdict.diary import read_progress
    from lib.verdict.folder import VERDICT, write_order
    from lib.verdict.judge import read_verdict
    from lib.verdict.own_rows import understand
    from lib.verdict.plan import make_order
    from lib.verdict.words import verdict_lines
    from lib.verdict.work import work

    own = understand(read_file(options.data), options.input, options.output)
    order = make_order(own)
    if options.out.exists() and any(options.out.iterdir()):
        raise DataError(f"{options.out} is not empty: name a new folder.")
    try:
        write_order(options.out, order)
    except OSError as error:
        raise DataError(f"{options.out} can't be written ({error.strerror}).") from error
    work(options.out, options.stop_event(), options.load_model, _tell)
    progress = read_progress(options.out)
    if progress.problem:
        raise DataError(progress.problem)
    verdict, _ = read_verdict(options.out / VERDICT)
    print_answer(
        options,
        {
            "out": str(options.out),
            "rows": len(own.rows),
            "left_out": len(own.left_out),
            "notes": [*own.notes, *progress.notes],
            **verdict.to_json(),
        },
        [*own.notes, *progress.notes, *verdict_lines(verdict, load_verdict_texts())],
    )


def _tell(event: object) -> None:
    """Say on stderr what begins, and what a way has scored."""
    from lib.verdict.diary import Scored, Stage, Trained

    if isinstance(event, Stage):
        print(f"{event.name} ...", file=sys.stderr)
    elif isinstance(event, Scored):
        print(f"  {event.way}: {event.right} of {event.rows} right", file=sys.stderr)
    elif isinstance(event, Trained) and event.number % 10 == 0:
        print(f"  step {event.number} of {event.of}, loss {event.loss:.3f}", file=sys.stderr)
