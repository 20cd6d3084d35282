"""The study of drawn digits: what is learned and what is read, with a reader that only notes it."""

import numpy as np
import pytest

from collapse_lab.rendering import FACES, Randomization
from collapse_lab.rendering import rendered as draw
from collapse_lab.studies import rendered

ALL = Randomization()


class Notes:
    """Notes what each reader learned from, and how each set was drawn."""

    def __init__(self):
        self.learned, self.drawn = [], []

    def recognizer(self, digits, weight=None):
        self.learned.append((digits, weight))
        return len(self.learned)

    def accuracy(self, read, digits):
        return 10.0 * read + len(digits)

    def rendered(self, n, randomization=ALL, **options):
        digits = draw(n, randomization, **options)
        self.drawn.append((n, randomization, options, digits))
        return digits


@pytest.fixture
def notes(monkeypatch):
    noted = Notes()
    for name in ("recognizer", "accuracy", "rendered"):
        monkeypatch.setattr(rendered, name, getattr(noted, name))
    return noted


def test_a_strength_is_compared_with_plain_faces(notes):
    row = rendered._at_strength(2.0, np.random.default_rng(1))
    widths = {randomization.scale / 0.15: digits for _, randomization, _, digits in notes.drawn}
    at = [next(i for i, (x, _) in enumerate(notes.learned, 1) if x is widths[s]) for s in (2, 0)]
    assert set(widths) == {0.0, 0.25, 2.0}
    assert len(notes.learned[0][0]) == len(notes.learned[1][0]) == 1050
    assert row == {
        "real": 10 * at[0] + 899,  # the handwritten half to test on
        "gain": 10 * (at[0] - at[1]),
        "clean": 10 * at[0] + 420,
        "clean_gain": 10 * (at[0] - at[1]),
    }


def test_faces_are_chosen_at_random_and_compared_with_one(notes):
    first = set()
    for seed in range(8):
        row = rendered._with_faces(3, 420, np.random.default_rng(seed))
        (least, _, one, _), (n, _, three, _) = notes.drawn[-2:]
        assert (least, n, len(one["faces"]), len(three["faces"])) == (210, 420, 1, 3)
        assert one["faces"][0] in three["faces"]
        assert row["gain"] == 10
        assert row["real"] == 10 * len(notes.learned) + 899
        first.add(one["faces"][0])
    assert len(first) > 3
    assert first <= set(FACES)


@pytest.mark.parametrize("weight", [0.1, 0.75])
def test_a_weight_is_the_share_of_drawn_pictures(notes, weight):
    row = rendered._mixed(20, weight, np.random.default_rng(1))
    (few, alone), (both, counts) = notes.learned
    assert (len(few), len(both)) == (20, 20 + 1050)
    np.testing.assert_array_equal(both.ink[:20], few.ink)
    assert alone.sum() == pytest.approx(1050)  # as strong a training in both
    assert counts.sum() == pytest.approx(1050)
    assert counts[20:].sum() / counts.sum() == pytest.approx(weight)
    assert np.ptp(counts[:20]) == np.ptp(counts[20:]) == 0
    assert row == {"alone": 909, "real": 919, "gain": 10}


@pytest.mark.parametrize("n_rare", [0, 3])
@pytest.mark.parametrize("added", ["the rare digit", "another digit", "weight"])
def test_a_rare_digit_gets_what_it_says(notes, n_rare, added):
    row = rendered._with_rare(9, n_rare, added, np.random.default_rng(1))
    (real, none), (more, weight) = notes.learned
    assert none is None
    assert np.bincount(real.label, minlength=10).tolist() == [50] * 9 + [n_rare]
    if added == "weight":
        assert more is real
        assert (weight[real.label < 9] == 1).all()
        assert weight[real.label == 9].sum() == pytest.approx(n_rare and n_rare + 50)
    else:
        assert np.bincount(more.label).tolist() == [50] * 9 + [n_rare + 50]
        (_, _, options, _) = notes.drawn[-1]
        assert options["digits"] == [9 if added == "the rare digit" else 0]
        np.testing.assert_array_equal(more.ink[-50:], notes.drawn[-1][3].ink)
    assert row["after"] - row["before"] == row["gain"] == row["others"] == 10
    assert row["before"] - 10 < 899 / 5  # the test pictures of one digit, not of nine


def test_a_gain_is_that_on_the_rare_digit(notes, monkeypatch):
    assert not notes.learned
    monkeypatch.setattr(rendered, "accuracy", lambda read, digits: read * len(digits))
    row = rendered._with_rare(2, 1, "weight", np.random.default_rng(2))
    assert row["gain"] == row["before"] == row["after"] / 2
    assert row["gain"] + row["others"] == 899


def test_a_row_is_the_mean_of_its_splits(monkeypatch):
    values = np.random.default_rng(3).normal(size=rendered.SPLITS)
    left = iter(values)
    monkeypatch.setattr(rendered, "_mixed", lambda n, w, rng: {"gain": next(left)})
    row = rendered.mixing_task(10, 0.5, rng=np.random.default_rng(1))
    assert row["gain"] == pytest.approx(values.mean())
    assert row["gain_se"] == pytest.approx(values.std(ddof=1) / np.sqrt(len(values)))


def test_each_digit_is_rare_in_turn(monkeypatch):
    monkeypatch.setattr(rendered, "_with_rare", lambda digit, *_: {"gain": float(digit)})
    row = rendered.rare_task(3, "weight", rng=np.random.default_rng(1))
    assert row == {"gain": 4.5, "gain_se": 0.0}
