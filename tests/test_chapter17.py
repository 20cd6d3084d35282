"""What the generic tests cannot know of chapter 17: its sentences hold for its numbers."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from collapse_lab.checks import check
from collapse_lab.claims import boxes_in
from collapse_lab.exercises import chapter17
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, chains, kept

CHAPTER = Path(__file__).parents[1] / "book" / "part3" / "17-help-or-harm.ipynb"
TABLE = kept(STUDIES["chains"]).table


def shown(cell_id: str) -> str:
    """Return what a cell of the chapter shows."""
    cell = next(cell for cell in read(CHAPTER).cells if cell.id == cell_id)
    texts = [
        output.get("text") or output.data.get("text/markdown") or output.data["text/plain"]
        for output in cell.outputs
    ]
    return " ".join(" ".join(texts).split())


def z(name: str) -> np.ndarray:
    return TABLE[name] / TABLE[f"{name}_se"]


def limit(looks: int) -> float:
    return float(stats.t.ppf(1 - 0.05 / 2 / looks, df=chains.N_SPLITS - 1))


def test_the_claim_has_its_box():
    assert {box.anchor for box in boxes_in(read(CHAPTER))} == {"claim-c39-chapter-17"}


def test_the_detour_is_a_null_and_small_links_are_not():
    for what in ("chain - direct", "chain winners - direct winners"):
        for size in (16, 8, 4):
            name = f"{what}, {size} hidden"
            assert (abs(TABLE[name]) < limit(12) * TABLE[f"{name}_se"]).all()
            assert (limit(12) * TABLE[f"{name}_se"] < 0.011).all()  # "about a point"
    assert (z("equals - chain, 4 hidden") < -limit(4)).all()
    assert "12 intervals in the figure (jointly 95%), 0 miss 0" in shown("chains-said")


def test_direct_teaching_gains_only_for_the_smallest_with_300_labels():
    for size in (32, 16, 8):
        assert z(f"direct - labels, {size} hidden")[0] < 0
    assert (z("direct - labels, 4 hidden") > limit(4)).all()


def test_copies_on_digits_are_as_the_text_says():
    ten = {copy: TABLE[f"{copy}, 10 copies: accuracy"] for copy in chains.COPIES}
    assert (ten["drawn"] < ten["random half"]).all()
    assert (ten["random half"] < ten["half drawn"]).all()
    assert (ten["half drawn"] < ten["soft"]).all()
    assert (z("soft, 10 copies: accuracy") < -limit(20)).all()
    winners = "winners, 10 copies: accuracy"
    assert (abs(TABLE[winners]) <= limit(20) * TABLE[f"{winners}_se"]).all()
    half = "half drawn, {} copies: accuracy"
    early = TABLE[half.format(5)] - TABLE[half.format(2)]
    late = TABLE[half.format(10)] - TABLE[half.format(5)]
    assert (abs(late / 5) < abs(early / 3)).all()  # it slows down


def test_the_loss_of_soft_copies_goes_with_the_penalty():
    assert "with decay, cross-entropy: +0.06" in shown("control")
    assert "without: +0.00" in shown("control")


def test_winners_are_the_human_labels_where_all_pictures_are_right():
    assert "own pictures right: 100%" in shown("control")
    assert TABLE["winners, 10 copies: accuracy"][1] == 0
    assert z("drawn, 1 copies: accuracy")[1] < -4


def test_soft_copies_of_oneself_change_nothing_in_least_squares():
    assert "the soft one moved by 0.000000000." in shown("by-hand-numbers")
    assert "own soft output 0, at every dose and in every run" in shown("dose-numbers")


def test_bias_solution_is_the_geometric_series():
    for m, t in ((0.5, 3), (0.9, 40)):
        series = m * (1 - m**t) / (1 - m)
        assert chapter17.bias_after(m, 1.0, t) == pytest.approx(series)


def test_other_right_answers_pass():
    assert check("17.1", lambda m, delta, t: delta * (m ** np.arange(1, t + 1)).sum()).passed

    def in_place(X, y, q, rng):
        chosen = rng.random(len(y)) < q
        y = y.copy()
        fitted = X @ np.linalg.solve(X.T @ X, X.T @ y)
        y[chosen] = rng.normal(fitted[chosen])
        return y

    assert check("17.2", in_place).passed

    def weighted(X, y, _free, coef):
        return np.linalg.solve(X.T @ X + 40 * np.eye(5), X.T @ y + 40 * coef)

    assert check("17.3", weighted).passed

    def step_in_place(X, y, _free, coef):
        coef += X.T @ (y - X @ coef) / 60
        return coef

    assert check("17.3", step_in_place).passed


def test_labels_changed_in_place_are_noticed():
    def edit(X, y, q, rng):
        y[:] = chapter17.edit(X, y, q, rng)
        return y

    result = check("17.2", edit)
    assert not result.passed
    assert "changes `y` itself" in str(result)


def test_a_fit_to_half_of_the_labels_is_noticed():
    def edit(X, y, q, rng):
        answer = X @ np.linalg.lstsq(X[::2], y[::2])[0]
        return np.where(rng.random(len(y)) < q, answer + rng.standard_normal(len(y)), y)

    assert "should see all labels" in str(check("17.2", edit))


def test_noise_without_an_answer_is_not_called_a_fit_to_a_part():
    def edit(_X, y, q, rng):
        return np.where(rng.random(len(y)) < q, rng.standard_normal(len(y)), y)

    assert "0 and 1 were wanted" in str(check("17.2", edit))


def test_what_an_answer_keeps_beside_the_coefficients_does_not_help():
    keeps = chapter17.EXERCISES["17.3"].wrong["more than coef"]
    assert "besides `coef`" in check("17.3", keeps).message


def test_chance_that_does_no_harm_is_allowed():
    """An answer that differs from call to call is not taken for one with a memory."""
    rng = np.random.default_rng(5)

    def month(X, y, free, coef):
        asked = free[rng.permutation(40)[:38]]
        return np.linalg.lstsq(np.vstack([X, asked]), np.r_[y, asked @ coef])[0]

    assert check("17.3", month).passed


def test_a_memory_must_not_explode():
    result = check("17.3", lambda _X, _y, _free, coef: 100 * coef)
    assert not result.passed
    assert "grow without bound" in str(result)
