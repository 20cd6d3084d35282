"""Every convention is seen to fail once, and a good chapter to keep them all."""

import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from collapse_lab.claims import claim_box
from collapse_lab.notebooks import write

from . import conventions
from .conventions import CONVENTIONS
from .measure import is_blank, measure, picture_problems

QUIZ = """
<div class="quiz">

What happens to the variance, $a<b$?

<details name="quiz-1-1" class="option wrong"><summary>It grows.</summary>

Not quite. It does not.

</details>
<details name="quiz-1-1" class="option right"><summary>It stays.</summary>

Right. On average.

</details>
<details name="quiz-1-1" class="option wrong"><summary>It shrinks.</summary>

Not quite. Only in most runs.

</details>
</div>
""".strip()

HINTS = "\n".join(
    f'<details class="hint"><summary>Hint {number}</summary>\n\nThink.\n\n</details>'
    for number in (1, 2, 3)
)

BOX = claim_box("C07", verdict="holds", evidence="0.31 ± 0.02.")


def code(cell_id: str, source: str, shows: str = "", **metadata: Any) -> NotebookNode:
    outputs = [new_output("stream", text=shows)] if shows else []
    return new_code_cell(source, id=cell_id, outputs=outputs, metadata=metadata)


def exercise(number: int) -> list[NotebookNode]:
    name = f"1.{number}"

    def cell(role: str, shows: str = "") -> NotebookNode:
        metadata = {"tags": [f"exercise-{role}"], "exercise": name}
        return code(f"{role}-{number}", "x = 1", shows, **metadata)

    return [
        cell("starter"),
        new_markdown_cell(HINTS, id=f"hints-{number}", metadata={"exercise": name}),
        cell("check", f"Exercise {name}: not yet. Try."),
        cell("solution", f"Worked solution of exercise {name}: right. Good."),
    ]


def good_chapter() -> NotebookNode:
    cells = [
        new_markdown_cell(QUIZ, id="quiz"),
        code("explorer", "explorer(f)", "Interactive figure. N: 1, 2."),
        code(
            "figure",
            "plt.plot(x)\nplt.show()",
            "<Figure size 650x360 with 1 Axes>",
            mystnb={"image": {"alt": "A line that falls to zero."}},
        ),
        code("claim", "claim_box(...)", ""),
        *exercise(1),
        *exercise(2),
        *exercise(3),
    ]
    cells[3].outputs = [new_output("display_data", {"text/markdown": BOX._repr_markdown_()})]
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate(conventions.code_cells(notebook), start=1):
        cell.execution_count = count
    return notebook


def cell_of(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def change(cell_id: str, **changes: Any) -> Callable[[NotebookNode], None]:
    return lambda notebook: cell_of(notebook, cell_id).update(**copy.deepcopy(changes))


def edit(cell_id: str, old: str, new: str) -> Callable[[NotebookNode], None]:
    def apply(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, cell_id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return apply


def drop(cell_id: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells.remove(cell_of(notebook, cell_id))


def shows(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"outputs": [new_output("stream", text=text, name=name)]}


def markdown(text: str) -> dict[str, Any]:
    return {"outputs": [new_output("display_data", {"text/markdown": text})]}


@pytest.mark.parametrize(
    "text",
    [
        "2015-2016, 2026-11-22, C-3PO, distinct-2, a 5-10 range, e-5, UTF-8, pages (3)-4",
        "`x[-1]` and ``y = -2``\n\n```python\nz = -3\n```",
        "$-1/(2n)$ and\n\n$$\ne^{-2} + (-3)\n$$",
        '<div id="x" style="top:-1px">[here](<#-1>) [there](../01-a.ipynb#claim-c07-chapter-1)',
        "- 5 apples\n- −5 degrees\n\n|---:|-----|\n|1|2|",
    ],
)
def test_not_every_hyphen_is_a_minus_sign(text: str) -> None:
    notebook = good_chapter()
    cell_of(notebook, "figure").update(**markdown(text))
    cell_of(notebook, "hints-1").source += "\n\n" + text
    assert list(conventions.minus_signs(notebook)) == []


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.__name__)
def test_a_good_chapter_keeps_every_convention(convention: Any) -> None:
    assert list(convention(good_chapter())) == []


HTML = {"outputs": [new_output("display_data", {"text/html": "<b>", "text/plain": "x"})]}
TWICE = {"outputs": [new_output("display_data", {"text/markdown": BOX._repr_markdown_()})]}
BROKEN_BOX = {"outputs": [new_output("display_data", {"text/markdown": '<div class="claim">'})]}
QUIZ_2 = QUIZ.replace("quiz-1-1", "quiz-1-2")

BROKEN: list[tuple[str, Callable[[NotebookNode], Any], str]] = [
    (
        "run_in_order",
        change("figure", execution_count=None),
        "never run; use `normalize --execute`",
    ),
    ("run_in_order", change("figure", execution_count=9), "ran as number 9, stands at 2"),
    ("run_in_order", change("figure", source=" "), "an empty code cell"),
    (
        "clean_outputs",
        change("figure", **shows("Warning", "stderr")),
        "writes to stderr: 'Warning'",
    ),
    ("clean_outputs", change("figure", **HTML), "stores text/html"),
    (
        "clean_outputs",
        change("figure", outputs=[new_output("error", ename="KeyError")]),
        "KeyError",
    ),
    ("clean_outputs", change("figure", **shows("<Model object at 0x7f40f4>")), "object's address"),
    ("clean_outputs", change("figure", **shows("Text(0.5, 1.0, 'x')")), "leftover of matplotlib"),
    ("clean_outputs", change("figure", source="plt.plot(x);"), "ends with a semicolon"),
    ("short_cells", change("figure", source="x\n" * 16), "16 lines of code, at most 15"),
    (
        "alt_texts",
        change("figure", metadata={}),
        "needs an alt text of at least five words, got ''",
    ),
    ("alt_texts", change("figure", **shows("")), "has an alt text, but draws no figure"),
    ("quizzes", drop("quiz"), "explorer: shows something before the first quiz"),
    ("quizzes", drop("quiz"), "there is no quiz"),
    ("quizzes", edit("quiz", '"quiz">\n', '"quiz">'), "a quiz is not built as it should be"),
    (
        "quizzes",
        edit("quiz", "</summary>\n\nR", "</summary>\nR"),
        "an option of the quiz is not buil",
    ),
    ("quizzes", edit("quiz", "option wrong", "option right"), "exactly one right option"),
    ("quizzes", edit("quiz", "option right", "option wrong"), "exactly one right option"),
    ("quizzes", edit("quiz", "Right. On", "Yes, on"), 'feedback begins with "Right"'),
    ("quizzes", edit("quiz", "Only in most runs", "It does not"), "feedback of its own"),
    ("quizzes", edit("quiz", '1" class="option right', '2" class="option right'), "same name"),
    ("quizzes", change("hints-1", source=QUIZ), "two quizzes share a name"),
    (
        "quizzes",
        change("quiz", source=QUIZ.rpartition("<details")[0] + "</div>"),
        "needs three opt",
    ),
    (
        "exercises",
        lambda notebook: notebook.cells.__delitem__(slice(4, 8)),
        "needs three exercises",
    ),
    ("exercises", drop("check-2"), "exercise 1.2: no cell with the tag exercise-check"),
    ("exercises", edit("hints-3", "Hint 3", "Hint 4"), "exercise 1.3: must have Hint 1, Hint 2, "),
    ("exercises", drop("hints-3"), "exercise 1.3: must have Hint 1, Hint 2, Hint 3, got []"),
    ("minus_signs", edit("hints-1", "Think.", "From -1 to 1."), "hints-1: a hyphen for a minus"),
    ("minus_signs", change("figure", **markdown("| a | -0.5 ± 0.1 |")), "'-0.5'"),
    ("minus_signs", change("figure", **markdown("fell (-.5 points)")), "'-.5'"),
    (
        "exercises",
        change("check-1", **shows("Exercise 1.1: right. Hm.")),
        "check must say 'Exercise 1.1: not yet.'",
    ),
    (
        "exercises",
        change("solution-1", **shows("Exercise 1.1: right. Good.")),
        "exercise-solution must say 'Worked solution of exercise 1.1: right.', got [",
    ),
    ("claim_boxes", change("claim", outputs=[]), "there is no claim box"),
    ("claim_boxes", change("claim", **BROKEN_BOX), "a claim box must be made by claim_box"),
    ("claim_boxes", change("figure", **TWICE), "a claim is settled twice"),
    ("explorers", change("explorer", **shows("x")), "there is no explorer"),
]


@pytest.mark.parametrize(
    ("convention", "spoil", "message"), BROKEN, ids=[f"{c}: {m}" for c, _, m in BROKEN]
)
def test_a_broken_convention_is_named(
    convention: str, spoil: Callable[[NotebookNode], Any], message: str
) -> None:
    notebook = good_chapter()
    spoil(notebook)
    assert message in "\n".join(getattr(conventions, convention)(notebook))


def test_every_convention_was_seen_to_fail() -> None:
    assert {name for name, _, _ in BROKEN} == {convention.__name__ for convention in CONVENTIONS}


def test_a_second_quiz_is_fine() -> None:
    notebook = good_chapter()
    notebook.cells.append(new_markdown_cell(f"## Again\n\n{QUIZ_2}"))
    assert list(conventions.quizzes(notebook)) == []


# ------------------------------------------------------------------------------ running pictures


def test_a_picture_of_one_color_is_blank() -> None:
    def png(picture: Image.Image) -> bytes:
        file = io.BytesIO()
        picture.save(file, format="png")
        return file.getvalue()

    white = Image.new("RGB", (650, 360), "white")
    dotted = white.copy()
    dotted.paste("black", (0, 0, 20, 20))
    assert is_blank(png(white))
    assert not is_blank(png(dotted))


def test_a_run_sees_pictures_time_and_memory(tmp_path: Path) -> None:
    alt = {"mystnb": {"image": {"alt": "A line that rises."}}}
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    explore = (
        "from collapse_lab.explore import explorer\n"
        "explorer(lambda n: range(n), lambda x, ax: ax.plot(x), alt='{}', n=[2, 3])"
    )
    cells = [
        code("good", plot, **alt),
        code("axes-only", "fig, ax = plt.subplots()\nplt.show()", **alt),
        code("white", "plt.plot([1, 2], color='white')\nplt.axis('off')\nplt.show()", **alt),
        code("no-alt", "plt.plot([1, 2])\nplt.show()"),
        code("warns", "import warnings\nwarnings.warn('careful')"),
        code("html", "from IPython.display import HTML\nHTML('<b>')"),
        code("explorer", explore.format("{n} points")),
        code("same-words", explore.format("Points.")),
        code("slow", "import time\ntime.sleep(0.5)"),
        code("large", "block = bytearray(300_000_000)"),
    ]
    path = tmp_path / "01.ipynb"
    write(new_notebook(cells=cells), path)
    run = measure(path)
    found = list(picture_problems(run.notebook))
    assert [problem.partition(": ")[0] for problem in found] == [
        "axes-only",
        "white",
        "no-alt",
        "warns",
        "html",
        "same-words",
    ]
    said = "\n".join(found)
    assert "axes-only: writes to stderr: 'a figure without anything drawn on it" in said
    assert "white: the figure is blank" in said
    assert "no-alt: the figure has no alt text" in said
    assert "html: shows text/html, which nbval cannot compare" in said
    assert "same-words: the alt texts of the explorer's frames must differ" in said
    assert run.seconds > 0.5
    assert run.processor_seconds > 0.1
    assert run.megabytes > 300
