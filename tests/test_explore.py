"""Explorers: the two faces show the same thing, and mistakes are named."""

import base64
import io
import json
import re
import subprocess
import sys
import types
from typing import Any

import ipywidgets
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from collapse_lab.explore import Explorer, Parameter, _overlap, _palette_png, explorer


def compute(n: int, scale: float = 1.0) -> np.ndarray:
    return scale * np.linspace(0, n, 20)


def draw(values: np.ndarray, ax: Axes) -> None:
    ax.plot(values)
    ax.set(ylim=(0, 40))


def small(**options: Any) -> Explorer:
    given: dict[str, Any] = {
        "alt": "A line up to {n} times {scale}",
        "figsize": (2, 1),
        "n": Parameter([10, 1000], label="Sample size <n>", format="{:,}", start=1000, play=True),
        "scale": [0.5, 1.0, 2.0],
    }
    return explorer(compute, draw, **{**given, **options})


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_page_holds_one_frame_for_every_point_and_starts_where_asked() -> None:
    page = small().page()
    data = data_of(page)
    assert data["labels"] == [["10", "1,000"], ["0.5", "1.0", "2.0"]]
    assert data["alts"][0] == "A line up to 10 times 0.5"
    assert data["alts"][5] == "A line up to 1,000 times 2.0"
    assert len(set(data["frames"])) == 6
    # the frame that stands in the page before any script runs: n = 1,000, scale = 0.5
    assert f'<img src="data:image/png;base64,{data["frames"][3]}"' in page
    assert 'alt="A line up to 1,000 times 0.5"' in page


def test_a_slider_may_start_at_zero() -> None:
    assert Parameter([5, 0, 1], start=0).start_index == 1


def test_frames_are_small_pngs_with_a_palette_and_one_size() -> None:
    pictures = [Image.open(io.BytesIO(small().frame(**point)[0])) for point in small().points()]
    assert {picture.mode for picture in pictures} == {"P"}
    assert {picture.size for picture in pictures} == {(200, 100)}


def test_a_frame_is_white_whatever_the_style() -> None:
    with mpl.rc_context({"figure.facecolor": "black"}):
        png, _ = small().frame(n=10, scale=1.0)
    assert np.asarray(Image.open(io.BytesIO(png)).convert("L"))[0, 0] == 255


def test_a_color_of_the_palette_is_the_mean_of_its_pixels() -> None:
    figure = Figure(figsize=(2, 1))
    figure.subplots().imshow(np.linspace(0, 1, 5000).reshape(50, 100) ** 2, cmap="viridis")
    found = np.asarray(Image.open(io.BytesIO(_palette_png(figure))).convert("RGB"))
    drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined] # of Agg
    gap = found.mean(axis=(0, 1)) - drawn.mean(axis=(0, 1))
    assert (np.abs(gap) <= 0.5).all()  # colors are rounded to whole numbers


def test_axes_stand_where_all_boxes_overlap() -> None:
    shared = _overlap([Bbox([[0, 0], [2, 2]]), Bbox([[1, -1], [3, 1]])])
    np.testing.assert_array_equal(shared.get_points(), [[1, 0], [2, 1]])


def label(values: np.ndarray, ax: Axes) -> None:
    """Draw with labels that need more room where the values are large."""
    ax.plot(values)
    ax.set_yticks([0], ["x" * int(values.max())])


def test_axes_stand_still_while_labels_change() -> None:
    figure = explorer(compute, label, alt="{n}", figsize=(3, 2), n=[1, 5, 12])
    edges = []
    for point in figure.points():
        pixels = np.asarray(Image.open(io.BytesIO(figure.frame(**point)[0])).convert("L"))
        edges.append(int(np.argmax((pixels < 100).mean(axis=0) > 0.5)))
    assert edges[0] == edges[1] == edges[2] > 60


def test_the_page_asks_nothing_from_outside_and_escapes_what_it_shows() -> None:
    page = small(alt="</script><b>{n} & {scale}").page()
    assert not re.search(r"https?:|//", re.sub(r"[A-Za-z0-9+/=]{100,}", "", page))
    assert "Sample size &lt;n&gt;" in page
    assert page.count("</script>") == 2
    assert page.count('<input type="range"') == 2
    assert page.count("<button") == 1
    assert "<noscript>" in page
    assert not re.search(r"\bid=", page)  # several explorers share a page


def test_the_script_is_about_a_kilobyte() -> None:
    script = re.findall(r"<script>(.*?)</script>", small().page(), re.DOTALL)
    assert len(re.sub(r"\s+", " ", script[0])) < 1500


def test_in_a_kernel_there_are_widgets_and_no_html(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLLAPSE_LAB_BOOK", raising=False)
    bundle = small()._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "Interactive figure. Sample size <n>: 10, 1,000; Scale: 0.5, 1.0, 2.0."
    )
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


def test_in_the_book_there_is_html_and_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLAPSE_LAB_BOOK", "1")
    bundle = small()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    seconds = re.compile(r' data-seconds="\d+\.\d\d"')
    assert seconds.sub("", bundle["text/html"], count=1) == seconds.sub("", small().page(), count=1)


def test_the_page_says_how_long_its_other_frames_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = types.SimpleNamespace(perf_counter=iter([3.0, 13.0]).__next__)
    monkeypatch.setattr("collapse_lab.explore.time", clock)
    page = small(scale=[1.0]).page()
    # of the two frames, the one that a notebook does not draw
    assert re.findall(r'data-seconds="(.*?)"', page) == ["5.00"]


def parts(face: ipywidgets.VBox) -> tuple[ipywidgets.HTML, list[ipywidgets.SelectionSlider]]:
    sliders = [part for part in face.children if isinstance(part, ipywidgets.SelectionSlider)]
    return face.children[0], sliders


def test_moving_a_slider_recomputes() -> None:
    figure = small()
    picture, (n, scale) = parts(figure.live())
    assert n.value == 1000
    assert n.options[1] == ("1,000", 1000)
    for point in figure.points():
        n.value, scale.value = point["n"], point["scale"]
        png, alt = figure.frame(**point)
        assert base64.b64encode(png).decode() in picture.value
        assert f'alt="{alt}"' in picture.value


def test_a_live_explorer_computes_the_corners_at_the_first_move_only() -> None:
    asked = []

    def note(n: int) -> np.ndarray:
        asked.append(n)
        return compute(n)

    grid = Parameter([1, 5, 12], start=5)
    figure = explorer(note, label, alt="{n}", figsize=(3, 2), n=grid)
    picture, (n,) = parts(figure.live())
    assert asked == [5]
    n.value = 12
    assert sorted(asked[1:]) == [1, 12, 12]
    n.value = 1
    assert asked[4:] == [1]
    boxed, alone = figure.frame(n=1)[0], figure._frame({"n": 1}, [])[0]
    assert boxed != alone
    assert base64.b64encode(boxed).decode() in picture.value


def test_words_about_a_live_frame_are_escaped() -> None:
    picture, _ = parts(small(alt='"{n}" <b>').live())
    assert 'alt="&quot;1,000&quot; &lt;b&gt;"' in picture.value


def test_play_moves_its_slider_both_ways() -> None:
    face = small().live()
    _, (n, _) = parts(face)
    play = next(part for part in face.children if isinstance(part, ipywidgets.Play))
    play.value = 0
    assert n.value == 10
    n.value = 1000
    assert play.value == 1


def test_an_error_at_a_move_is_shown_and_the_next_move_works() -> None:
    def fails_at_10(n: int) -> np.ndarray:
        if n == 10:
            raise ArithmeticError("no <luck> at 10")
        return compute(n)

    figure = explorer(fails_at_10, draw, alt="{n}", figsize=(2, 1), n=[1, 10, 2])
    picture, (n,) = parts(figure.live())
    n.value = 10
    assert picture.value == "<pre>ArithmeticError: no &lt;luck&gt; at 10</pre>"
    n.value = 2
    assert picture.value.startswith("<img")


def test_an_error_at_the_start_is_raised_in_the_cell() -> None:
    with pytest.raises(TypeError, match="takes no keyword arguments"):
        explorer(range, draw, alt="{n}", n=[1, 2]).live()


def test_alt_may_be_a_function_of_the_result_and_the_parameters() -> None:
    figure = small(alt=lambda values, n, scale: f"{n} {scale} {values.max():g}")
    assert figure.frame(n=10, scale=2.0)[1] == "10 2.0 20"


def test_several_axes() -> None:
    def both(values: np.ndarray, axes: np.ndarray) -> None:
        for ax in axes:
            ax.plot(values)

    figure = explorer(compute, both, alt="{n}", subplots={"ncols": 2, "sharey": True}, n=[1, 2])
    assert len(data_of(figure.page())["frames"]) == 2


def test_words_alone_are_a_drawing_and_one_of_two_axes_may_be_empty() -> None:
    def one(values: np.ndarray, axes: np.ndarray) -> None:
        axes[0].text(0, 0, f"{values.max():g}")

    figure = explorer(compute, one, alt="{n}", figsize=(2, 1), subplots={"ncols": 2}, n=[1, 2])
    assert len({figure.frame(**point)[0] for point in figure.points()}) == 2


@pytest.mark.parametrize("twins", [{5}, {1}, {1, 9}])
def test_frames_may_differ_in_their_number_of_axes(twins: set[int]) -> None:
    def with_twin(values: np.ndarray, ax: Axes) -> None:
        ax.plot(values)
        if values.max() in twins:
            ax.twinx().plot(-values)

    figure = explorer(compute, with_twin, alt="{n}", figsize=(2, 1), n=[1, 5, 9])
    assert len({figure.frame(**point)[0] for point in figure.points()}) == 3


def test_axes_that_never_overlap_stay_where_they_are_drawn() -> None:
    def aside(values: np.ndarray, ax: Axes) -> None:
        ax.set_position((0.1 if values.max() == 1 else 0.6, 0.1, 0.3, 0.8))
        ax.set_facecolor("black")
        ax.plot(values)

    figure = explorer(compute, aside, alt="{n}", figsize=(2, 1), n=[1, 2])
    for n, column in ((1, 50), (2, 150)):
        pixels = np.asarray(Image.open(io.BytesIO(figure.frame(n=n)[0])).convert("L"))
        assert (pixels[20:80, column] < 50).mean() > 0.5
        assert (pixels[20:80, 200 - column] > 200).all()


def test_numpy_values_read_like_python_numbers() -> None:
    figure = small(n=np.array([1, 2]), scale=[1.0], n_points=[3])
    assert repr(figure) == "Interactive figure. N: 1, 2; Scale: 1.0; N points: 3."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": range(9), "scale": range(8)}, "at most 60 frames, got 9 x 8 = 72"),
        ({"n": range(61), "scale": [1.0]}, "at most 60 frames, got 61 x 1 = 61"),
        ({"n": []}, r"n must hold at least one value, got \[\]"),
        ({"n": [1, 2, 1]}, r"n must hold different values, got \[1, 2, 1\]"),
        ({"n": Parameter([1, 2], start=3)}, "start of n must be one of its values, got 3"),
    ],
)
def test_wrong_parameters_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small(**options)


def test_sixty_frames_are_allowed() -> None:
    assert len(list(small(n=range(10), scale=range(6)).points())) == 60


def test_an_explorer_needs_a_parameter() -> None:
    with pytest.raises(ValueError, match="parameters must name at least one grid, got none"):
        explorer(compute, draw, alt="nothing moves")


def test_drawing_elsewhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="draw must draw on the axes it is given, got empty axes"):
        explorer(compute, lambda _values, _ax: None, alt="{n}", n=[1, 2]).page()


@pytest.mark.parametrize("alt", ["", "  ", lambda _result, **_: None])
def test_a_frame_without_words_is_an_error(alt: Any) -> None:
    with pytest.raises(ValueError, match="alt must give a text for every frame, got"):
        small(alt=alt).page()


def test_importing_explore_loads_no_widgets_and_no_pyplot() -> None:
    code = (
        "import sys, collapse_lab\n"
        "for name in 'explore checks claims notebooks nbformat matplotlib'.split():\n"
        "    assert f'collapse_lab.{name}' not in sys.modules and name not in sys.modules, name\n"
        "import collapse_lab.explore\n"
        "assert not {'ipywidgets', 'matplotlib.pyplot'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
