"""Figures of the course, in one style: functions that take arrays and an `ax`, and return the `ax`.

Nothing here computes what a chapter teaches. Every function draws on `ax`, or on the current axes
where none is given, and leaves titles and axis labels to its caller.
"""

from collapse_lab.plots.chains import (
    expectation,
    fan,
    intervals,
    label_line,
    measured,
    paths,
    split,
)
from collapse_lab.plots.detection import (
    evidence,
    roc,
)
from collapse_lab.plots.diagrams import (
    decisions,
)
from collapse_lab.plots.galleries import (
    gallery,
)
from collapse_lab.plots.monitors import (
    ranked,
    watched,
)
from collapse_lab.plots.pages import (
    passage,
)
from collapse_lab.plots.planes import (
    plane_of,
    preference_strip,
    query_plane,
)
from collapse_lab.plots.rendering import (
    at_strength,
)
from collapse_lab.plots.style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    use_course_style,
)
from collapse_lab.plots.workflows import (
    log_ticks,
    survival_map,
)
from collapse_lab.plots.worlds import (
    bells,
    picture,
    ridges,
    share_bars,
    squares,
)

__all__ = [
    "BLACK",
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "at_strength",
    "bells",
    "decisions",
    "evidence",
    "expectation",
    "fan",
    "gallery",
    "intervals",
    "label_line",
    "log_ticks",
    "measured",
    "passage",
    "paths",
    "picture",
    "plane_of",
    "preference_strip",
    "query_plane",
    "ranked",
    "ridges",
    "roc",
    "share_bars",
    "split",
    "squares",
    "survival_map",
    "use_course_style",
    "watched",
]
