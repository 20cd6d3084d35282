"""Eight definitions of collapse, put to the same chains."""

from __future__ import annotations

import numpy as np

from collapse_lab.definitions import eight_definitions
from collapse_lab.measurement import Measurement
from collapse_lab.policies import accumulate, replace
from collapse_lab.results.result import result

UNDER_REPLACE = (
    "catastrophic increase of risk",
    "any increase of risk",
    "diverging risk",
    "collapsing variance",
    "entangled modes",
    "vanishing tails",
    "hallucinated data",
)
EXPECTED = {replace: UNDER_REPLACE, accumulate: ("any increase of risk",)}


@result(
    id="L62",
    title="Whether it is collapse depends on the definition",
    chapter=6,
    statement=r"""Eight definitions of model collapse are in use, and they disagree. By our reading
of them, chains of unbiased Gaussian fits under `replace` show seven of the eight (all but a change
of the exponent of the risk in $n$; entangled modes are those of kernel densities), chains under
`accumulate` only one: the risk increases at all.""",
    source="schaeffer2025position",
    flag="T",
    kind="qualitative",
    note="""The paper names the definitions. The numbers and levels that stand for them are ours,
see `collapse_lab.definitions`. Shown is how far each number lies above its level, or, marked
"not", below it.""",
)
def eight_definitions_disagree(rng: np.random.Generator) -> Measurement:
    """Run 32,000 chains with n = 50 for 100 fits under each policy, and read all definitions."""
    labels, above, errors = [], [], []
    for policy, names in EXPECTED.items():
        for found in eight_definitions(policy, n_replicates=32_000, rng=rng.spawn(1)[0]):
            side = 1 if found.definition in names else -1
            labels.append(f"{policy.__name__}: {'' if side > 0 else 'not '}{found.definition}")
            above.append(side * (found.value - found.level))
            errors.append(found.standard_error)
    return Measurement(labels, above, errors, np.zeros(len(labels)))


ROWS = [eight_definitions_disagree]
