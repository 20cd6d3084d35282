"""The style and the colors of every figure."""

from __future__ import annotations

from importlib import resources

import matplotlib.pyplot as plt
from IPython import get_ipython
from matplotlib_inline.config import InlineBackend

# The palette of Okabe and Ito, told apart by the color-blind; yellow is left out.
BLACK = "#000000"
BLUE = "#0072B2"
GRAY = "#9aa3ab"
GREEN = "#009E73"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
VERMILION = "#D55E00"


def use_course_style() -> None:
    """Make the course's style the style of every figure drawn from now on."""
    with resources.as_file(resources.files("collapse_lab") / "course.mplstyle") as path:
        plt.style.use(path)
    # A notebook would draw each figure once more to trim its margins; the layout leaves none.
    if get_ipython() is not None:
        InlineBackend.instance().print_figure_kwargs = {}
