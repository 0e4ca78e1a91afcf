"""The house rules of docs and `CONTRIBUTING.md`, read from the source itself.

The imports of every file are read with `ast`, so nothing here runs the code it judges, apart from
one process that imports the light modules to see that no model library comes along.
"""

import ast
import graphlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MODEL_LIBRARIES = {"torch", "transformers", "peft"}
# These run or train a model, and are themselves imported only when one is needed.
MODEL_MODULES = {
    "lib.inference.engine",
    "lib.inference.label_scores",
    "lib.training.forward",
    "lib.training.held_out",
    "lib.training.trainer",
    "lib.training.export",
}

# Which parts of lib each part may import, besides itself and the shared words of SHARED.
MAY_IMPORT: dict[str, set[str]] = {
    "content": set(),
    "estimator": set(),
    "inference": set(),
    "evaluation": {"inference"},
    "training": {"inference"},
    "verdict": {"content", "inference", "evaluation", "training"},
    "ui": {"content", "estimator", "inference", "evaluation", "training", "verdict"},
    "cli": {"content", "estimator", "inference", "evaluation", "training", "verdict"},
}
SHARED = {
    "errors", "task", "rows", "files", "paths", "questions", "task_change", "rewording", "uploads",
    "columns",
}  # fmt: skip

MAX_PAGE_LINES = 80
MAX_MODULE_LINES = 400


@dataclass(frozen=True)
class Import:
    """One imported module, and whether it comes along when the importing module is imported."""

    module: str
    at_module_level: bool


@dataclass(frozen=True)
class Source:
    """One Python file of the app."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def part(self) -> str:
        """The part of lib that the file belongs to: `lib/cli.py` and `lib/cli_text.py` are cli."""
        first = Path(self.path.relative_to(ROOT / "lib").parts[0]).stem
        return "cli" if first.startswith("cli") or first == "__main__" else first

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.tree, at_module_level=True))


def _imports(node: ast.AST, at_module_level: bool) -> Iterator[Import]:
    """Yield what a file imports when it runs; blocks for the type checker alone don't."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, at_module_level)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute, so that these tests can follow them"
            assert child.module is not None
            for alias in child.names:
                inner = f"{child.module}.{alias.name}"
                yield Import(inner if inner in MODULES else child.module, at_module_level)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, at_module_level and not inside)


LIB = [Source(path) for path in sorted((ROOT / "lib").rglob("*.py"))]
PAGES = [Source(path) for path in sorted((ROOT / "pages").glob("*.py"))]
APP = [Source(path) for path in [ROOT / "app.py"] if path.is_file()]
EVERYTHING = [*APP, *PAGES, *LIB]
MODULES = {source.module for source in LIB}


def libraries(source: Source, at_module_level_only: bool = False) -> set[str]:
    return {
        one.module.partition(".")[0]
        for one in source.imports
        if one.at_module_level or not at_module_level_only
    }


def lib_parts(source: Source) -> set[str]:
    """Return the parts of lib that a file imports from, the shared words left out."""
    modules = {one.module for one in source.imports if one.module.startswith("lib.")}
    return {Source(_file_of(module)).part for module in modules} - SHARED


def _file_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


# ---------------------------------------------------------------- layers


def test_only_ui_imports_streamlit() -> None:
    offenders = [
        source.name for source in LIB if source.part != "ui" and "streamlit" in libraries(source)
    ]

    assert offenders == []


def test_every_part_of_lib_has_a_place_in_the_layers() -> None:
    parts = {source.part for source in LIB if source.path != ROOT / "lib" / "__init__.py"}

    assert parts - SHARED - MAY_IMPORT.keys() == set()


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_arrows_never_point_back(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}

    offenders = {
        source.name: sorted(lib_parts(source) - allowed) for source in LIB if source.part == part
    }

    assert {name: parts for name, parts in offenders.items() if parts} == {}


def test_the_shared_words_import_nothing_of_lib_but_each_other() -> None:
    offenders = [source.name for source in LIB if source.part in SHARED and lib_parts(source)]

    assert offenders == []


def test_pages_and_app_reach_no_model_library() -> None:
    offenders = [one.name for one in (*APP, *PAGES) if libraries(one) & MODEL_LIBRARIES]

    assert offenders == []


def test_lib_imports_nothing_of_the_pages() -> None:
    offenders = [one.name for one in LIB if libraries(one) & {"app", "pages", "tests"}]

    assert offenders == []


def test_modules_of_lib_import_each_other_in_no_circle() -> None:
    graph = {
        source.module: {one.module for one in source.imports if one.module in MODULES}
        - {source.module}
        for source in LIB
    }

    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


# ---------------------------------------------------------------- model libraries


def test_model_libraries_are_imported_at_module_level_only_where_a_model_runs() -> None:
    importers = {
        source.module
        for source in LIB
        if libraries(source, at_module_level_only=True) & MODEL_LIBRARIES
    }

    assert importers == MODEL_MODULES


@pytest.mark.slow
def test_importing_all_other_modules_loads_no_model_library() -> None:
    light = sorted(MODULES - MODEL_MODULES - {"lib.__main__"})
    script = (
        "import importlib, json, sys\n"
        "loaded = {}\n"
        f"for name in {light!r}:\n"
        "    importlib.import_module(name)\n"
        f"    for library in {sorted(MODEL_LIBRARIES)!r}:\n"
        "        if library in sys.modules:\n"
        "            loaded.setdefault(library, name)\n"
        "print(json.dumps(loaded))\n"
    )

    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == {}, "library: the module that loaded it"


# ---------------------------------------------------------------- size and shape


def test_pages_are_thin() -> None:
    assert {
        one.name: length for one in PAGES if (length := one.text.count("\n")) > MAX_PAGE_LINES
    } == {}


def test_modules_are_short() -> None:
    assert {
        one.name: length
        for one in (*APP, *LIB)
        if (length := one.text.count("\n")) > MAX_MODULE_LINES
    } == {}


def test_public_functions_and_classes_of_lib_have_docstrings() -> None:
    missing = [
        f"{source.name}: {definition.name}"
        for source in LIB
        for definition in _public_definitions(source.tree)
        if not ast.get_docstring(definition)
    ]

    assert missing == []


def test_every_module_says_what_it_is_for() -> None:
    assert [one.name for one in (*APP, *LIB) if not ast.get_docstring(one.tree)] == []


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public_definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public_definitions(child)


# ---------------------------------------------------------------- what is not done here


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("raw HTML in a page", r"unsafe_allow_html"),
        ("pickle, which runs what it reads", r"\b(c?[Pp]ickle|torch\.load)\b"),
        ("an open end", r"\b(TODO|FIXME|XXX)\b"),
    ],
)
def test_the_code_is_free_of(what: str, pattern: str) -> None:
    found = [
        f"{source.name}:{number}"
        for source in EVERYTHING
        for number, line in enumerate(source.text.splitlines(), start=1)
        if re.search(pattern, line)
    ]

    assert found == [], what


def test_no_error_is_swallowed() -> None:
    swallowed = [
        f"{source.name}:{node.lineno}"
        for source in EVERYTHING
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _swallows(node)
    ]

    assert swallowed == []


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is bare, or catches everything and does nothing."""
    if handler.type is None:
        return True
    broad = ast.unparse(handler.type) in ("Exception", "BaseException")
    nothing = all(
        isinstance(one, ast.Pass | ast.Continue)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in handler.body
    )
    return broad and nothing
