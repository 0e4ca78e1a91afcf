"""The commands. Each prints a short human answer, or with `--json` one JSON object on stdout.

A user's mistake gives one line on stderr and exit status 2, never a traceback.
"""

import argparse
import io
import os
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli_classic import add_classic
from lib.cli_common import MISTAKE, Parser, add_command, add_conditions, positive, print_answer
from lib.cli_curve import add_curve
from lib.cli_estimate import add_estimate
from lib.cli_evaluate import add_evaluate
from lib.cli_forgetting import add_forgetting
from lib.cli_gallery import add_gallery
from lib.cli_stability import add_stability
from lib.cli_verdict import add_verdict
from lib.content.tasks import load_task, task_names
from lib.errors import DataError, InputError, UserError
from lib.inference.conditions import parse_conditions
from lib.task_change import changed_task, find_change

if TYPE_CHECKING:
    from lib.inference.parsing import Written
    from lib.inference.remote import RemoteModel


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What can't be written in the terminal's encoding is shown as its number.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _build_parser().parse_args(words)
    options.command_line = shlex.join(["python", "-m", "lib", *words])
    try:
        options.handler(options)
    except UserError as error:
        print(str(error), file=sys.stderr)
        return MISTAKE
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m lib", description="Prompt or Tune without a browser.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)

    prepare = add_command(
        commands, "prepare", _prepare, "turn published files into the rows used here"
    )
    prepare.add_argument("--task", required=True)
    prepare.add_argument("--source", type=Path, nargs="+", required=True, metavar="FILE")
    prepare.add_argument("--out", type=Path, required=True, metavar="ROWS.jsonl")
    prepare.add_argument("--set", metavar="NAME", help="one set of the task's rows.json only")

    train = add_command(commands, "train", _train, "train a LoRA adapter and write a task folder")
    train.add_argument("--data", type=Path, required=True, metavar="ROWS")
    train.add_argument("--out", type=Path, required=True, metavar="DIR")
    train.add_argument("--recipe", type=Path, metavar="RECIPE.yaml")
    train.add_argument(
        "--task", help="whose prompts to use; without it they are made from the rows"
    )

    compare = add_command(commands, "compare", _compare, "put one text through the model four ways")
    compare.add_argument("--task", required=True)
    for field in ("text", "context", "question"):
        compare.add_argument(f"--{field}")
    compare.add_argument("--change", metavar="ID", help="under a changed requirement of the task")
    compare.add_argument(
        "--remote", action="store_true", help="ask the hosted model of POT_REMOTE_BASE_URL too"
    )
    add_conditions(compare)

    add_evaluate(commands, _load_model)
    add_classic(commands, _load_model)
    add_forgetting(commands, _load_model)
    add_stability(commands, _load_model)
    add_gallery(commands, _load_model)
    add_curve(commands, _load_model)
    add_verdict(commands, _load_model, _interrupt_event)
    add_estimate(commands)

    search = add_command(commands, "search", _search, "search questions, concepts, words, findings")
    search.add_argument("query")
    search.add_argument("--limit", type=positive, default=8, metavar="N")

    add_command(commands, "setup-model", _setup_model, "convert the base model, once")
    add_command(commands, "check-content", _check_content, "check every file under content/")
    port = add_command(commands, "check-port", _check_port, "tell whether a port is free")
    port.add_argument("port", type=positive)
    return parser


# -------------------------------------------------------------------------------- the commands


def _compare(options: argparse.Namespace) -> None:
    from lib.inference.compare import Comparer
    from lib.inference.prompts import clean_inputs

    task = load_task(options.task)
    if options.change is not None:
        task = changed_task(task, find_change(task, options.change))
    given = {
        field: value
        for field in ("text", "context", "question")
        if (value := getattr(options, field)) is not None
    }
    missing = [f"--{field}" for field in task.input_fields if field not in given]
    extra = [f"--{field}" for field in given if field not in task.input_fields]
    if missing or extra:
        raise InputError(
            f"The task '{task.id}' needs {' and '.join(missing)}."
            if missing
            else f"The task '{task.id}' takes no {extra[0]}."
        )
    clean_inputs(task, given)  # before the model loads
    conditions = parse_conditions(options.conditions.split(","))
    remote = _remote_model() if options.remote else None
    comparison = Comparer(_load_model()).compare(task, given, conditions)
    lines = [
        f"{reply.condition.shown_as:18}  {_form(reply):9}  "
        f"{len(reply.prompt.ids):5} + {reply.output_tokens:3} tokens  {reply.raw!r}"
        for reply in comparison.replies
    ]
    lines.append(f"{comparison.seconds:.1f} s, {comparison.dtype}")
    data = comparison.to_json()
    if remote is not None:
        from lib.inference.remote import replies_json

        replies = remote.answer(task, given)
        data["remote"] = replies_json(replies)
        lines += [
            f"{reply.model}, {reply.condition.shown_as}, {reply.seconds:.1f} s: "
            f"{reply.problem or _form(reply)}  {reply.raw!r}"
            for reply in replies
        ]
    print_answer(options, data, lines)


def _remote_model() -> "RemoteModel":
    """Return the hosted model that the environment names."""
    from lib.inference.remote import RemoteModel
    from lib.inference.remote_settings import BASE_URL, MODEL, read_settings

    settings = read_settings(os.environ)
    if settings is None:
        raise InputError(f"--remote needs a hosted model: set {BASE_URL} and {MODEL}.")
    return RemoteModel(settings)


def _form(reply: "Written") -> str:
    if reply.valid:
        return "valid"
    return "not valid" if reply.old_answer is None else "old form"


def _train(options: argparse.Namespace) -> None:
    from lib.files import read_yaml
    from lib.training.recipe import Recipe
    from lib.training.run import train_task_folder

    result = train_task_folder(
        options.data,
        options.out,
        read_yaml(options.recipe, Recipe) if options.recipe else Recipe(),
        load_task(options.task) if options.task else None,
        _load_model,
        _interrupt_event(),
    )
    record = result.record
    inputs = " ".join(f"--{field} '...'" for field in load_task(str(options.out)).input_fields)
    print_answer(
        options,
        {"out": str(options.out), "adapter_sha256": result.adapter_sha256, **asdict(record)},
        [
            f"{record.rows} rows in {record.seconds / 60:.1f} minutes, loss {record.last_loss}"
            + (" (stopped before the end)." if record.stopped else "."),
            f"Try it: python -m lib compare --task {shlex.quote(str(options.out))} {inputs}",
        ],
    )


def _prepare(options: argparse.Namespace) -> None:
    from lib.training.prepare import prepare

    count = prepare(load_task(options.task), options.source, options.out, options.set)
    print_answer(
        options,
        {"rows": count, "out": str(options.out)},
        [f"{count} rows written to {options.out}."],
    )


def _setup_model(options: argparse.Namespace) -> None:
    from lib.inference import base_model

    where = base_model.prepare(lambda what: print(f"{what} ...", file=sys.stderr, flush=True))
    print_answer(options, {"base_model": str(where)}, [f"The base model is ready: {where}"])


def _search(options: argparse.Namespace) -> None:
    from lib.content.library import load_library
    from lib.content.search import SearchIndex

    found = SearchIndex(load_library()).search(options.query, options.limit)
    hits = [
        {"kind": one.kind.value, "id": one.id, "title": one.title, "score": one.score}
        for one in found.hits
    ]
    lines = [f"{one.kind.value:<9} {one.id:<24} {one.title}" for one in found.hits]
    if found.is_closest or not lines:
        lines.insert(0, "Nothing found." + (" The closest are:" if lines else " Try other words."))
    corrected = dict(found.corrected)
    lines += [f"Searched '{taken}' for '{word}'." for word, taken in corrected.items()]
    print_answer(
        options,
        {
            "query": found.query,
            "results": hits,
            "corrected": corrected,
            "is_closest": found.is_closest,
        },
        lines,
    )


def _check_content(options: argparse.Namespace) -> None:
    from datetime import date

    from lib.content.checks import check_all, overdue
    from lib.content.library import load_library
    from lib.evaluation.measured_names import measured_names

    names = {name for task in task_names() for name in measured_names(load_task(task))}
    problems = check_all(names)
    if problems:
        raise DataError("\n".join(problems))
    late = overdue(load_library(), date.today())
    print_answer(options, {"problems": [], "overdue": late}, ["Content is fine.", *late])


def _check_port(options: argparse.Namespace) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", options.port))
        except (OSError, OverflowError) as error:
            raise InputError(
                f"Port {options.port} can't be used ({getattr(error, 'strerror', None) or error}): "
                "choose another one, for instance `make run PORT=8502`."
            ) from error
    print_answer(options, {"port": options.port, "free": True}, [])


def _load_model() -> Any:
    from lib.inference import base_model

    return base_model.load(lambda what: print(f"{what} ...", file=sys.stderr, flush=True))


def _interrupt_event() -> threading.Event:
    """Return an event that Ctrl-C sets once, so that a training can stop and keep what it has."""
    event = threading.Event()

    def stop(number: int, frame: object) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()
        print("Stopping after this step; press Ctrl-C again to drop everything.", file=sys.stderr)

    signal.signal(signal.SIGINT, stop)
    return event
