"""Promises about the code itself: where a thing lies, how large it is, what it is called."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "radtex"
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES, MOST_MODULES = 400, 20


def short(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def has_behaviour(file: Path) -> bool:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) for node in ast.walk(parsed(file)))


def own_tests(file: Path) -> Path:
    """Return where the tests of a module stand; a package's are named after its folder."""
    if file == SOURCE / "__init__.py":
        return TESTS / "test_public_names.py"
    name = file.parent.name if file.stem == "__init__" else file.stem
    return TESTS / file.parent.relative_to(SOURCE) / f"test_{name}.py"


@pytest.mark.parametrize("file", FILES, ids=short)
def test_a_file_fits_in_the_head(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{lines} lines; split it by concept, {MOST_LINES} are the most"


def test_a_folder_can_be_seen_at_a_glance() -> None:
    modules = Counter(file.parent for file in FILES if file.name != "__init__.py")
    full = {short(folder): count for folder, count in modules.items() if count > MOST_MODULES}
    assert not full, f"folders of more than {MOST_MODULES} modules, make subfolders: {full}"


def test_a_module_name_means_one_thing() -> None:
    """Commands are named after their rooms, and a module may be named as its folder."""
    homes = defaultdict(list)
    for file in FILES:
        own = not file.stem.startswith("__") and file.stem != file.parent.name
        if own and file.parent != SOURCE / "cli":
            homes[file.stem].append(short(file))
    clashes = [" and ".join(files) for files in homes.values() if len(files) > 1]
    assert not clashes, f"one name, several modules; rename all but one: {'; '.join(clashes)}"


@pytest.mark.parametrize("file", [*filter(has_behaviour, FILES)], ids=short)
def test_a_module_with_functions_has_tests_of_its_name(file: Path) -> None:
    tests = own_tests(file)
    assert tests.is_file(), f"write tests/{tests.relative_to(TESTS).as_posix()}"
    assert any(
        isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for node in ast.walk(parsed(tests))
    ), f"tests/{tests.relative_to(TESTS).as_posix()} holds no test"


def test_loggers_have_one_name() -> None:
    other = [
        f"{short(file)}:{node.lineno}"
        for file in FILES
        for node in parsed(file).body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.value).startswith("logging.getLogger(")
        and ast.unparse(node.targets[0]) != "_log"
    ]
    assert not other, f"a module's logger is called _log; these are not: {', '.join(other)}"


def test_nothing_is_unpickled_or_evaluated() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert "import pickle" not in text, short(file)
        assert "eval(" not in text.replace(".eval(", ""), short(file)
        assert text.count("torch.load(") == text.count("weights_only=True"), short(file)


def test_every_room_is_described() -> None:
    text = (TESTS.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {short(file.parent) for file in SOURCE.rglob("*.yaml") if file.parent != SOURCE}
    rooms |= {short(file.parent) for file in FILES if file.parent != SOURCE}
    missing = sorted(room for room in rooms if f"`{room}/`" not in text)
    assert not missing, f"docs/architecture.md says nothing of {', '.join(missing)}"
