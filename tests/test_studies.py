"""Studies are kept with their seed, versions and code, and are never stale."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.studies import STUDIES, Study, __main__, deviations, is_stale, keep, kept, study
from collapse_lab.sweep import Table


def mean_of_normals(n, *, rng):
    x = rng.standard_normal(n)
    return {"mean": x.mean(), "mean_se": 1 / np.sqrt(n)}


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "TABLES", tmp_path)
    return Study("small", "The mean of normals.", mean_of_normals, {"n": [10, 1000]}, seed=3)


@pytest.mark.parametrize("name", STUDIES)
def test_no_study_is_stale(name):
    assert not is_stale(STUDIES[name]), f"the code of {name} has changed: make studies"


@pytest.mark.parametrize("name", STUDIES)
def test_kept_table_is_that_of_its_grid_and_seed(name):
    record, wanted = kept(STUDIES[name]), STUDIES[name]
    assert wanted.name == name == wanted.path.stem
    assert record.seed == wanted.seed
    points = np.prod([len(values) for values in wanted.grid.values()])
    assert {len(column) for column in record.table.values()} == {points}
    assert wanted.measured(record.table)


def test_every_kept_table_belongs_to_a_study():
    assert {path.stem for path in study.TABLES.glob("*")} == set(STUDIES)


def test_a_table_is_read_as_it_was_kept(small):
    assert is_stale(small)
    table = small.run(rng=small.seed)
    keep(small, table)
    record = kept(small)
    assert not is_stale(small)
    assert record.seed == 3
    assert record.versions["numpy"] == np.__version__
    for name, column in table.items():
        np.testing.assert_array_equal(record.table[name], column)
        assert record.table[name].dtype == column.dtype


def test_a_study_that_never_ran_says_how_to_run_it(small):
    with pytest.raises(FileNotFoundError, match="study 'small' was never run: make studies"):
        kept(small)


def test_other_seed_grid_or_code_is_stale(small):
    keep(small, small.run(rng=3))
    for change in ({"seed": 4}, {"grid": {"n": [10, 1001]}}, {"task": cl.sweep}):
        fields = {"task": small.task, "grid": small.grid, "seed": small.seed} | change
        assert is_stale(Study(small.name, small.title, **fields)), change


def another_task(n, *, rng):
    return mean_of_normals(n, rng=rng)


def test_another_task_of_the_same_file_is_other_code(small):
    other = Study(small.name, small.title, another_task, small.grid, seed=small.seed)
    assert other.code != small.code


def test_code_is_what_the_files_say(small, monkeypatch):
    before = small.code
    monkeypatch.setattr(study, "essence", lambda path: path.name)
    assert small.code != before


def test_the_seed_is_that_which_is_given(small):
    first, again, other = (small.run(rng=seed)["mean"] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_every_number_needs_its_standard_error():
    bare = Study("bare", "", lambda n, *, rng: {"mean": 0.0}, {"n": [1]}, seed=1)
    with pytest.raises(ValueError, match="standard error with each number, got no mean_se"):
        bare.run(rng=1)


def test_code_is_the_same_whatever_the_comments_say(tmp_path):
    plain, spoken = tmp_path / "plain.py", tmp_path / "spoken.py"
    plain.write_text('def f(x):\n    return "# no comment"\n', encoding="utf-8")
    spoken.write_text(
        '"""A module."""\n\n\ndef f(x):  # a function\n    """Return it.\n\n    Always.\n    """\n'
        '    return "# no comment"\n',
        encoding="utf-8",
    )
    assert study.essence(plain) == study.essence(spoken)
    plain.write_text('def f(x):\n    return "no comment"\n', encoding="utf-8")
    assert study.essence(plain) != study.essence(spoken)


def test_code_covers_what_is_imported_on_the_way(tmp_path):
    package = Path(cl.__file__).parent
    first = tmp_path / "first.py"
    first.write_text("from collapse_lab import Gaussian, theory\n", encoding="utf-8")
    found = study.depends_on(first)
    assert first in found
    for name in ("gaussian.py", "rules.py", "data.py", "theory/__init__.py", "theory/rates.py"):
        assert package / name in found, name
    assert package / "__init__.py" not in found
    assert package / "ngram.py" not in found
    first.write_text("import collapse_lab.ngram\n", encoding="utf-8")
    assert package / "ngram.py" in study.depends_on(first)


def test_deviations_are_in_standard_errors_of_the_difference(small):
    first = Table(
        {"n": np.array([1, 2]), "mean": np.array([0.0, 1.0]), "mean_se": np.array([3, 0])}
    )
    second = Table(
        {"n": np.array([1, 2]), "mean": np.array([10.0, 1.0]), "mean_se": np.array([4, 0])}
    )
    np.testing.assert_allclose(deviations(small, first, second)["mean"], [2.0, 0.0])
    second["mean"][1] = 0.5
    assert deviations(small, first, second)["mean"][1] == -np.inf
    assert deviations(small, second, first)["mean"][1] == np.inf


@pytest.fixture
def command(small, monkeypatch):
    monkeypatch.setattr(__main__, "STUDIES", {"small": small})
    return __main__.main


def test_command_runs_what_is_stale_and_nothing_else(command, small, capsys):
    assert command(["--workers", "1"]) == 0
    before = small.path.read_text(encoding="utf-8")
    assert command([]) == 0
    assert capsys.readouterr().out.splitlines() == ["small.json: kept", "small.json: up to date"]
    assert small.path.read_text(encoding="utf-8") == before
    small.path.write_text(before.replace(small.code, "0" * 64), encoding="utf-8")
    assert command(["--workers", "1"]) == 0
    assert small.path.read_text(encoding="utf-8") == before


def test_command_replicates_with_another_seed(command, small, capsys):
    keep(small, small.run(rng=3))
    before = small.path.read_text(encoding="utf-8")
    assert command(["--replicate", "4", "--workers", "1"]) == 0
    assert "mean: " in capsys.readouterr().out
    record = json.loads(before)
    record["table"]["mean"][1] += 1.0
    small.path.write_text(json.dumps(record), encoding="utf-8")
    assert command(["--replicate", "4", "--workers", "1"]) == 1
    with pytest.raises(SystemExit, match="SEED must differ from the study's own, got 3"):
        command(["--replicate", "3"])


def test_command_runs_anew_what_is_named_or_all(command, monkeypatch, capsys):
    seeds = []
    monkeypatch.setattr(__main__, "_run", lambda study, seed, _: seeds.append(seed))
    monkeypatch.setattr(__main__, "keep", lambda *_: None)
    monkeypatch.setattr(__main__, "is_stale", lambda _: False)
    for arguments, ran in (([], 0), (["small"], 1), (["--all"], 2)):
        assert command(arguments) == 0
        assert seeds == ran * [3]
    assert capsys.readouterr().out.splitlines().count("small.json: kept") == 2


def test_one_difference_that_is_too_large_is_enough(small, monkeypatch):
    ran = []
    table = {"n": [1, 2], "x": [0.0, 0.0], "x_se": [0.6, 0.6], "y": [0.0, 0.0], "y_se": [0.6, 0.6]}
    monkeypatch.setattr(__main__, "kept", lambda _: SimpleNamespace(table=Table(table)))
    for column, value, agrees in (("x", 4.1, True), ("x", 4.2, False), ("y", -4.2, False)):
        other = Table({**table, column: [value, 0.0]})  # 4.9 standard errors are 4.158
        monkeypatch.setattr(__main__, "_run", lambda *given, x=other: ran.append(given[1]) or x)
        assert __main__._replicates(small, 0, 1) == agrees
    assert ran == [0, 0, 0]


def test_one_study_that_differs_is_enough(command, small, monkeypatch):
    monkeypatch.setattr(__main__, "STUDIES", {"small": small, "other": small})
    for agree, code in (((True, True), 0), ((True, False), 1)):
        left = iter(agree)
        monkeypatch.setattr(__main__, "_replicates", lambda *_, left=left: next(left))
        assert command(["--replicate", "0"]) == code
    monkeypatch.setattr(__main__, "_replicates", lambda *_: True)
    assert command(["other", "--replicate", "0"]) == 0


def test_command_names_an_unknown_study(command, capsys):
    with pytest.raises(SystemExit):
        command(["large"])
    assert "NAME must be among small, got 'large'" in capsys.readouterr().err
