"""Models by their name on the hub: what is kept of them, and what is refused in one line."""

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from fixtures.offline_hub import REVISION
from fixtures.towers import edit, save_tower
from radtex.errors import RunError
from radtex.models.encoders.transformers_tower import hub_encoder
from radtex.models.encoders.weight_files import file_hash

CARD = "---\nlicense: {}\n---\n# A model\n"


def test_what_stands_in_the_record_of_a_model_of_the_hub(put):
    snapshot = save_tower("dinov2", put("org/made"))
    (snapshot / "README.md").write_text(CARD.format("cc-by-4.0"))
    described = hub_encoder("hf:org/made").description
    assert described == {
        "architecture": "dinov2 (transformers)",
        "input_size": 32,
        "weights": f"org/made of the hub, commit {REVISION}, SHA-256 "
        + file_hash(snapshot / "model.safetensors"),
        "licence": "cc-by-4.0",
        "trained": "elsewhere",
        "grey_levels": "mean and deviation of each colour, as its processor states; three equal "
        "colours",
        "interpolation": "bicubic, the middle 80.0% of each side cut out",
        "features": "mean over the grid; tokens before the patches (1) and the pooler are left out",
    }
    assert hub_encoder(f"hf:org/made@{REVISION}").description == described


def test_rad_dino_states_what_it_learnt_from(put):
    save_tower("dinov2", put("microsoft/rad-dino"))
    assert "nih" in hub_encoder("hf:microsoft/rad-dino").description["namespaces"]


def test_a_path_does_not_stand_in_the_record(tmp_path):
    save_tower("vit", tmp_path / "private" / "tower")
    described = hub_encoder(f"hf:{tmp_path}/private/tower").description
    assert described["weights"].startswith("folder tower, SHA-256 ")
    assert "private" not in json.dumps(described)


def test_a_relative_folder_is_taken(tmp_path, monkeypatch):
    save_tower("vit", tmp_path / "tower")
    monkeypatch.chdir(tmp_path)
    assert hub_encoder("hf:./tower").encoder.backbone == "vit"


def test_a_vision_tower_inside_another_model_is_found(tmp_path):
    model = transformers.BlipModel(
        transformers.BlipConfig(
            vision_config={
                "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                "intermediate_size": 16, "image_size": 32, "patch_size": 8,
            },
            text_config={
                "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                "intermediate_size": 16, "vocab_size": 20, "encoder_hidden_size": 16,
            },
        )
    )  # fmt: skip
    save_tower("siglip", tmp_path)
    model.save_pretrained(tmp_path)
    encoder = hub_encoder(f"hf:{tmp_path}").encoder
    assert encoder.backbone == "blip_vision_model"
    own = model.vision_model.state_dict()
    for name, weight in encoder.network.state_dict().items():
        torch.testing.assert_close(weight, own[name])


def test_pickled_weights_are_read_as_plain_values_alone(tmp_path):
    folder = save_tower("vit", tmp_path / "tower")
    weights = folder / "model.safetensors"
    expected = hub_encoder(f"hf:{folder}").encoder.network.state_dict()
    pickled = folder / "pytorch_model.bin"
    torch.save(load_file(weights), pickled)
    weights.unlink()
    for name, weight in hub_encoder(f"hf:{folder}").encoder.network.state_dict().items():
        torch.testing.assert_close(weight, expected[name])

    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"evil": Evil()}, pickled)
    with pytest.raises(RunError, match="cannot read the weights of"):
        hub_encoder(f"hf:{folder}")
    pickled.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(RunError, match="cannot read the weights of"):
        hub_encoder(f"hf:{folder}")
    assert zipfile.is_zipfile(pickled) is False
    assert not (tmp_path / "ran").exists()


def test_weights_in_several_files_are_read_and_hashed(put):
    snapshot = put("org/parts")
    folder = save_tower("vit", snapshot)
    whole = hub_encoder("hf:org/parts")
    model = transformers.ViTModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="20KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    parts = hub_encoder("hf:org/parts")
    for name, weight in parts.encoder.network.state_dict().items():
        torch.testing.assert_close(weight, whole.encoder.network.state_dict()[name])
    assert parts.description["weights"] != whole.description["weights"]
    next(folder.glob("model-*.safetensors")).unlink()
    with pytest.raises(RunError, match=r"cannot get model-.* of org/parts"):
        hub_encoder("hf:org/parts")


def test_code_of_a_repository_is_never_run(tmp_path):
    folder = save_tower("vit", tmp_path / "tower")
    (folder / "modeling.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    edit(
        folder / "config.json",
        model_type="strange",
        auto_map={"AutoConfig": "modeling.Config", "AutoModel": "modeling.Model"},
    )
    with pytest.raises(RunError, match="would run code of its own, and radtex never runs"):
        hub_encoder(f"hf:{folder}")
    edit(folder / "config.json", model_type="vit")
    edit(folder / "preprocessor_config.json", auto_map={"AutoImageProcessor": "modeling.Processor"})
    hub_encoder(f"hf:{folder}")  # transformers' own classes of that name are taken
    edit(folder / "preprocessor_config.json", image_processor_type="Processor")
    with pytest.raises(RunError, match=r"cannot read the preprocessor_config.json of"):
        hub_encoder(f"hf:{folder}")
    assert not (tmp_path / "ran").exists()


def test_what_is_no_vision_model_is_refused(tmp_path):
    folder = save_tower("vit", tmp_path)
    config = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    transformers.BertModel(config).save_pretrained(folder)
    with pytest.raises(RunError, match="is a bert: it has no vision tower"):
        hub_encoder(f"hf:{folder}")
    edit(folder / "config.json", model_type="newest")
    with pytest.raises(RunError, match=r"is a 'newest', which transformers .* does not know"):
        hub_encoder(f"hf:{folder}")
    edit(folder / "config.json", model_type=None, architecture="resnet50")
    with pytest.raises(RunError, match="names no model_type; weights of timm are named as timm:"):
        hub_encoder(f"hf:{folder}")
    (folder / "config.json").write_text("[")
    with pytest.raises(RunError, match=r"config.json of .* is damaged"):
        hub_encoder(f"hf:{folder}")


def test_files_that_are_missing_or_damaged_are_named(tmp_path):
    folder = save_tower("vit", tmp_path)
    weights = load_file(folder / "model.safetensors")
    kept = dict(list(weights.items())[:-6])
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(RunError, match=r"are not whole: .* is missing, and \d+ more"):
        hub_encoder(f"hf:{folder}")
    (folder / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(RunError, match="cannot read the weights of"):
        hub_encoder(f"hf:{folder}")
    (folder / "model.safetensors").unlink()
    with pytest.raises(RunError, match="has no weights that radtex reads"):
        hub_encoder(f"hf:{folder}")
    (folder / "preprocessor_config.json").unlink()
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(RunError, match=r"has no preprocessor_config.json, so nobody knows"):
        hub_encoder(f"hf:{folder}")
    shutil.rmtree(folder)
    with pytest.raises(RunError, match="and there is none"):
        hub_encoder(f"hf:{folder}")


def test_the_name_of_the_missing_package_is_said(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(RunError, match=r"needs transformers; run `pip install 'radtex\[hub\]'`"):
        hub_encoder("hf:org/made")
