"""Figures with sliders: one object that is alive in a kernel and still moves on a page without one.

`explorer` joins a function that computes, a function that draws and a grid for each parameter.
In JupyterLab and Binder the result is an ipywidgets view that recomputes at every move. While the
book is being built (environment variable `COLLAPSE_LAB_BOOK`) it is a self-contained piece of
HTML: every frame drawn in advance, native sliders, and about a kilobyte of script.
"""

from __future__ import annotations

import base64
import html
import io
import itertools
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["BOOK_VARIABLE", "MAX_FRAMES", "Explorer", "Parameter", "explorer"]

BOOK_VARIABLE = "COLLAPSE_LAB_BOOK"
MAX_FRAMES = 60
_DPI = 100
_COLORS = 40

_STYLE = """
.explorer{margin:1rem 0}
.explorer img{display:block;max-width:100%;height:auto;background:#fff}
.explorer-controls:not([hidden]){display:grid;gap:.4rem;max-width:650px;margin-top:.4rem}
.explorer-row{display:flex;align-items:center;gap:.6rem}
.explorer-row label{display:flex;flex:1;flex-wrap:wrap;align-items:center;gap:0 .6rem}
.explorer-row input{flex:1 1 12rem;min-height:24px}
.explorer-row output{min-width:4rem;font-variant-numeric:tabular-nums}
.explorer-spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
"""

_SCRIPT = """
(() => {
  const root = document.currentScript.parentElement;
  const data = JSON.parse(root.querySelector('[type="application/json"]').textContent);
  const image = root.querySelector('img'), outputs = root.querySelectorAll('output');
  const sliders = [...root.querySelectorAll('input')];
  const show = () => {
    let frame = 0;
    sliders.forEach((slider, i) => {
      const label = data.labels[i][slider.value];
      frame = frame * data.labels[i].length + Number(slider.value);
      outputs[i].textContent = label;
      slider.setAttribute('aria-valuetext', label);
    });
    image.src = 'data:image/png;base64,' + data.frames[frame];
    image.alt = data.alts[frame];
  };
  for (const slider of sliders) {
    slider.addEventListener('input', show);
    slider.addEventListener('change', () => {
      root.querySelector('.explorer-spoken').textContent = image.alt;
    });
  }
  for (const button of root.querySelectorAll('button')) {
    const slider = button.parentElement.querySelector('input');
    let timer = 0;
    const stop = () => { timer = clearInterval(timer) || 0; button.textContent = 'Play'; };
    const step = () => { slider.stepUp(); show(); if (slider.value === slider.max) stop(); };
    button.addEventListener('click', () => {
      if (timer) return stop();
      if (slider.value === slider.max) { slider.value = 0; show(); }
      button.textContent = 'Pause';
      timer = setInterval(step, 500);
    });
  }
  root.querySelector('.explorer-controls').hidden = false;
  show();
})();
"""


@dataclass(frozen=True)
class Parameter:
    """One slider of an explorer.

    Parameters
    ----------
    values : sequence
        The positions of the slider, in order; at least one, all different.
    label : str, optional
        What the reader sees. Default: the parameter's name, capitalized.
    format : str or callable, default "{}"
        How a value is shown: a format string such as ``"{:,}"`` or ``"{:.0%}"``, or a function.
    start : object, optional
        The value that the slider starts at. Default: the first.
    play : bool, default False
        Whether a button plays the slider from left to right, as suits generations.
    """

    values: Sequence[Any]
    label: str | None = None
    format: str | Callable[[Any], str] = "{}"
    start: Any = None
    play: bool = False

    def show(self, value: Any) -> str:
        """Return `value` as the reader sees it."""
        return self.format.format(value) if isinstance(self.format, str) else self.format(value)

    @property
    def start_index(self) -> int:
        """Position of the value that the slider starts at."""
        return 0 if self.start is None else list(self.values).index(self.start)


@dataclass(frozen=True, repr=False)
class Explorer:
    """A figure with sliders; made by `explorer`, shown by the notebook or the page."""

    compute: Callable[..., Any]
    draw: Callable[[Any, Any], Any]
    parameters: Mapping[str, Parameter]
    alt: str | Callable[..., str]
    figsize: tuple[float, float] | None = None
    subplots: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        sliders = "; ".join(
            f"{parameter.label}: {', '.join(map(parameter.show, parameter.values))}"
            for parameter in self.parameters.values()
        )
        return f"Interactive figure. {sliders}."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if os.environ.get(BOOK_VARIABLE):
            return {"text/plain": repr(self), "text/html": self.page()}
        return {**(self.live()._repr_mimebundle_() or {}), "text/plain": repr(self)}

    def points(self) -> Iterator[dict[str, Any]]:
        """Yield the parameters of every frame; the last slider runs fastest."""
        grids = [parameter.values for parameter in self.parameters.values()]
        for values in itertools.product(*grids):
            yield dict(zip(self.parameters, values, strict=True))

    def frame(self, **point: Any) -> tuple[bytes, str]:
        """Compute and draw one frame.

        Parameters
        ----------
        **point
            A value for each parameter.

        Returns
        -------
        png : bytes
            The frame, a PNG with a palette.
        alt : str
            What the frame shows, in words.

        Raises
        ------
        ValueError
            If `draw` leaves the axes empty or `alt` gives no text.
        """
        return self._frame(point, self._boxes)

    def _frame(self, point: Mapping[str, Any], boxes: Sequence[Bbox]) -> tuple[bytes, str]:
        """Return a frame whose axes stand in `boxes`, or where their layout puts them."""
        result = self.compute(**point)
        figure = self._draw(result, point)
        if len(figure.axes) == len(boxes):
            figure.set_layout_engine("none")
            for ax, box in zip(figure.axes, boxes, strict=True):
                ax.set_position(box)
        alt = self.alt if isinstance(self.alt, str) else self.alt(result, **point)
        if isinstance(self.alt, str):
            alt = alt.format(**{name: self.parameters[name].show(point[name]) for name in point})
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"alt must give a text for every frame, got {alt!r} at {point}")
        return _palette_png(figure), alt

    def _draw(self, result: Any, point: Mapping[str, Any]) -> Figure:
        """Return the figure of one result."""
        figure = Figure(figsize=self.figsize, layout="constrained")
        self.draw(result, figure.subplots(**self.subplots))
        if not any(ax.has_data() or ax.texts for ax in figure.axes):
            raise ValueError(f"draw must draw on the axes it is given, got empty axes at {point}")
        return figure

    @cached_property
    def _boxes(self) -> list[Bbox]:
        """Where the axes stand in every frame: inside the layouts of all corners of the grid.

        Axes that stand still are easier to compare, and a frame without a layout of its own takes
        half the time. An empty list means that the corners differ too much for one layout.
        """
        ends = [dict.fromkeys((p.values[0], p.values[-1])) for p in self.parameters.values()]
        layouts = []
        for values in itertools.product(*ends):
            point = dict(zip(self.parameters, values, strict=True))
            figure = self._draw(self.compute(**point), point)
            layout = figure.get_layout_engine()
            if layout is not None:
                layout.execute(figure)
            layouts.append([ax.get_position(original=True) for ax in figure.axes])
        if len({len(layout) for layout in layouts}) > 1:
            return []
        boxes = [_overlap(same_axes) for same_axes in zip(*layouts, strict=True)]
        return [box for box in boxes if box.width > 0 and box.height > 0]

    def page(self) -> str:
        """Return the face for a page without a kernel: HTML that asks nothing from outside.

        Its ``data-seconds`` say how long the frames took that a notebook need not draw.
        """
        began = time.perf_counter()
        frames = [self.frame(**point) for point in self.points()]
        seconds = (time.perf_counter() - began) * (1 - 1 / len(frames))
        pictures = [base64.b64encode(png).decode() for png, _ in frames]
        grids = list(self.parameters.values())
        first = 0
        for grid in grids:
            first = first * len(grid.values) + grid.start_index
        data = {
            "frames": pictures,
            "alts": [alt for _, alt in frames],
            "labels": [[grid.show(value) for value in grid.values] for grid in grids],
        }
        safe = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        width, height = Image.open(io.BytesIO(frames[first][0])).size
        names = html.escape(", ".join(str(grid.label) for grid in grids))
        return (
            f'<figure class="explorer" role="group" aria-label="Interactive figure: {names}"'
            f' data-seconds="{seconds:.2f}">'
            f"<style>{_STYLE}</style>"
            f'<img src="data:image/png;base64,{pictures[first]}"'
            f' alt="{html.escape(frames[first][1])}" width="{width}" height="{height}">'
            f'<div class="explorer-controls" hidden>{"".join(map(_row, grids))}</div>'
            '<p class="explorer-spoken" aria-live="polite"></p>'
            "<noscript><p>The sliders of this figure need JavaScript.</p></noscript>"
            f'<script type="application/json">{safe}</script><script>{_SCRIPT}</script></figure>'
        )

    def live(self) -> ipywidgets.VBox:
        """Return the face for a live kernel: widgets that recompute at every move."""
        import ipywidgets

        picture = ipywidgets.HTML()
        sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(grid.show(value), value) for value in grid.values],
                index=grid.start_index,
                description=grid.label,
                style={"description_width": "initial"},
                layout={"width": "95%", "max_width": "650px"},
            )
            for name, grid in self.parameters.items()
        }

        def show(boxes: Sequence[Bbox]) -> None:
            point = {name: slider.value for name, slider in sliders.items()}
            png, alt = self._frame(point, boxes)
            source = base64.b64encode(png).decode()
            picture.value = (
                f'<img src="data:image/png;base64,{source}" alt="{html.escape(alt)}"'
                ' style="max-width:100%;background:#fff">'
            )

        def move(_change: Any) -> None:
            try:
                show(self._boxes)
            except Exception as error:  # at a move there is no cell to print a traceback in
                picture.value = f"<pre>{html.escape(f'{type(error).__name__}: {error}')}</pre>"

        rows: list[ipywidgets.Widget] = [picture]
        for name, slider in sliders.items():
            slider.observe(move, "value")
            rows.append(slider)
            if self.parameters[name].play:
                last = len(self.parameters[name].values) - 1
                play = ipywidgets.Play(max=last, interval=500, value=slider.index)
                ipywidgets.link((play, "value"), (slider, "index"))
                rows.append(play)
        show([])  # the corners that the boxes need are computed when the reader first moves
        return ipywidgets.VBox(rows)


def explorer(
    compute: Callable[..., Any],
    draw: Callable[[Any, Any], Any],
    *,
    alt: str | Callable[..., str],
    figsize: tuple[float, float] | None = None,
    subplots: Mapping[str, Any] | None = None,
    **parameters: Parameter | Sequence[Any],
) -> Explorer:
    """Make a figure with sliders.

    Parameters
    ----------
    compute : callable
        ``compute(**point)`` with one value for each parameter; seeded, so that each move back
        shows the same frame again.
    draw : callable
        ``draw(result, ax)``; `ax` is what `matplotlib.figure.Figure.subplots` returns. Draw on
        it and not on the current pyplot figure.
    alt : str or callable
        What a frame shows, in words: a template such as ``"{n} points, generation {t}"``, filled
        with the formatted values, or ``alt(result, **point)``.
    figsize : (float, float), optional
        Width and height in inches. Default: the course's style.
    subplots : mapping, optional
        Arguments of `matplotlib.figure.Figure.subplots`, such as ``dict(ncols=2, sharey=True)``.
    **parameters : Parameter or sequence
        A grid for each parameter, at most 60 frames together.

    Returns
    -------
    Explorer
        The last expression of a cell shows it.

    Raises
    ------
    ValueError
        If a grid is empty or repeats a value, a start is not on its grid, or there are too many
        frames.

    Examples
    --------
    >>> import numpy as np
    >>> def compute(n):
    ...     return np.random.default_rng(1).standard_normal(n)
    >>> explorer(compute, lambda x, ax: ax.hist(x), alt="Histogram of {n} normals", n=[10, 1000])
    Interactive figure. N: 10, 1000.
    """
    if not parameters:
        raise ValueError("parameters must name at least one grid, got none")
    grids = {name: _grid(name, given) for name, given in parameters.items()}
    sizes = [len(grid.values) for grid in grids.values()]
    if math.prod(sizes) > MAX_FRAMES:
        product = " x ".join(map(str, sizes))
        raise ValueError(
            f"parameters must make at most {MAX_FRAMES} frames, got {product} = {math.prod(sizes)}"
        )
    return Explorer(compute, draw, grids, alt, figsize, dict(subplots or {}))


def _grid(name: str, given: Parameter | Sequence[Any]) -> Parameter:
    """Return a parameter with a label and a checked grid."""
    parameter = given if isinstance(given, Parameter) else Parameter(given)
    values = list(parameter.values)
    if not values:
        raise ValueError(f"{name} must hold at least one value, got {parameter.values!r}")
    if any(value in values[:i] for i, value in enumerate(values)):
        raise ValueError(f"{name} must hold different values, got {values}")
    if parameter.start is not None and parameter.start not in values:
        raise ValueError(f"start of {name} must be one of its values, got {parameter.start!r}")
    label = parameter.label or name.replace("_", " ").capitalize()
    return Parameter(values, label, parameter.format, parameter.start, parameter.play)


def _row(grid: Parameter) -> str:
    """Return the controls of one parameter."""
    start = html.escape(grid.show(grid.values[grid.start_index]))
    button = '<button type="button">Play</button>' if grid.play else ""
    return (
        f'<div class="explorer-row"><label><span>{html.escape(str(grid.label))}</span>'
        f'<input type="range" min="0" max="{len(grid.values) - 1}" step="1"'
        f' value="{grid.start_index}" autocomplete="off" aria-valuetext="{start}"></label>'
        f'<output aria-live="off">{start}</output>{button}</div>'
    )


def _overlap(boxes: Sequence[Bbox]) -> Bbox:
    """Return what all boxes share; its width or height is not positive if they share nothing."""
    low = np.max([box.min for box in boxes], axis=0)
    high = np.min([box.max for box in boxes], axis=0)
    return Bbox([low, high])


def _palette_png(figure: Figure) -> bytes:
    """Return the figure as a PNG with a palette, a third of the size of one in full color."""
    figure.set(dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # savefig would draw twice
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    file = io.BytesIO()
    palette = picture.quantize(_COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    # Maximum coverage picks rare colors, too, but not their middle: each becomes the mean of its
    # pixels, or else a pale gray area may come out blue.
    index = np.asarray(palette).ravel()
    size = np.bincount(index, minlength=_COLORS).clip(1)
    channels = np.moveaxis(np.asarray(picture), -1, 0)
    means = [np.bincount(index, channel.ravel(), _COLORS) / size for channel in channels]
    palette.putpalette(np.rint(means).astype(np.uint8).T.tobytes())
    palette.save(file, format="png")
    return file.getvalue()
