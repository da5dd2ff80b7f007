import torch

from radtex.models.encoder import pool
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.features import extracted_features, pooled_features
from radtex.transfer.contestants.pixel_floor import pixel_floor


def test_its_features_are_the_grey_levels(corpus):
    floor = pixel_floor(EncoderInput(16, 100.0, 40.0))
    features = extracted_features(floor, corpus.images, corpus.rows("test")[:5])
    expected = (corpus.images[corpus.rows("test")[:5]].reshape(5, 256) - 100.0) / 40.0
    assert torch.allclose(features, torch.from_numpy(expected).float(), atol=1e-5)


def test_larger_images_are_averaged():
    floor = pixel_floor(EncoderInput(32, 0.0, 1.0), side=2)
    halves = torch.zeros(1, 32, 32, dtype=torch.uint8)
    halves[:, 16:] = 200
    levels = pool(floor.encoder(floor.takes.prepare(halves)))
    assert floor.takes.size == 2
    assert levels.shape == (1, 4)
    assert (levels[0, :2] < 60).all()
    assert (levels[0, 2:] > 140).all()


def test_it_has_no_weights_and_its_features_are_kept(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("RADTEX_CACHE", str(tmp_path))
    floor = pixel_floor(EncoderInput(16, 100.0, 40.0))
    rows = corpus.rows("pool")[:4]
    once = pooled_features(floor, corpus.images, rows)
    assert list(floor.encoder.parameters()) == []
    assert len(list((tmp_path / "features").iterdir())) == 1
    assert pooled_features(floor, corpus.images, rows).equal(once)


def test_it_learns_what_grey_levels_tell(run, contestant, corpus):
    floor = pixel_floor(EncoderInput(corpus.size, corpus.mean, corpus.std))
    for protocol in ("linear", "knn", "prototype"):
        results = run([floor, contestant("noise", "random")], protocol=protocol)
        assert results.mean_auc["pixels"][160].mean > 0.9
        assert not any("pixels" in flag for flag in results.flags if "differ" in flag)
