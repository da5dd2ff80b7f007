"""What is built for others: the wheel and the sdist, and radtex in an environment of its own."""

import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "src" / "radtex"
ENTRIES = ("pyproject.toml", "README.md", "LICENSE", "src")


def files_of(folder: Path) -> set[str]:
    """The files of the package, code and data, as a wheel names them."""
    return {
        f"radtex/{file.relative_to(folder).as_posix()}"
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built from a copy without what git leaves out."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    source.mkdir()
    for entry in ENTRIES:
        if (HERE / entry).is_dir():
            unwanted = ignore_patterns("__pycache__", "*.egg-info")
            copytree(HERE / entry, source / entry, ignore=unwanted)
        else:
            (source / entry).write_bytes((HERE / entry).read_bytes())
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source]
    subprocess.run(build, check=True, capture_output=True)
    return folder / "dist"


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == files_of(PACKAGE)
    kinds = {Path(name).suffix for name in names}
    assert kinds >= {".py", ".yaml", ".typed"}


def test_the_sdist_holds_what_the_wheel_is_made_of(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {f"src/{name}" for name in files_of(PACKAGE)} <= names
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names


def test_the_wheel_works_outside_the_checkout(built: Path, tmp_path: Path) -> None:
    """In an environment that has the packages of this one, but radtex from the wheel."""
    (wheel,) = built.glob("*.whl")
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    own = next((home / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(own)
    # An editable radtex of this environment is found by its finder, which .pth files of a folder
    # that is named in a .pth file do not start.
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def said(*words: str) -> str:
        clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
        ended = subprocess.run(
            [home / "bin" / "python", *words],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert str(own) in said("-c", "import radtex; print(radtex.__file__)")
    assert "corpus" in said("-m", "radtex", "--help")
    assert "radtex-small" in said("-m", "radtex", "recipes")
    corpus = ["corpus", "build", "phantom", "--studies", "4", "--size", "32", "--out", "corpus"]
    assert "4  rows kept" in said("-m", "radtex", *corpus, "--workers", "1")
    label = "import radtex; print(radtex.label_report('No effusion. Mild edema.')['Edema'])"
    assert said("-c", label) == "1\n"


def test_every_extra_is_in_the_documents() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (HERE / "docs" / "install.md").read_text(encoding="utf-8")
    missing = [name for name in project["optional-dependencies"] if f"| `{name}` |" not in text]
    assert not missing
