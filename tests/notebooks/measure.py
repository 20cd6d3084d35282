"""Run a notebook as the book's build does, and look at what a comparison of text cannot see."""

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from PIL import Image

from collapse_lab.notebooks import execute, read, with_solutions

# runs in the kernel, before matplotlib tells IPython how to show a figure
_WATCH = """
from IPython.core import pylabtools
def _watched(figure, *arguments, print_figure=pylabtools.print_figure, **options):
    if not any(ax.has_data() or ax.texts or ax.tables for ax in figure.axes):
        import sys
        print("a figure without anything drawn on it", file=sys.stderr)
    return print_figure(figure, *arguments, **options)
pylabtools.print_figure = _watched
"""

# ru_maxrss of a child begins with the memory of the process that started it, VmHWM does not
_PEAK = """
import os, re, sys, time
print(time.process_time())
if os.path.exists("/proc/self/status"):
    print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000)
elif sys.platform == "win32":
    import psutil
    print(psutil.Process().memory_info().peak_wset / 1e6)
else:
    import resource
    unit = 1e6 if sys.platform == "darwin" else 1e3
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
"""

# a reader runs all cells and then moves a slider: no later cell may have changed what it needs
_MOVE = """
import json
from collapse_lab.explore import Explorer
explorers = [shown for shown in Out.values() if isinstance(shown, Explorer)]
print(json.dumps([shown.frame(**list(shown.points())[-1])[1] for shown in explorers]))
"""


@dataclass(frozen=True)
class Measured:
    """A notebook after its run.

    `seconds` of computing by the clock, `processor_seconds` as the kernel's process counts them
    (the imports of the kernel itself included), `megabytes` of memory at the peak, and `moved`, the
    alt text of each explorer's last frame, drawn again after the last cell.
    """

    notebook: NotebookNode
    seconds: float
    processor_seconds: float
    megabytes: float
    moved: list[str]


def measure(path: Path) -> Measured:
    """Run a notebook, its exercises solved, in a kernel that believes the book is being built."""
    notebook = with_solutions(read(path))
    ids = [cell.id for cell in notebook.cells]
    watch = new_code_cell(_WATCH, id="measure-watch")
    peak = new_code_cell(_PEAK, id="measure-peak")
    move = new_code_cell(_MOVE, id="measure-move")
    notebook.cells = [watch, *notebook.cells, peak, move]
    ran = execute(notebook, path.parent, environment={"COLLAPSE_LAB_BOOK": "1"})
    printed = "".join(output.text for output in ran.cells[-2].outputs)  # in one piece or in two
    processor, megabytes = map(float, printed.split())
    moved = json.loads(ran.cells[-1].outputs[0].text)
    ran.cells = [cell for cell in ran.cells if cell.id in ids]
    return Measured(ran, sum(map(_seconds, ran.cells)), processor, megabytes, moved)


def _seconds(cell: NotebookNode) -> float:
    """Return how long a cell ran."""
    times = cell.metadata.get("execution")
    if not times:
        return 0.0
    begin, end = (
        datetime.fromisoformat(times[key].replace("Z", "+00:00"))
        for key in ("iopub.execute_input", "shell.execute_reply")
    )
    return (end - begin).total_seconds()


def last_frames(notebook: NotebookNode) -> list[str]:
    """Return the alt text of the last frame of each explorer on the page."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    pages = (output.get("data", {}).get("text/html", "") for output in outputs)
    return [_data(page)["alts"][-1] for page in pages if 'class="explorer"' in page]


def is_blank(png: bytes) -> bool:
    """Return whether a picture is (nearly) a single color."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = picture.convert("RGB")
        colors = pixels.getcolors(pixels.width * pixels.height) or []
        return max(count for count, _ in colors) > 0.999 * pixels.width * pixels.height


def picture_problems(notebook: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the pictures of a notebook that was run."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/png" in data:
                if is_blank(base64.b64decode(data["image/png"])):
                    yield f"{cell.id}: the figure is blank"
                if not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
                    yield f"{cell.id}: the figure has no alt text"
            elif "<Figure " in data.get("text/plain", ""):
                yield f"{cell.id}: a figure is named but not drawn"
            if output.get("name") == "stderr":
                yield f"{cell.id}: writes to stderr: {output.text[:200]!r}"
            if 'class="explorer"' in data.get("text/html", ""):
                yield from (f"{cell.id}: {problem}" for problem in _frames(data["text/html"]))
            elif "text/html" in data:
                yield f"{cell.id}: shows text/html, which nbval cannot compare; print text instead"


def _frames(page: str) -> Iterator[str]:
    """Yield what is wrong with the frames of an explorer."""
    data = _data(page)
    if not 1 < len(data["frames"]) <= 60:
        yield f"an explorer must have 2 to 60 frames, got {len(data['frames'])}"
    if any(is_blank(base64.b64decode(frame)) for frame in data["frames"]):
        yield "a frame of the explorer is blank"
    if len(set(data["alts"])) < len(data["alts"]):
        yield "the alt texts of the explorer's frames must differ"


def _data(page: str) -> dict[str, list[str]]:
    """Return the frames and the alt texts of an explorer."""
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1]) if found else {"frames": [], "alts": []}
