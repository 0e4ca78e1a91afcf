"""What all commands share: a parser that speaks in one line, and the two forms of an answer."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lib.errors import InputError

if TYPE_CHECKING:
    from lib.uploads import Upload

MISTAKE = 2
"""The exit status of a user's mistake."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message with the command's name, and end."""
        print(f"{self.prog}: {message} (try --help)", file=sys.stderr)
        sys.exit(MISTAKE)


def add_command(commands: Any, name: str, handler: Any, about: str) -> argparse.ArgumentParser:
    """Return the parser of a new command, which `handler` will run."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(handler=handler)
    return parser


def add_conditions(parser: argparse.ArgumentParser) -> None:
    """Add the option that names conditions."""
    parser.add_argument(
        "--conditions",
        default="plain,engineered,lora,lora_engineered",
        metavar="NAMES",
        help="comma-separated: plain, engineered, lora, lora_engineered (default: all)",
    )


def print_answer(options: argparse.Namespace, data: dict[str, Any], lines: Sequence[str]) -> None:
    """Print one JSON object, or the lines for people."""
    print(json.dumps(data, ensure_ascii=False) if options.json else "\n".join(lines))


@contextmanager
def progress_bar(unit: str, title: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr where that is a terminal; yields what is told (done, in all)."""
    from tqdm import tqdm

    with tqdm(unit=unit, desc=title, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def positive(text: str) -> int:
    """Return a whole number above 0, as an option's type."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def read_file(path: Path) -> "Upload":
    """Return the rows of a file of somebody's own.

    Raises:
        InputError or DataError: if there is no such file, or its rows can't be read.
    """
    from lib.uploads import MAX_BYTES, read_upload

    if not path.is_file():
        raise InputError(f"There is no file {path}: give one of CSV or JSONL rows.")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # more is refused, whatever it holds
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.") from error
    return read_upload(data, path.name)
