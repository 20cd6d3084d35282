"""Run studies: ``python -m collapse_lab.studies [--all] [--replicate SEED] [NAME ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from tqdm import tqdm

from collapse_lab.studies import STUDIES, Study, deviations, is_stale, keep, kept
from collapse_lab.sweep import Table

LIMIT = 4.9  # standard errors: one false alarm in a million


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and keep, or run and compare; return 1 if a comparison fails."""
    parser = argparse.ArgumentParser(
        prog="python -m collapse_lab.studies",
        description="Run the studies whose code has changed, and keep their tables.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all by default")
    parser.add_argument("--all", action="store_true", help="also those that are not stale")
    parser.add_argument(
        "--replicate", type=int, metavar="SEED", help="keep nothing: compare with this other seed"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in STUDIES]
    if unknown:
        parser.error(f"NAME must be among {', '.join(STUDIES)}, got {unknown[0]!r}")
    wanted = [STUDIES[name] for name in options.names or STUDIES]
    if options.replicate is not None:
        agree = [_replicates(study, options.replicate, options.workers) for study in wanted]
        return 0 if all(agree) else 1
    for study in wanted:
        if options.all or options.names or is_stale(study):
            keep(study, _run(study, study.seed, options.workers))
            print(f"{study.path.name}: kept")
        else:
            print(f"{study.path.name}: up to date")
    return 0


def _run(study: Study, seed: int, workers: int) -> Table:
    points = int(np.prod([len(values) for values in study.grid.values()]))
    with (
        tqdm(total=points, unit="point", desc=study.name) as bar,
        ProcessPoolExecutor(workers) as executor,
    ):
        return study.run(executor=executor, progress=lambda *_: bar.update() and None, rng=seed)


def _replicates(study: Study, seed: int, workers: int) -> bool:
    if seed == study.seed:
        raise SystemExit(f"SEED must differ from the study's own, got {seed}")
    compared = deviations(study, kept(study).table, _run(study, seed, workers))
    worst = {name: np.abs(compared[name]).max() for name in study.measured(compared)}
    print(f"{study.name}: largest differences in standard errors:")
    for name, value in worst.items():
        print(f"  {name}: {value:.1f}")
    return bool(max(worst.values()) <= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
