"""The table of results, as text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from collapse_lab.measurement import Kind, Measurement
from collapse_lab.results.result import Result

HEADER = ("quantity", "measured", "expected", "z", "verdict")
KIND_WORDS: dict[Kind, str] = {
    "equal": "an equality",
    "at most": "an upper bound",
    "at least": "a lower bound",
    "approximate": "an approximation",
    "qualitative": "a direction",
}


def as_text(results: Iterable[tuple[Result, Measurement]]) -> str:
    """Lay the results out in aligned columns of plain text."""
    pairs = list(results)
    rows = {result.id: measurement.rows(result.kind) for result, measurement in pairs}
    cells = [HEADER, *(row for group in rows.values() for row in group)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: tuple[str, ...]) -> str:
        label, *numbers, verdict = (
            cell.ljust(width) if i in (0, 4) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "     " + "  ".join([label, *numbers, verdict]).rstrip()

    lines = [line(HEADER)]
    for result, measurement in pairs:
        source = " ".join(filter(None, [result.origin, result.source]))
        lines.append(f"{result.id}  {result.title} ({KIND_WORDS[result.kind]}, {source})")
        lines += map(line, rows[result.id])
        lines += ["     " + rival for rival in _rivals(measurement)]
    return "\n".join(lines)


def _rivals(measurement: Measurement) -> list[str]:
    """Say of each other form what it expects and how far off it is."""
    lines = []
    for name, values in measurement.rivals.items():
        other = Measurement(
            measurement.labels, measurement.value, measurement.standard_error, values
        )
        numbers = [f"{expected} (z = {z})" for _, _, expected, z, _ in other.rows("equal")]
        lines.append(f"{name}: {', '.join(numbers)}")
    return lines


def as_markdown(
    results: Iterable[tuple[Result, Measurement]], *, pages: Mapping[int, str] | None = None
) -> str:
    """Write the results as MyST Markdown, each with an anchor such as ``result-l05``.

    Parameters
    ----------
    results : iterable of (Result, Measurement)
    pages : dict from int to str, optional
        Where a chapter can be read; chapters without a page are named without a link.
    """
    blocks = (_block(result, measurement, pages or {}) for result, measurement in results)
    return "\n\n".join(blocks) + "\n"


def _block(result: Result, measurement: Measurement, pages: Mapping[int, str]) -> str:
    chapter = f"Chapter {result.chapter}"
    if result.chapter in pages:
        chapter = f"[{chapter}]({pages[result.chapter]})"
    cited = f" {{cite:t}}`{result.source}`" if result.source else ""
    table = [HEADER, ("---", "---:", "---:", "---:", "---"), *measurement.rows(result.kind)]
    parts = [
        f"(result-{result.id.lower()})=",
        f"**{result.id}. {result.title}.**",
        result.statement,
        f"*This is {KIND_WORDS[result.kind]}, {result.origin}{cited}.* {chapter}.",
        "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in table),
        *(f"{rival[0].upper()}{rival[1:]}." for rival in map(_cell, _rivals(measurement))),
        f"*Measured so:* {result.method} {result.note}".rstrip(),
    ]
    return "\n\n".join(parts)


def _cell(text: str) -> str:
    """Keep numbers together with their signs and errors, and bars out of the table's syntax."""
    text = re.sub(r"(?<![\w)])-(?=\d)", "\N{MINUS SIGN}", text)
    return re.sub(r" ([=±×≈≤≥]) ", "\u00a0\\1\u00a0", text).replace("|", r"\|")
