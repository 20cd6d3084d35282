"""Studies: experiments that take minutes, run beforehand by ``make studies``.

A chapter computes for ten seconds. What needs more is a `Study` here: its small table is kept in
this package with its seed, the versions of the libraries, and a fingerprint of the code that made
it. A test fails when that code has changed since. ``python -m collapse_lab.studies`` runs what is
stale, and with ``--replicate SEED`` it runs all studies anew with another seed and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from collapse_lab.studies import opposites, rendered
from collapse_lab.studies.chains import CHAINS
from collapse_lab.studies.fresh_or_generated import FRESH_OR_GENERATED
from collapse_lab.studies.melting import MELTING, STROKES
from collapse_lab.studies.petals import PETALS
from collapse_lab.studies.rare_constructs import RARE_CONSTRUCTS
from collapse_lab.studies.soft_labels import SOFT_LABELS
from collapse_lab.studies.study import Kept, Study, deviations, is_stale, keep, kept
from collapse_lab.studies.teacher_text import TEACHER_TEXT
from collapse_lab.studies.temperature import TEMPERATURE
from collapse_lab.studies.transfer_sets import TRANSFER_SETS, VARIETY
from collapse_lab.studies.ways_to_fill import WAYS_TO_FILL
from collapse_lab.studies.winners import WINNERS
from collapse_lab.studies.writing import MISTRANSLATED, WRITING

__all__ = ["STUDIES", "Kept", "Study", "deviations", "is_stale", "keep", "kept"]

ALL: tuple[Study, ...] = (
    CHAINS,
    FRESH_OR_GENERATED,
    MELTING,
    MISTRANSLATED,
    PETALS,
    RARE_CONSTRUCTS,
    SOFT_LABELS,
    STROKES,
    TEACHER_TEXT,
    TEMPERATURE,
    TRANSFER_SETS,
    VARIETY,
    WAYS_TO_FILL,
    WINNERS,
    WRITING,
    opposites.OPPOSITES,
    opposites.SETTINGS,
    rendered.MIXING,
    rendered.RARE,
    rendered.STRENGTH,
    rendered.VARIETY,
)
STUDIES: Mapping[str, Study] = MappingProxyType({study.name: study for study in ALL})
