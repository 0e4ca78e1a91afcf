"""All that can be said about a data file before anybody trains on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.columns import OutputKind, Roles, RowText, find_roles, normalised, output_kind, row_texts
from lib.columns import canonical as canonical_output
from lib.estimator.hosted_formats import Rejection, find_rejections
from lib.estimator.row_labels import Conflict, LabelBalance, find_conflicts, label_balance
from lib.estimator.row_tokens import CountTokens, TokenCounts, count_tokens
from lib.estimator.row_twins import (
    Leak,
    RowGroup,
    find_leaks,
    near_groups,
    same_groups,
)
from lib.uploads import Format, Upload


@dataclass(frozen=True)
class TestFile:
    """How the test file fares against the training file."""

    __test__ = False  # pytest takes classes of this name for tests

    name: str
    rows: int
    leaks: tuple[Leak, ...]

    @property
    def leaked_share(self) -> float:
        """Share of the test rows that the training rows hold too, nearly the same included."""
        return len(self.leaks) / self.rows


@dataclass(frozen=True)
class RowsReport:
    """What a file holds; rows go by number, 1 for the first row of data."""

    name: str
    format: Format
    size_bytes: int
    rows: int
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    roles: Roles
    outputs: OutputKind
    tokens: TokenCounts
    duplicates: tuple[RowGroup, ...]
    """Rows with the same input and the same output."""
    near_duplicates: tuple[RowGroup, ...]
    """Rows with nearly the same input; of equal inputs only the first is listed."""
    conflicts: tuple[Conflict, ...]
    labels: LabelBalance | None
    """Only where the outputs are labels."""
    empty_inputs: tuple[int, ...]
    empty_outputs: tuple[int, ...]
    """None where no column is the output."""
    rejections: tuple[Rejection, ...]
    test: TestFile | None = None

    @property
    def duplicate_rows(self) -> int:
        """How many rows could go without losing anything."""
        return sum(len(one.rows) - 1 for one in self.duplicates)

    @property
    def classes(self) -> int | None:
        """How many labels there are; None without labels, or with one, which parts nothing yet."""
        number = len(self.labels.labels) if self.labels else 0
        return number if number > 1 else None

    @property
    def usable_rows(self) -> int:
        """Rows that are left without duplicates and without empty inputs or outputs."""
        gone = {number for one in self.duplicates for number in one.rows[1:]}
        return self.rows - len(gone.union(self.empty_inputs, self.empty_outputs))


def report(
    upload: Upload,
    *,
    count: CountTokens | None = None,
    test: Upload | None = None,
    inputs: Sequence[str] | None = None,
    output: str | None = None,
    seed: int = 1,
) -> RowsReport:
    """Return what a file holds, and what of a test file it holds too.

    `count` counts tokens (see `row_tokens.demo_counter`); without it they are estimated. `inputs`
    and `output` name the columns where the guess is wrong.

    Raises:
        InputError: naming the column that a file does not have.
    """
    roles = find_roles(upload, inputs, output)
    rows = row_texts(upload, roles)
    kind = output_kind(rows, roles)
    numbers = [one.number for one in rows]
    sources = [normalised(one.input) for one in rows]
    keys = [
        f"{source}\x00{canonical_output(one.output)}" if source else ""
        for source, one in zip(sources, rows, strict=True)
    ]
    return RowsReport(
        name=upload.name,
        format=upload.format,
        size_bytes=upload.size_bytes,
        rows=len(rows),
        columns=upload.columns,
        notes=upload.notes,
        roles=roles,
        outputs=kind,
        tokens=count_tokens(rows, count, seed),
        duplicates=same_groups(numbers, keys),
        near_duplicates=near_groups(numbers, sources),
        conflicts=find_conflicts(rows, sources),
        labels=label_balance(rows) if kind == "labels" else None,
        empty_inputs=tuple(one.number for one in rows if not one.input.strip()),
        empty_outputs=_without_output(rows, roles),
        rejections=find_rejections(upload, roles, rows, count),
        test=_test_file(test, inputs, output, numbers, sources) if test else None,
    )


def _without_output(rows: Sequence[RowText], roles: Roles) -> tuple[int, ...]:
    if roles.form != "chat" and roles.output is None:
        return ()
    return tuple(one.number for one in rows if not one.output.strip())


def _test_file(
    test: Upload,
    inputs: Sequence[str] | None,
    output: str | None,
    numbers: Sequence[int],
    sources: Sequence[str],
) -> TestFile:
    rows = row_texts(test, find_roles(test, inputs, output))
    wanted = [(one.number, normalised(one.input)) for one in rows]
    return TestFile(
        test.name, len(rows), find_leaks(wanted, list(zip(numbers, sources, strict=True)))
    )
