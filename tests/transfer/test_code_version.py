import subprocess
from importlib.metadata import version

import pytest

from radtex.transfer.code_version import PROTOCOL_VERSION, code_version, commit_of


def git(folder, *words):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init", "-q")
    package = tmp_path / "src" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (tmp_path / "README").write_text("")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begun")
    commit_of.cache_clear()
    yield package
    commit_of.cache_clear()


def test_a_checkout_has_its_commit(checkout):
    (checkout.parents[1] / "README").write_text("changed, and no part of the package")
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")


def test_changes_of_the_package_are_told(checkout):
    (checkout / "__init__.py").write_text("changed = True")
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD") + "+changes"


def test_a_package_installed_below_another_checkout_has_none_of_its_commits(checkout):
    installed = checkout.parents[1] / ".venv" / "package"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("")
    assert commit_of(installed) is None


def test_without_git_there_is_no_commit(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert commit_of(checkout) is None


def test_the_version_is_that_of_the_package():
    assert code_version()["radtex"] == version("radtex")
    assert PROTOCOL_VERSION >= 2
