"""Print the table of results: ``python -m collapse_lab.results [--seed SEED] [ID ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tqdm import tqdm

from collapse_lab.results import RESULTS, as_text, measure_all


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 if a result does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m collapse_lab.results",
        description="Run published results as experiments and compare.",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="such as L05; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of all randomness (default: 1)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.ids if name not in RESULTS]
    if unknown:
        parser.error(f"ID must be among {', '.join(RESULTS)}, got {unknown[0]!r}")
    ids = options.ids or list(RESULTS)
    with tqdm(total=len(ids), unit="result") as bar:
        measured = measure_all(ids, rng=options.seed, progress=lambda *_: bar.update() and None)
    print(as_text((RESULTS[name], measured[name]) for name in ids))
    wrong = [name for name in ids if not measured[name].holds(RESULTS[name].kind).all()]
    count = sum(len(m.labels) for m in measured.values())
    verdict = f"these do not hold: {', '.join(wrong)}" if wrong else "all hold"
    print(
        f"\n{len(ids)} results, {count} numbers, seed {options.seed}: {verdict}.\n"
        "z: standard errors beyond what the kind of result allows; up to 4.9 it holds."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
