"""The course's Sphinx extension: where buttons point, and what the cache is keyed on."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "book" / "_ext"


@pytest.fixture(scope="module")
def load():
    """Return a function that imports a module of the extension."""

    def load_module(name: str) -> ModuleType:
        return importlib.import_module(f"course_site.{name}")

    sys.path.insert(0, str(FOLDER))
    yield load_module
    sys.path.remove(str(FOLDER))
    for name in [name for name in sys.modules if name.split(".")[0] == "course_site"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/someone/course.git", "https://github.com/someone/course"),
        ("https://name:secret@github.com/someone/course", "https://github.com/someone/course"),
        ("git@github.com:someone/course.git", "https://github.com/someone/course"),
        ("ssh://git@gitlab.com:22/group/course.git", "https://gitlab.com/group/course"),
        ("/home/someone/course.git", None),
        ("../course", None),
        ("file:///srv/course.git", None),
        ("origin:course", None),
        ("", None),
    ],
)
def test_web_address_of_a_remote(load, remote, address):
    assert load("repository").web_address(remote) == address


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_the_repository_comes_from_the_service_or_from_the_remote(load, tmp_path):
    find = load("repository").find_repository
    git(tmp_path, "init", "--initial-branch=work")
    assert find(tmp_path, {}) is None
    git(tmp_path, "remote", "add", "origin", str(tmp_path / "elsewhere"))
    assert find(tmp_path, {}) is None
    git(tmp_path, "remote", "set-url", "origin", "git@github.com:someone/course.git")
    assert find(tmp_path, {}) == ("https://github.com/someone/course", "work", "github")
    service = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "service/course",
        "GITHUB_REF_NAME": "main",
    }
    assert find(tmp_path, service) == ("https://github.com/service/course", "main", "github")


def test_the_digest_follows_the_package(load, tmp_path, monkeypatch):
    digest = load("execution").package_digest
    package = tmp_path / "some_package"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = digest("some_package")
    assert digest("some_package") == before
    (package / "data.csv").write_text("1\n")
    with_data = digest("some_package")
    (package / "__init__.py").write_text("x = 2\n")
    assert len({before, with_data, digest("some_package")}) == 3
