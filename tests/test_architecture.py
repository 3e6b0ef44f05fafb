"""The house of the project's design: who may import whom, and how large a room may grow."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "evalharness"
LAYERS = {
    "core": 0,
    "metrics": 1,
    "catalog": 1,
    "ledger": 2,
    "servers": 2,
    "backends": 3,
    "extractors": 3,
    "tinyworld": 3,
    "runner": 4,
    "board": 4,
    "report": 5,
    "deciding": 5,  # what needs both a runner and a board
    "app": 6,
    "cli": 7,  # one of its verbs opens the app
}
LIGHT = ("core", "metrics", "catalog", "ledger", "board", "report", "deciding", "app", "cli")
HEAVY = {"torch", "torchvision", "diffusers", "transformers", "open_clip", "peft", "accelerate"}
VAGUE = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"}
LONGEST_MODULE = 300
TABLES = {"ledger/rows.py": 400}  # one dataclass after another, read like a list
LONGEST_FUNCTION = 60

MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in MODULES}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def folder_of(module: str) -> str:
    """The folder of the package a module lives in; empty for the package's own modules."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever in it, with its line."""
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            yield node.lineno, base
            if base == "evalharness":
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def at_import_time(path: Path) -> Iterator[tuple[int, str]]:
    """The imports that run when the module is imported: not in functions, not for types only."""
    later: set[int] = set()
    for node in ast.walk(TREES[path]):
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if inner or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            later.update(getattr(child, "lineno", 0) for child in ast.walk(node))
    yield from ((line, module) for line, module in imports(path) if line not in later)


def broken(rule: str, places: list[str]) -> str:
    return f"{rule}:\n  " + "\n  ".join(places)


def test_the_walk_sees_the_package() -> None:
    assert PACKAGE / "core" / "keys.py" in MODULES
    found = {module for _, module in imports(PACKAGE / "core" / "keys.py")}
    assert "evalharness.core.nouns" in found


def test_every_folder_has_a_layer() -> None:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert folders <= LAYERS.keys(), f"give these a layer: {folders - LAYERS.keys()}"


def test_imports_point_to_lower_layers_only() -> None:
    wrong = []
    for path in MODULES:
        here = folder_of(name_of(path))
        if not here:
            continue
        for line, module in imports(path):
            if not (module == "evalharness" or module.startswith("evalharness.")):
                continue
            there = folder_of(module)
            if there != here and (not there or LAYERS[there] >= LAYERS[here]):
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} imports {module}")
    assert not wrong, broken("upwards or sideways (reach it through the registry)", wrong)


@pytest.mark.parametrize("folder", LIGHT)
def test_light_folders_never_import_networks(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {module}"
        for path in MODULES
        if folder_of(name_of(path)) == folder
        for line, module in imports(path)
        if module.partition(".")[0] in HEAVY
    ]
    assert not wrong, broken("networks live in backends and extractors", wrong)


def test_modules_stay_short() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    wrong = [
        f"{path.relative_to(PACKAGE)}: {length} lines"
        for path, length in lengths.items()
        if length > TABLES.get(path.relative_to(PACKAGE).as_posix(), LONGEST_MODULE)
    ]
    assert not wrong, broken(f"more than {LONGEST_MODULE} lines (split by what changes)", wrong)


def test_functions_stay_short() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not wrong, broken(f"functions of more than {LONGEST_FUNCTION} lines", wrong)


def test_names_say_what_is_inside() -> None:
    wrong = [str(p.relative_to(PACKAGE)) for p in MODULES if set(p.stem.split("_")) & VAGUE]
    wrong += [str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*") if p.name in VAGUE]
    assert not wrong, broken("names that could hold anything", wrong)


def light_modules() -> list[str]:
    """What planning, the board and `--help` import."""
    from evalharness.catalog.registry import BUILT_IN

    folders = ("core", "metrics", "catalog", "ledger", "board", "report", "deciding", "cli")
    modules = [
        name_of(path)
        for path in MODULES
        if folder_of(name_of(path)) in folders and path.name != "__main__.py"
    ]
    entries = [
        target.partition(":")[0] for section in BUILT_IN.values() for target in section.values()
    ]
    built = [entry for entry in entries if importlib.util.find_spec(entry.rpartition(".")[0])]
    return [*modules, *(entry for entry in built if importlib.util.find_spec(entry))]


def test_light_modules_leave_networks_unloaded() -> None:
    """In a fresh interpreter, because this one may have loaded torch for other tests."""
    script = (
        "import importlib, sys\n"
        f"heavy = {sorted(HEAVY)!r}\n"
        f"for name in {light_modules()!r}:\n"
        "    importlib.import_module(name)\n"
        "    loaded = [h for h in heavy if h in sys.modules]\n"
        "    if loaded: sys.exit(f'{name} loads {loaded}')\n"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-2000:]


def test_modules_have_no_circles() -> None:
    """Within a folder imports are free, but a circle at import time is a knot."""
    names = {name_of(path): path for path in MODULES}
    graph = {
        name: {m for _, m in at_import_time(path) if m in names and m != name}
        for name, path in names.items()
    }
    removed = True
    while removed:
        removed = [name for name, needs in graph.items() if not needs & graph.keys()]
        for name in removed:
            del graph[name]
    assert not graph, broken("these import each other in circles", sorted(graph))
