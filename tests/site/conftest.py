"""The built site, served on this machine, and a browser that cannot leave it.

`COLLAPSE_LAB_SITE` names a site that is already built; without it, the book is built first.
`CHROMIUM` names a browser; without it, one is looked for on the PATH.
"""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built pages."""
    if given := os.environ.get("COLLAPSE_LAB_SITE"):
        folder = Path(given)
        assert (folder / "index.html").is_file(), f"COLLAPSE_LAB_SITE holds no site: {folder}"
        return folder
    output = tmp_path_factory.mktemp("book")
    program = "from jupyter_book.cli.main import main; main()"  # it has no -m
    command = [sys.executable, "-c", program, "build", str(ROOT / "book")]
    command += ["-n", "-W", "--keep-going", "--path-output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Return the addresses of all pages, relative to the site."""
    found = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    return [path.as_posix() for path in found if not path.parts[0].startswith("_")]


@pytest.fixture(scope="session")
def chapters(pages: list[str]) -> list[str]:
    """Return the pages that are chapters."""
    return [page for page in pages if page.startswith("part")]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """Serve the site on this machine; return its address."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    if given := os.environ.get("CHROMIUM"):
        return given
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium without a window."""
    path = find_chromium()
    if path is None:
        how = (
            "Chromium is missing. Install it (Debian, Ubuntu: apt install chromium; others: any"
            " Chromium or Chrome on the PATH, or its path in the variable CHROMIUM)."
        )
        if os.environ.get("CI") == "true":
            pytest.fail(how)
        pytest.skip(how)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """A browser window that records what goes wrong and what it asked of the outside."""

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Watch every request, error and console message of the window."""
        self.page.context.route("**/*", self._guard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("response", self._answered)

    def _guard(self, route: Route) -> None:
        if route.request.url.startswith((self.base, "data:", "file:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and not response.url.endswith("favicon.ico"):
            self.errors.append(f"{response.status} for {response.url}")

    def open(self, address: str) -> Page:
        """Open a page of the site; wait for its mathematics."""
        self.page.goto(self.base + address)
        self.page.evaluate("window.MathJax?.startup?.promise")
        return self.page


@pytest.fixture
def visit(browser: Browser, served: str) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens a window: `visit(width=390, theme="dark")`."""
    contexts = []

    def open_window(width: int = 1280, theme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        contexts.append(context)
        return Visitor(context.new_page(), served)

    yield open_window
    for context in contexts:
        context.close()
