"""The conventions of a chapter's notebook: each function yields what breaks one of them."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from collapse_lab.claims import boxes_in
from collapse_lab.notebooks import CHECK, HINTS, KEPT_OUTPUTS, SOLUTION, STARTER

MAX_LINES = 15

_MARK = re.compile(r"\s*# (YOUR CODE:.*|END)")
_LEFTOVER = re.compile(r"\[?<matplotlib|<Axes|\[?Text\(|\(array\(|array\(\[<")
_QUIZ = re.compile(r'<div class="quiz">\n\n(.+?)\n\n(?=<details)(.*?)\n?</div>', re.DOTALL)
_OPTION = re.compile(
    r'<details name="(?P<name>quiz-\d+-\d+)" class="option (?P<kind>right|wrong)">'
    r"<summary>(?P<option>[^\n]+)</summary>\n\n(?P<feedback>.+?)\n\n</details>",
    re.DOTALL,
)
_HINT = re.compile(
    r'<details class="hint">\s*<summary>(?P<title>[^\n]+)</summary>\n\n(?P<text>.+?)\n\n</details>',
    re.DOTALL,
)
# code, mathematics, and tags or addresses in < >; then a hyphen at the beginning of a number
_NOT_PROSE = re.compile(r"(`+).*?\1|(\$+).*?\2|<[^>\n]*>", re.DOTALL)
_HYPHEN = re.compile(r"(?<![\w)\]/-])-\.?\d\S*")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook: NotebookNode, tag: str) -> dict[str, NotebookNode]:
    """Return the cells with a tag by exercise."""
    cells = [cell for cell in notebook.cells if tag in cell.metadata.get("tags", ())]
    return {cell.metadata.get("exercise", "?"): cell for cell in cells}


def texts(cell: NotebookNode, kind: str = "text/plain") -> list[str]:
    """Return what a cell shows, of one kind; streams count as plain text."""
    found = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream" and kind == "text/plain":
            found.append(output.text)
        found += [output.data[kind]] if kind in output.get("data", {}) else []
    return found


def run_in_order(notebook: NotebookNode) -> Iterator[str]:
    for count, cell in enumerate(code_cells(notebook), start=1):
        if not cell.source.strip():
            yield f"{cell.id}: an empty code cell"
        if cell.execution_count is None:
            yield f"{cell.id}: never run; use `normalize --execute`"
        elif cell.execution_count != count:
            yield f"{cell.id}: ran as number {cell.execution_count}, stands at {count}"


def clean_outputs(notebook: NotebookNode) -> Iterator[str]:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{cell.id}: stores an error: {output.ename}"
            if output.get("name") == "stderr":
                yield f"{cell.id}: writes to stderr: {output.text[:80]!r}"
            kinds = set(output.get("data", {})) - set(KEPT_OUTPUTS)
            if kinds:
                yield f"{cell.id}: stores {', '.join(sorted(kinds))}"
        if any(" at 0x" in text for text in texts(cell)):
            yield f"{cell.id}: shows an object's address, which differs from run to run"
        if any(_LEFTOVER.match(text) for text in texts(cell)):
            yield f"{cell.id}: shows a leftover of matplotlib; end the cell with plt.show()"
        if cell.source.endswith(";"):  # nbval runs without history, where IPython ignores it
            yield f"{cell.id}: ends with a semicolon; end the cell with plt.show()"


def short_cells(notebook: NotebookNode) -> Iterator[str]:
    for cell in code_cells(notebook):
        lines = [x for x in cell.source.splitlines() if x.strip() and not _MARK.fullmatch(x)]
        if len(lines) > MAX_LINES:
            yield f"{cell.id}: {len(lines)} lines of code, at most {MAX_LINES} are allowed"


def alt_texts(notebook: NotebookNode) -> Iterator[str]:
    for cell in code_cells(notebook):
        drawn = any(text.startswith("<Figure ") for text in texts(cell))
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if drawn and (len(alt.split()) < 5 or re.search(r"\.(png|svg)$", alt)):
            yield f"{cell.id}: the figure needs an alt text of at least five words, got {alt!r}"
        if alt and not drawn:
            yield f"{cell.id}: has an alt text, but draws no figure"


def quizzes(notebook: NotebookNode) -> Iterator[str]:
    names: list[str] = []
    shown = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if cell.outputs and not names and not shown:
                shown = True
                yield f"{cell.id}: shows something before the first quiz asks for a prediction"
            continue
        found = _QUIZ.findall(cell.source)
        if len(found) != cell.source.count('class="quiz"'):
            yield f"{cell.id}: a quiz is not built as it should be (blank lines count)"
        for _question, inside in found:
            options = list(_OPTION.finditer(inside))
            names.append(options[0]["name"] if options else cell.id)
            yield from (f"{cell.id}: {problem}" for problem in _quiz(inside, options))
    if len(names) != len(set(names)):
        yield f"two quizzes share a name: {names}"
    if not names:
        yield "there is no quiz"


def _quiz(inside: str, options: list[re.Match[str]]) -> Iterator[str]:
    """Yield what is wrong with one quiz."""
    if len(options) != inside.count("<details"):
        yield "an option of the quiz is not built as it should be (blank lines count)"
    if len(options) < 3:
        yield f"a quiz needs three options, got {len(options)}"
    if [option["kind"] for option in options].count("right") != 1:
        yield "a quiz needs exactly one right option"
    if len({option["name"] for option in options}) > 1:
        yield "the options of a quiz need the same name, so that opening one closes the others"
    if len({option["feedback"].strip() for option in options}) < len(options):
        yield "every option needs feedback of its own"
    for option in options:
        says_right = option["feedback"].lstrip("*_ \n").startswith("Right")
        if says_right != (option["kind"] == "right"):
            yield f'feedback begins with "Right" for the right option only: {option["option"]!r}'


def exercises(notebook: NotebookNode) -> Iterator[str]:
    tags = {tag: tagged(notebook, tag) for tag in (STARTER, CHECK, SOLUTION)}
    ids = sorted(set().union(*tags.values()))
    if len(ids) < 3:
        yield f"a chapter needs three exercises, got {ids}"
    hints = {
        cell.metadata.get("exercise"): _HINT.findall(cell.source)
        for cell in notebook.cells
        if HINTS in cell.metadata.get("tags", ()) or 'class="hint"' in cell.source
    }
    for exercise in ids:
        for tag, cells in tags.items():
            if exercise not in cells:
                yield f"exercise {exercise}: no cell with the tag {tag}"
        titles = [title for title, _text in hints.get(exercise, ())]
        if titles != ["Hint 1", "Hint 2", "Hint 3"]:
            yield f"exercise {exercise}: must have Hint 1, Hint 2, Hint 3, got {titles}"
        for tag, verdict in (
            (CHECK, f"Exercise {exercise}: not yet."),
            (SOLUTION, f"Worked solution of exercise {exercise}: right."),
        ):
            said = texts(tags[tag].get(exercise, NotebookNode()))
            if not any(text.startswith(verdict) for text in said):
                yield f"exercise {exercise}: {tag} must say {verdict!r}, got {said}"


def claim_boxes(notebook: NotebookNode) -> Iterator[str]:
    try:
        boxes = boxes_in(notebook)
    except ValueError as error:
        yield str(error)
        return
    anchors = [box.anchor for box in boxes]
    if not anchors:
        yield "there is no claim box"
    if len(anchors) != len(set(anchors)):
        yield f"a claim is settled twice: {anchors}"


def minus_signs(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        shown = [cell.source] if cell.cell_type == "markdown" else texts(cell, "text/markdown")
        for text in shown:
            for found in _HYPHEN.finditer(_NOT_PROSE.sub("", text)):
                yield f"{cell.id}: a hyphen for a minus sign, −: {found[0]!r}"


def explorers(notebook: NotebookNode) -> Iterator[str]:
    shown = [text for cell in code_cells(notebook) for text in texts(cell)]
    if not any(text.startswith("Interactive figure. ") for text in shown):
        yield "there is no explorer"


CONVENTIONS = [
    run_in_order,
    clean_outputs,
    short_cells,
    alt_texts,
    quizzes,
    exercises,
    claim_boxes,
    minus_signs,
    explorers,
]
