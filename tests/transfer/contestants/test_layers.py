import pytest
import torch

from radtex.errors import ProtocolError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.layers import layer_shares, offering


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return Contestant("it", "random", Encoder("test_resnet", 64), EncoderInput(64, 100.0, 40.0), {})


def test_nothing_changes_without_layers(encoder):
    assert offering(encoder, ()) is encoder


def test_the_last_layer_is_the_whole_encoder(encoder):
    (made,) = (offering(encoder, (None,)),)
    assert made.encoder is encoder.encoder
    assert made.description["layers"] == ["last"]


def test_the_layer_is_chosen_inside_each_draw_and_said(run, encoder):
    offered = offering(encoder, (1, 3, None))
    alone = [offering(encoder, (layer,)) for layer in (1, 3, None)]
    alone = [
        Contestant(f"{name}", "random", each.encoder, each.takes, each.description)
        for name, each in zip(("one", "three", "last"), alone, strict=True)
    ]
    for protocol in ("linear", "knn"):
        results = run([offered, *alone], (20, 60), 2, protocol=protocol)
        scores = results.scores.set_index("encoder").auc
        of_each = torch.tensor([scores.loc[each.name].tolist() for each in alone])
        chosen = torch.tensor(scores.loc["it"].tolist())
        assert ((of_each - chosen).abs().amin(0) < 1e-6).all()
        shares = results.chosen["layers"]["it"]
        assert list(shares) == ["1", "3", "last"]
        assert sum(shares.values()) == pytest.approx(1)
        said = next(flag for flag in results.flags if flag.startswith("Share of draws that chose"))
        assert said.startswith(
            "Share of draws that chose each layer, by the same folds as all else: it 1 "
        )
        assert (
            "Encoders differ in layers: it 1 or 3 or last, one 1, three 3, last last."
            in results.flags
        )


def test_the_choice_follows_the_held_out_loss(run, encoder):
    results = run([offering(encoder, (1, 3))], (60,), 3)
    assert list(layer_shares([], {})) == []
    assert results.chosen["layers"]["it"].keys() == {"1", "3"}


def test_what_cannot_choose_or_is_trained_whole_refuses_layers(run, encoder):
    with pytest.raises(ProtocolError, match="prototype chooses no layer, and it offers 2"):
        run([offering(encoder, (1, 3))], (20,), 1, protocol="prototype")
    with pytest.raises(ProtocolError, match="trains the whole encoder; leave out the layer of it"):
        run([offering(encoder, (3,))], (20,), 1, protocol="finetune")
    results = run([offering(encoder, (3,))], (20,), 1, protocol="prototype")
    assert list(results.mean_auc) == ["it"]
