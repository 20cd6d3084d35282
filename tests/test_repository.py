"""The workshop floor: lock, Binder, workflows, commands and notices agree with each other."""

import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import product
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import collapse_lab

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PLATFORMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}
ENVIRONMENTS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "platform_system": PLATFORMS[platform][0],
        "os_name": PLATFORMS[platform][1],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for python, platform in product(("3.11", "3.12", "3.13"), PLATFORMS)
]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def locked(environment: dict[str, str]) -> dict[str, str]:
    """Return the locked versions by name, for one Python on one platform."""
    lines = [line for line in read("requirements.txt").splitlines() if not line.startswith("#")]
    needed = (Requirement(line) for line in lines)
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in needed
        if each.marker is None or each.marker.evaluate(environment)
    }


def locked_extras() -> list[str]:
    return re.findall(r"--extra ([a-z]+)", read("Makefile"))


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))


# ------------------------------------------------------------------------------ the lock


def test_lock_holds_exact_versions_and_no_address():
    for line in read("requirements.txt").splitlines():
        assert re.fullmatch(r"#.*|[a-z0-9-]+==[0-9][\w.]*( ; .+)?", line), line


@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids=lambda e: f"{e['sys_platform']}-{e['python_version']}"
)
def test_lock_satisfies_every_range_of_pyproject(environment):
    versions = locked(environment)
    extras = [PROJECT["optional-dependencies"][name] for name in locked_extras()]
    for line in [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), line


def test_lock_holds_all_extras_but_that_of_the_embeddings():
    assert {*locked_extras(), "embed"} == set(PROJECT["optional-dependencies"])
    assert not {"torch", "sentence-transformers", "transformers"} & set(locked(ENVIRONMENTS[0]))


def test_environment_made_by_make_is_the_lock():
    if not (Path(sys.prefix) / "installed").exists():
        pytest.skip("this environment was not made by make")
    here = locked(
        {"python_full_version": sys.version.split()[0], "python_version": sys.version[:4]}
    )
    assert {name: metadata.version(name) for name in here} == here


def test_binder_installs_the_lock_and_the_package():
    assert read(".binder/requirements.txt").split("\n") == ["-r ../requirements.txt", "-e .", ""]
    runtime = read(".binder/runtime.txt").strip()
    assert runtime.removeprefix("python-") in {e["python_version"] for e in ENVIRONMENTS}
    assert not (ROOT / "binder").exists()


# -------------------------------------------------------------------------- the commands


def test_every_make_command_that_is_named_exists():
    texts = ["README.md", "CONTRIBUTING.md", ".ci/run"]
    named = [re.findall(r"(?:^|`|run: )make ([a-z]+)", read(text), re.MULTILINE) for text in texts]
    assert {"book", "test"} <= set(named[0])
    assert set().union(*named) <= targets()


def test_every_target_is_phony_and_has_a_help_line():
    makefile = read("Makefile")
    phony = re.search(r"^\.PHONY: ([a-z ]+)$", makefile, re.MULTILINE).group(1).split()
    helped = re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE)
    assert set(phony) == set(helped) == targets()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_which_python_it_needs(tmp_path):
    run = subprocess.run(
        ["make", "setup", f"VENV={tmp_path / 'venv'}", "PYTHONS=false"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "No Python 3.11, 3.12 or 3.13 found" in run.stderr


def test_ci_runs_the_test_command_of_the_readme():
    assert read(".ci/run").rstrip().endswith("\nmake test")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100 or sys.platform == "win32"


def test_plain_commands_of_the_readme_are_those_that_ci_tries():
    tried = re.findall(r"- run: (.+)", read(".github/workflows/test.yml"))
    plain = [line for line in tried if line.startswith(("python -m pip", "jupyter-book"))]
    assert len(plain) == 2
    assert all(line in read("README.md") for line in plain)


# ------------------------------------------------------------------------- the workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_parses_and_pins_actions_by_major_version(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        for step in [job, *job.get("steps", [])]:
            action = step.get("uses", "./.github/workflows/versions.yml")
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", action) or (ROOT / action).exists()


def test_weekly_targets_exist():
    weekly = yaml.safe_load(read(".github/workflows/weekly.yml"))
    assert set(weekly["jobs"]["course"]["strategy"]["matrix"]["target"]) <= targets()


# --------------------------------------------------------------------- files and notices


def test_no_file_names_a_machine_path_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    machine = re.compile(
        rb"(?<![\w.)}])/(?:work|root|home|Users)/(?!someone/)|(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com)"
        rb"|index[-_]url|--regi[s]try"
    )
    found = []
    for name in listed.stdout.decode().split("\0")[:-1]:
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            found += [f"{name}: {hit.decode()}" for hit in machine.findall(content)]
    assert not found


def test_local_links_of_readme_and_contributing_lead_somewhere():
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", read(name)):
            assert (ROOT / link).exists(), link


def test_readme_picture_is_small_and_has_alt_text():
    alt, link = re.search(r"!\[([^\]]+)\]\(([^)]+)\)", read("README.md")).groups()
    assert len(alt) > 100
    assert (ROOT / link).stat().st_size < 200_000


def test_readme_picture_can_be_drawn():
    with mpl.rc_context():
        figure = runpy.run_path(str(ROOT / ".github" / "picture.py"))["draw"](
            np.random.default_rng()
        )
    assert [axes.get_title(loc="left")[:6] for axes in figure.axes] == ["A copy", "... fo"]
    plt.close(figure)


def test_version_and_license_are_the_same_everywhere():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"] == collapse_lab.__version__
    assert citation["license"] == PROJECT["license"] == "BSD-3-Clause"
    assert read("LICENSE").startswith("BSD 3-Clause License")


def test_text_license_names_the_licenses_of_the_data():
    text = read("LICENSE-text")
    for name in ("CC BY 4.0", "wordfreq", "CC BY-SA 4.0", "Kennel Club", "scikit-learn", "PSF-2.0"):
        assert name in text
