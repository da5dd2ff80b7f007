"""Weight files of others: loaded whole under any prefix, or refused in one line."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor

from hostile.models import WEIGHTS
from radtex.errors import RunError
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.weight_files import fill, find_backbone, read_state_dict


def torchvision_network(name: str) -> torch.nn.Module:
    """Random weights, with statistics that make each layer's share visible."""
    torch.manual_seed(3)
    network: torch.nn.Module = getattr(torchvision.models, name)(num_classes=5).eval()
    for name_, buffer in network.named_buffers():
        if name_.endswith("running_mean"):
            buffer.normal_(std=0.1)
        elif name_.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return network


@pytest.fixture(scope="module")
def resnet18() -> dict[str, Tensor]:
    return torchvision_network("resnet18").state_dict()


def resolve(what: str, backbone: str = "tf_efficientnet_lite0") -> ResolvedEncoder:
    return resolve_encoder(what, backbone, EncoderInput(64, 100.0, 50.0), seed=0)


def written(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "densenet121"])
@torch.inference_mode()
def test_torchvision_weights_give_torchvision_features(name: str, tmp_path: Path) -> None:
    network = torchvision_network(name)
    resolved = resolve(f"file:{written(tmp_path / 'weights.pth', network.state_dict())}")
    assert resolved.encoder.backbone == name
    grey = torch.randn(2, 1, 96, 96, generator=torch.Generator().manual_seed(0))
    if name == "densenet121":
        expected = network.features(grey.expand(-1, 3, -1, -1)).relu().mean((2, 3))
    else:
        network.fc = torch.nn.Identity()
        expected = network(grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(pool(resolved.encoder(grey)), expected, rtol=1e-3, atol=1e-3)


def nested(kind: str, weights: Mapping[str, Tensor]) -> dict[str, object]:
    other = {"textual.embedding.weight": torch.zeros(2, 2)}
    match kind:
        case "virtex":
            named = {f"visual.cnn.{name}": value for name, value in weights.items()}
            return {"model": named | other, "optimizer": {"state": {}}, "iteration": 500}
        case "lightning":
            named = {f"encoder.backbone.{name}": value for name, value in weights.items()}
            return {"state_dict": named | other, "epoch": 3}
        case "parallel":
            return {"model": {f"module.model.{name}": value for name, value in weights.items()}}
        case _:
            return dict(weights)


@pytest.mark.parametrize("kind", ["virtex", "lightning", "parallel", "plain"])
def test_the_network_is_found_under_its_prefix(
    kind: str, resnet18: dict[str, Tensor], tmp_path: Path
) -> None:
    resolved = resolve(str(written(tmp_path / "weights.pth", nested(kind, resnet18))))
    own = resolved.encoder.network.state_dict()
    for name, value in own.items():
        expected = resnet18[name].sum(1, keepdim=True) if name == "conv1.weight" else resnet18[name]
        assert torch.equal(value, expected), name
    assert resolved.encoder.input_size == 224
    assert resolved.takes.mean == pytest.approx(255 * (0.485 + 0.456 + 0.406) / 3)
    assert resolved.takes.std == pytest.approx(255 * (0.229 + 0.224 + 0.225) / 3)
    assert resolved.description["architecture"] == "resnet18"
    assert "SHA-256" in resolved.description["weights"]
    assert "summed" in resolved.description["grey_levels"]


def test_safetensors_and_one_channel_are_read_too(
    resnet18: dict[str, Tensor], tmp_path: Path
) -> None:
    grey = resnet18 | {"conv1.weight": resnet18["conv1.weight"][:, :1].clone()}
    save_file(grey, tmp_path / "weights.safetensors")
    own = resolve(f"file:{tmp_path / 'weights.safetensors'}").encoder.network.state_dict()
    assert torch.equal(own["conv1.weight"], grey["conv1.weight"])


def test_files_without_counters_of_batches_are_whole(resnet18: dict[str, Tensor]) -> None:
    old = {name: value for name, value in resnet18.items() if "num_batches" not in name}
    encoder = Encoder("resnet18", 64)
    fill(encoder, old, "old")
    assert torch.equal(encoder.network.layer1[0].conv1.weight, resnet18["layer1.0.conv1.weight"])


def test_the_old_names_of_densenets_are_known() -> None:
    new = torchvision_network("densenet121").state_dict()
    old = {
        name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value
        for name, value in new.items()
    }
    encoder = Encoder("densenet121", 64)
    fill(encoder, old, "old")
    name = "features.denseblock1.denselayer1.conv2.weight"
    assert torch.equal(encoder.network.state_dict()[name], new[name])


def test_nothing_is_loaded_in_part(resnet18: dict[str, Tensor]) -> None:
    encoder = Encoder("resnet18", 64)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    short = {name: value for name, value in resnet18.items() if name != "layer2.0.conv1.weight"}
    with pytest.raises(
        RunError, match=r"some do not fit resnet18: layer2.0.conv1.w\w+ is missing;"
    ):
        fill(encoder, short, "some")
    wide = resnet18 | {"layer1.0.conv1.weight": torch.zeros(64, 64, 5, 5)}
    with pytest.raises(RunError, match=r"layer1.0.conv1.weight is \(64, 64, 5, 5\) and not"):
        fill(encoder, wide, "wide")
    more = resnet18 | {"projector.weight": torch.zeros(2, 2)}
    with pytest.raises(RunError, match=r"projector.weight is one too many"):
        fill(encoder, more, "more")
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_two_networks_in_one_file_are_not_guessed_between(resnet18: dict[str, Tensor]) -> None:
    both = {
        f"{which}.{name}": value for which in ("query", "key") for name, value in resnet18.items()
    }
    with pytest.raises(RunError, match=r"several networks: under 'query\.', 'key\.'"):
        fill(Encoder("resnet18", 64), both, "both")


def test_a_network_that_is_not_known_is_refused_with_names() -> None:
    weights = torchvision.models.efficientnet_b0().state_dict()
    with pytest.raises(RunError, match=r"no known backbone; nearest is resnet18 .* is missing;"):
        find_backbone(weights, "resnet18", 224, "weights.pth")


class Anything:
    """What a weight file has no business to hold."""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"model": Anything()}, "holds more than weights"),
        ([torch.zeros(2)], "holds a list"),
        ({"epoch": 3}, "holds no weights by name"),
    ],
)
def test_files_that_hold_something_else_are_refused(
    content: object, says: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=says):
        read_state_dict(written(tmp_path / "weights.pth", content))


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_damaged_files_are_refused(
    suffix: str, resnet18: dict[str, Tensor], tmp_path: Path
) -> None:
    path = tmp_path / f"weights{suffix}"
    (torch.save if suffix == ".pth" else save_file)(resnet18, path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(RunError, match="it is damaged or of another kind"):
        read_state_dict(path)
    with pytest.raises(RunError, match="does not exist"):
        resolve("file:nowhere.pth")


@pytest.mark.parametrize("name", WEIGHTS)
def test_hostile_files_of_weights_are_refused(tmp_path: Path, name: str) -> None:
    WEIGHTS[name](tmp_path / "weights.pth")
    with pytest.raises(RunError):
        weights = read_state_dict(tmp_path / "weights.pth")
        encoder = Encoder("test_resnet", 64)
        fill(encoder, weights, name)
