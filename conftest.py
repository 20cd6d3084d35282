"""What every test run needs, wherever it is started from."""

import os

import matplotlib as mpl
import pytest

from collapse_lab.datasets import python_manual


def pytest_configure(config: pytest.Config) -> None:
    # nbval resolves this path against the working folder if it stands in the ini file
    config.option.nbval_sanitize_with = str(config.rootpath / "tests/notebooks/sanitize.cfg")
    # tests draw off screen; kernels draw into their notebook and show the live face of an explorer
    mpl.use("agg")
    for variable in ("MPLBACKEND", "COLLAPSE_LAB_BOOK"):
        os.environ.pop(variable, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run notebooks on an edited manual of Python, but do not compare their numbers."""
    if python_manual().n_missing == 0:
        return
    for item in items:
        notebook = getattr(item.parent, "nb", None)  # of nbval's cells
        if notebook is not None and any("python_manual" in c.source for c in notebook.cells):
            item.options["check"] = False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    properties = [item for report in reports for item in getattr(report, "user_properties", ())]
    lines = [line for name, line in properties if name == "chapter"]
    if lines:
        terminalreporter.section("time and memory of the chapters")
        for line in lines:
            terminalreporter.line(line)
