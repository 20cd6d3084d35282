"""Draw the picture of the README with the course's own code: `make picture`."""

import io
from functools import partial
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import collapse_lab as cl
from collapse_lab import plots

PICTURE = Path(__file__).parents[1] / "book" / "_static" / "readme.png"
N, LAST = 50, 250


def density(x: np.ndarray, mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    """Return a normal density in each row."""
    return np.exp(-((x - mean[:, None]) ** 2) / (2 * var[:, None])) / np.sqrt(var[:, None])


def draw(rng: np.random.Generator) -> plt.Figure:
    """Draw a chain of copies, and what ten thousand such chains do."""
    plots.use_course_style()
    world = cl.Gaussian(0.0, 1.0, draw="moments").expand(10_000)
    metrics = [cl.metrics.mean, cl.metrics.variance]
    fit = partial(cl.Gaussian.fit, ddof=1)  # right on average
    history = cl.run(fit, world, n=N, n_generations=LAST, metrics=metrics, rng=rng)

    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 4.0), width_ratios=(1, 1.3))
    variance = history["variance"]
    typical = np.argsort(variance[150])[len(variance[150]) // 2]
    rows = slice(0, 151, 10)
    x = np.linspace(-3.5, 3.5, 400)
    one = density(x, history["mean"][rows, typical], variance[rows, typical])
    plots.ridges(x, one, ax=left, scale=1.2)
    left.set_title("A copy of a copy of a copy ...")
    for row, t in ((0, 0), (15, 150)):
        left.text(3.5, -row + 0.3, f"generation {t}", ha="right", color="0.4", size=8.8)
    left.set_xticks([])
    left.spines["bottom"].set_visible(False)

    plots.fan(variance, ax=right, label=None)
    plots.expectation([0, LAST], [1, 1], ax=right)
    plots.label_line(LAST, 1, "average over all\nchains: 1, always", ax=right)
    plots.label_line(
        LAST, np.median(variance[-1]), "half of all chains\nrun below", ax=right, color=plots.BLUE
    )
    right.set(yscale="log", xlim=(0, LAST), xlabel="generation", ylabel="variance")
    right.set_title("... forgets, though the average never changes")
    return figure


def main() -> None:
    """Save the picture with a palette of 64 colors, which keeps it small."""
    buffer = io.BytesIO()
    draw(np.random.default_rng(2024)).savefig(buffer, dpi=160)
    Image.open(buffer).convert("RGB").quantize(64).save(PICTURE, optimize=True)
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB, matplotlib {mpl.__version__}")


if __name__ == "__main__":
    main()
