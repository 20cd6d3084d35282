"""A bibliography whose labels read as the citations do: "Shumailov et al., 2024"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx


def _who(entry: Entry) -> str:
    people = entry.persons.get("author", [])
    names = [" ".join(person.prelast_names + person.last_names).strip("{}") for person in people]
    if not names:
        return str(entry.fields.get("key", entry.key))
    if len(names) == 1:
        return names[0]
    if len(names) == 2 and names[1] != "others":
        return f"{names[0]} and {names[1]}"
    return f"{names[0]} et al."


class AuthorYearLabels(BaseLabelStyle):
    """Labels of author and year; a letter tells apart two of the same."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """Yield a label for each entry, in order."""
        entries = list(sorted_entries)
        plain = [f"{_who(entry)}, {entry.fields.get('year', 'n.d.')}" for entry in entries]
        total, seen = Counter(plain), Counter[str]()
        for label in plain:
            seen[label] += 1
            yield label + (chr(ord("a") + seen[label] - 1) if total[label] > 1 else "")


class CourseStyle(PlainStyle):
    """The plain style, sorted by author and year, with author-year labels."""

    default_label_style = AuthorYearLabels
    default_sorting_style = "author_year_title"


def setup(_app: Sphinx) -> None:
    """Register the style."""
    register_plugin("pybtex.style.formatting", "course", CourseStyle, force=True)
