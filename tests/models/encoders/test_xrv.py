"""The classifiers of torchxrayvision as encoders, offline, with files made here."""

import shutil
from collections import OrderedDict
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from radtex.errors import RunError
from radtex.models.encoder import pool
from radtex.models.encoders.xrv import xrv_encoder


@pytest.fixture
def xrv_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    utilities = pytest.importorskip("torchxrayvision.utils")
    monkeypatch.setattr(utilities, "get_cache_dir", lambda: str(tmp_path))
    monkeypatch.setattr(utilities, "download", _no_network)
    return tmp_path


def _no_network(url: str, filename: str) -> None:
    raise ConnectionError(url, filename)


@pytest.mark.parametrize("zipped", [True, False], ids=["new format", "old format"])
@torch.inference_mode()
def test_xrv_gives_the_features_of_the_library(xrv_cache: Path, zipped: bool) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "densenet121-res224-nih"
    torch.manual_seed(2)
    theirs = models.DenseNet().eval()
    for key, buffer in theirs.named_buffers():
        if key.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    path = xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    torch.save(theirs, path, _use_new_zipfile_serialization=zipped)
    if not zipped:
        with pytest.raises(RunError, match="if you trust the file, convert it once: python -c"):
            xrv_encoder(name)
        save_file(theirs.state_dict(), path.with_suffix(".safetensors"))
    resolved = xrv_encoder(name)
    grey = torch.randint(0, 256, (2, 224, 224), generator=torch.Generator().manual_seed(0))
    ready = resolved.takes.prepare(grey.to(torch.uint8))
    scaled = (2 * grey[:, None] / 255 - 1) * 1024
    torch.testing.assert_close(ready, scaled, rtol=1e-5, atol=1e-3)
    expected = theirs.features2(scaled)
    torch.testing.assert_close(pool(resolved.encoder(ready)), expected, rtol=1e-3, atol=1e-3)
    assert resolved.description["namespaces"] == ["nih"]
    assert resolved.encoder.input_size == 224


def test_the_resnet_of_xrv_is_one_at_512_px(xrv_cache: Path) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "resnet50-res512-all"
    weights = timm.create_model("resnet50", in_chans=1, num_classes=18).state_dict()
    torch.save(
        OrderedDict(weights), xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    )
    encoder = xrv_encoder(name).encoder
    assert (encoder.backbone, encoder.input_size) == ("resnet50", 512)
    assert torch.equal(encoder.network.conv1.weight, weights["conv1.weight"])


def test_xrv_names_downloads_and_files_are_refused_in_one_line(
    xrv_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "densenet121-res224-nih"
    with pytest.raises(RunError, match="no weights xrv:nothing; expected one of densenet121"):
        xrv_encoder("nothing")
    with pytest.raises(RunError, match=f"cannot get the weights xrv:{name} .ConnectionError"):
        xrv_encoder(name)
    path = xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    torch.save({"features": shutil.rmtree}, path)
    with pytest.raises(RunError, match="could run as a program when read"):
        xrv_encoder(name)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RunError, match="pip install torchxrayvision"):
        xrv_encoder(name)
