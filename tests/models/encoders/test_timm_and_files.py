"""Encoders of timm and of weight files, offline, each with its own preprocessing."""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from radtex.errors import RunError
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.timm_and_files import is_foreign, names_foreign_weights

TAKES = EncoderInput(64, 100.0, 50.0)


def test_timm_weights_come_with_their_own_preprocessing(put: Callable[[str], Path]) -> None:
    torch.manual_seed(1)
    colour = timm.create_model("resnet18")
    save_file(colour.state_dict(), put("timm/resnet18.a1_in1k") / "model.safetensors")
    resolved = resolve_encoder("timm:resnet18.a1_in1k", "resnet50", TAKES, 0)
    own = resolved.encoder.network.state_dict()
    assert torch.equal(own["layer1.0.conv1.weight"], colour.layer1[0].conv1.weight)
    torch.testing.assert_close(own["conv1.weight"], colour.conv1.weight.sum(1, keepdim=True))
    assert resolved.encoder.backbone == "resnet18"
    assert resolved.encoder.input_size == 224
    assert resolved.takes.interpolation == "bicubic"
    assert resolved.takes.mean == pytest.approx(255 * (0.485 + 0.456 + 0.406) / 3)
    assert resolved.description["weights"] == "timm resnet18.a1_in1k"


def test_timm_weights_that_cannot_be_had_are_one_line(hub: Path) -> None:
    assert not any(hub.iterdir())
    with pytest.raises(RunError, match=r"cannot get the weights resnet18.a1_in1k .* go online"):
        resolve_encoder("timm:resnet18.a1_in1k", "resnet50", TAKES, 0)
    for unknown in ("resnet18.nowhere", "resnet1800"):
        with pytest.raises(RunError, match=f"no pretrained weights '{unknown}'; near are resnet"):
            resolve_encoder(f"timm:{unknown}", "resnet50", TAKES, 0)


def test_foreign_encoders_are_told_by_prefix_or_as_a_file(tmp_path: Path) -> None:
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"")
    named = ("timm:resnet18", "file:a.pth", "xrv:all", "rad-dino", str(weights))
    assert all(map(is_foreign, named))
    assert not any(map(is_foreign, ("random", "imagenet", str(tmp_path), "nowhere.pth")))


def test_weights_whose_patients_are_unknown_are_told_by_their_name() -> None:
    unknown = ("rad-dino", "file:a", "xrv:all", "runs/a.pth", "b.pt", "c.safetensors", "d.tar")
    assert all(map(names_foreign_weights, unknown))
    known = ("random", "imagenet", "runs/radtex", "timm:resnet18.a1_in1k")
    assert not any(map(names_foreign_weights, known))
