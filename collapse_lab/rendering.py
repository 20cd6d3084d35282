"""Digits drawn by a computer: the faces that matplotlib ships, transformed at random.

A face's digit is drawn once, and kept as a map of distances from its outline. A picture reads that
map at moved, turned and sheared places; how thick and how soft the stroke is, is a threshold on the
distance. Like the handwritten digits of `collapse_lab.pictures`, a picture is counted on 32 x 32
points, 4 x 4 to a pixel, in sixteenths. matplotlib and scipy are loaded at the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.pictures import Digits, handwritten
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number

FACES = (
    *(f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
    *("cmr10", "cmb10", "cmss10", "cmti10", "cmtt10"),
)
"""The 21 text faces with digits that come with matplotlib (the others hold symbols only)."""

SIDE = 8  # pixels of a picture
FINE = 16  # points of a side at which a picture is read, 2 x 2 to a pixel
REACH = 0.8  # a map shows places from -REACH to REACH; a digit is 1 high
MAP = 96  # points of a map's side


@dataclass(frozen=True)
class Randomization:
    """How far the drawing of a digit may vary: each value is the end of a uniform range.

    Attributes
    ----------
    shift : float
        Sideways and up or down, in heights of a digit.
    scale : float
        Of the logarithms of width and height.
    rotation : float
        In degrees.
    shear : float
        Sideways, per height.
    stroke : float
        How much the outline moves out or in, in heights.
    blur : float
        Width of the edge, in heights, from 0.
    noise : float
        Standard deviation of the ink of a pixel, from 0.
    """

    shift: float = 1 / 16
    scale: float = 0.15
    rotation: float = 12.0
    shear: float = 0.25
    stroke: float = 0.03
    blur: float = 1 / 8
    noise: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            real_number(field.name, getattr(self, field.name), low=0)

    def times(self, strength: float) -> Randomization:
        """Return all ranges multiplied: 0 draws every face as it is, 1 changes nothing."""
        real_number("strength", strength, low=0)
        return Randomization(*(strength * width for width in astuple(self)))


def rendered(
    n: int,
    randomization: Randomization = Randomization(),
    *,
    faces: Sequence[str] = FACES,
    digits: Sequence[int] = range(10),
    rng: RNG = None,
) -> Digits:
    """Draw n pictures of digits.

    Parameters
    ----------
    n : int
        Face and digit take turns, so that each pair comes equally often, as nearly as n allows.
    randomization : Randomization
    faces : sequence of str
        Among `FACES`.
    digits : sequence of int
        From 0 to 9.
    rng : Generator or seed

    Returns
    -------
    Digits
        ``ink`` of shape (n, 64) in sixteenths, as handwritten digits have it; in random order.

    Raises
    ------
    ValueError
        If a face or a digit is unknown, or there is none.
    """
    whole_number("n", n)
    rows = _places("faces", faces, FACES)
    columns = _places("digits", digits, range(10))
    rng = np.random.default_rng(rng)
    pair = rng.permutation(len(rows) * len(columns))[np.arange(n) % (len(rows) * len(columns))]
    pair = rng.permutation(pair)
    label = columns[pair % len(columns)]
    ink = _draw(10 * rows[pair // len(columns)] + label, randomization, rng)
    return Digits(ink, label)


def recognizer(
    digits: Digits, weight: ArrayLike | None = None
) -> Callable[[NDArray[np.float64]], NDArray[np.int64]]:
    """Train a support vector machine with scikit-learn's settings for its digits.

    Parameters
    ----------
    digits : Digits
        What it learns from.
    weight : array, shape (len(digits),), optional
        Above 0; how much each picture counts. 1 by default.

    Returns
    -------
    callable
        From ink, shape (N, 64), to digits, shape (N,).

    Raises
    ------
    ValueError
        If the weights are not one positive number for each picture.
    """
    from sklearn.svm import SVC

    if weight is not None:
        weight = np.ascontiguousarray(finite_array("weight", weight))
        if weight.shape != (len(digits),) or weight.min() <= 0:
            raise ValueError(
                f"weight must hold {len(digits)} numbers above 0, got {weight.size} from "
                f"{weight.min():g}"
            )
    model = SVC(gamma=0.001 * 16**2)  # 0.001 for ink from 0 to 16, as in scikit-learn's example
    model.fit(digits.ink, digits.label, sample_weight=weight)
    return lambda ink: np.asarray(model.predict(ink), dtype=np.int64)


def accuracy(read: Callable[[NDArray[np.float64]], NDArray[np.int64]], digits: Digits) -> float:
    """Share of pictures that are read as what they show."""
    return float((read(digits.ink) == digits.label).mean())


def real_halves(rng: RNG = None) -> tuple[Digits, Digits]:
    """Split the handwritten digits at random: 898 to train on, 899 to test."""
    real = handwritten()
    order = np.random.default_rng(rng).permutation(len(real))
    return real[order[:898]], real[order[898:]]


def join(*parts: Digits) -> Digits:
    """Put data sets of digits together."""
    return Digits(
        np.concatenate([part.ink for part in parts]), np.concatenate([part.label for part in parts])
    )


def _places(
    name: str, wanted: Sequence[str] | Sequence[int], known: Sequence[object]
) -> NDArray[np.int64]:
    for each in wanted:
        if each not in known:
            raise ValueError(f"{name} must be among {', '.join(map(str, known))}, got {each!r}")
    if not len(wanted):
        raise ValueError(f"{name} must hold at least one, got none")
    return np.array([list(known).index(each) for each in wanted], dtype=np.int64)


def _draw(
    glyph: NDArray[np.int64], randomization: Randomization, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw one picture of each glyph, shape (n, 64)."""
    from scipy.ndimage import map_coordinates

    n = len(glyph)
    unit = rng.uniform(-1, 1, (8, n, 1))
    grain = rng.standard_normal((n, SIDE * SIDE))
    wide, high = np.exp(randomization.scale * unit[0:2])
    right, up = randomization.shift * unit[2:4]
    turn = np.deg2rad(randomization.rotation * unit[4])
    middles = (np.arange(FINE) + 0.5) / FINE - 0.5
    y, x = (each.ravel() for each in np.meshgrid(-middles, middles, indexing="ij"))
    x, y = x - right, y - up  # undo what was done to the digit, last first
    x, y = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    x = (x - randomization.shear * unit[5] * y) / wide
    y = y / high
    step = 2 * REACH / MAP
    places = [
        np.broadcast_to(glyph[:, None], x.shape),
        (REACH - y) / step - 0.5,
        (x + REACH) / step - 0.5,
    ]
    distance = map_coordinates(_maps().reshape(-1, MAP, MAP), places, order=1, mode="nearest")
    edge = randomization.blur * (unit[7] + 1) / 2 + 1 / FINE
    inside = 0.5 - (distance - randomization.stroke * unit[6]) / edge
    blocks = np.clip(inside, 0, 1).reshape(n, SIDE, FINE // SIDE, SIDE, FINE // SIDE)
    ink = blocks.mean(axis=(2, 4)).reshape(n, SIDE * SIDE)
    return np.asarray(np.round(16 * np.clip(ink + randomization.noise * grain, 0, 1)) / 16)


@cache
def _maps() -> NDArray[np.float32]:
    """Signed distances from the outlines, negative inside, shape (faces, 10, MAP, MAP)."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D
    from scipy.ndimage import distance_transform_edt

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    step = 2 * REACH / MAP
    renderer = RendererAgg(10 * MAP, len(FACES) * MAP, 72)
    pen = renderer.new_gc()
    pen.set_linewidth(0)
    for row, face in enumerate(FACES):
        font = FontProperties(fname=folder / f"{face}.ttf")
        for digit in range(10):
            path = TextPath((0, 0), str(digit), size=100, prop=font)
            low, high = path.get_extents().get_points()  # its vertices hold a stray (0, 0)
            middle = (low + high) / 2
            place = Affine2D().translate(*-middle).scale(1 / (high - low)[1] / step)
            place.translate((digit + 0.5) * MAP, (len(FACES) - row - 0.5) * MAP)
            renderer.draw_path(pen, path, place, (0.0, 0.0, 0.0))
    inside = np.asarray(renderer.buffer_rgba())[:, :, 3] > 127
    cells = inside.reshape(len(FACES), MAP, 10, MAP).swapaxes(1, 2)
    maps = [
        distance_transform_edt(~cell) - distance_transform_edt(cell)
        for cell in cells.reshape(-1, MAP, MAP)
    ]
    return np.reshape(step * np.array(maps, dtype=np.float32), (len(FACES), 10, MAP, MAP))
