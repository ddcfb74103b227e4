"""The rules of the house: imports go one way, heavy and outward libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "leadership_study"

BASE = {"errors", "results", "by_name"}
MEASURING = BASE | {"samples", "sem"}
ASKING = BASE | {"instruments"}
ANSWERING = ASKING | {"importing"}
JOINED = MEASURING | ANSWERING | {"validation", "scoring"}
MAY_IMPORT = {
    "errors": {"results"},  # for a type only
    "results": {"errors"},
    "by_name": {"errors"},
    "samples": BASE,
    "sem": BASE | {"samples"},
    "instruments": BASE,
    "importing": ASKING,
    "validation": ANSWERING | {"samples"},
    "scoring": ANSWERING | {"validation", "samples"},
    "measurement": JOINED,
    "influences": JOINED | {"measurement"},
    "interviews": JOINED | {"measurement", "influences"},
    "districts": JOINED | {"measurement", "influences"},
    "synthesis": JOINED | {"measurement", "influences", "interviews", "districts"},
}
MAY_IMPORT["reporting"] = MAY_IMPORT["synthesis"] | {"synthesis"}
MAY_IMPORT["study"] = MAY_IMPORT["reporting"] | {"reporting"}
MAY_IMPORT["__main__"] = MAY_IMPORT["study"] | {"study"}

FILES = sorted(SOURCE.rglob("*.py"))
NO_FILES = {"samples", "sem", "measurement", "influences"}
OPENS = {"open", "read_csv", "read_text", "read_bytes", "write_text", "write_bytes", "to_csv", "savefig"}


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_one_way(path):
    part = part_of(path)
    if part == "__init__":
        light = {"importlib", "sys", "types", "types.ModuleType", "typing", "typing.Any"}
        assert not imported(path) - light, "the public names load lazily"
        return
    own = {name.split(".")[1] for name in imported(path) if name.startswith("leadership_study.")} - {"__version__"}
    assert own <= MAY_IMPORT[part] | {part}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_reporting_draws_and_only_outer_parts_open_files(path):
    part = part_of(path)
    if part not in {"reporting", "study"}:
        assert not any(name.split(".")[0] in {"matplotlib", "docx", "jinja2", "nbclient"} for name in imported(path))
    if part in NO_FILES:
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
        assert not names & OPENS


def test_no_circles_inside_a_package():
    graph = {}
    for path in FILES:
        name = ".".join(("leadership_study", *path.relative_to(SOURCE).with_suffix("").parts))
        graph[name.removesuffix(".__init__")] = top_level_imports(path)
    state: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " → ".join([*trail, module])
        if state.get(module) == 2 or module not in graph:
            return
        state[module] = 1
        for target in sorted(graph[module]):
            if target != module:
                visit(target, (*trail, module))
        state[module] = 2

    for module in sorted(graph):
        visit(module, ())


def top_level_imports(path: Path) -> set[str]:
    """Imports at module level, type-checking blocks and package re-exports aside."""
    found = set()
    if path.name == "__init__.py":
        return found
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400, "probably two things: split it"


def test_importing_the_package_loads_nothing():
    heavy = ("numpy", "pandas", "scipy", "matplotlib")
    code = f"import sys, leadership_study; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    import leadership_study

    missing = [name for name in leadership_study.__all__ if not hasattr(leadership_study, name)]
    assert missing == []


def test_no_assert_guards_users_mistakes():
    found = [
        str(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_nothing_of_this_machine_or_of_package_indexes_is_written_down():
    root = SOURCE.parents[1]
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    bad = ["index" + "-url", "find" + "-links", str(Path.home()) + "/", str(root) + "/"]
    hits = []
    for name in listed.stdout.splitlines():
        path = root / name
        if path.is_file() and path.suffix not in {".png", ".ico"}:
            text = path.read_text("utf-8", errors="ignore")
            hits += [f"{name}: {word}" for word in bad if word in text]
    assert hits == []
