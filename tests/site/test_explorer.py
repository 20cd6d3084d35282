"""The script of an explorer, alone on a page of its own, opened from a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from collapse_lab.explore import Parameter, explorer

# performance.now() before the move, then until the new frame is decoded and two frames have passed
MOVE = """async (value) => {
  const slider = document.querySelectorAll("input")[1], image = document.querySelector("img");
  const began = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  await image.decode();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with two explorers of 3 x 8 frames, one after the other."""
    figure = explorer(
        lambda n, t: [n * x**2 for x in range(t + 2)],
        lambda values, ax: ax.plot(values),
        alt="n = {n}, generation {t}",
        n=Parameter([10, 100, 1000], format="{:,}", start=100),
        t=Parameter(range(8), label="Generation", play=True),
    )
    html = f'<!doctype html><html lang="en"><title>x</title><main>{figure.page() * 2}</main></html>'
    path = tmp_path_factory.mktemp("explorer") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """Open the page."""
    window = browser.new_page()
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.goto(file.as_uri())
    yield window
    window.close()
    assert errors == []


@pytest.mark.browser
def test_every_position_shows_its_frame(page: Page) -> None:
    image, sliders = page.locator("img").first, page.locator("figure").first.locator("input")
    assert image.get_attribute("alt") == "n = 100, generation 0"
    seen = set()
    for i, n in enumerate(["10", "100", "1,000"]):
        for t in (0, 3, 7):
            sliders.nth(0).fill(str(i))
            sliders.nth(1).fill(str(t))
            assert image.get_attribute("alt") == f"n = {n}, generation {t}"
            assert page.locator("output").first.inner_text() == n
            assert sliders.nth(0).get_attribute("aria-valuetext") == n
            seen.add(image.get_attribute("src"))
    assert len(seen) == 9
    # the other explorer on the page has not moved
    assert page.locator("img").nth(1).get_attribute("alt") == "n = 100, generation 0"


@pytest.mark.browser
def test_a_move_takes_less_than_50_milliseconds(page: Page) -> None:
    times = sorted(page.evaluate(MOVE, value) for value in range(1, 8))
    assert times[len(times) // 2] < 50, times


@pytest.mark.browser
def test_the_keyboard_moves_and_what_changed_is_spoken(page: Page) -> None:
    slider = page.locator("input").nth(1)
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".explorer-spoken").first.inner_text() == "n = 100, generation 6"


@pytest.mark.browser
def test_play_runs_to_the_end_and_can_be_stopped(page: Page) -> None:
    slider, button = page.locator("input").nth(1), page.get_by_role("button").first
    slider.fill("5")
    button.click()
    assert button.inner_text() == "Pause"
    page.wait_for_function("document.querySelectorAll('input')[1].value === '7'")
    assert button.inner_text() == "Play"
    button.click()  # begins anew
    page.wait_for_function("document.querySelectorAll('input')[1].value === '1'")
    button.click()
    assert button.inner_text() == "Play"


@pytest.mark.browser
def test_without_scripts_the_first_frame_stands_alone(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    bare.goto(file.as_uri())
    assert bare.locator("img").first.is_visible()
    assert not bare.locator("input").first.is_visible()
    assert bare.locator("noscript p").first.is_visible()
    context.close()
