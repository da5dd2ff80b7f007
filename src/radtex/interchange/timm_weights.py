"""`radtex export … --to timm`: an encoder's weights as timm loads them.

Networks of timm are built in ways that depend on how they pool: some then lack a layer. What the
README says is tried on the exported file before it is kept.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from radtex import __version__
from radtex.errors import RunError
from radtex.interchange.original import Original
from radtex.models.encoder import Encoder, made_for
from radtex.models.storage import save_weights

WEIGHTS, DESCRIPTION, README = "model.safetensors", "export.json", "README.md"
_TOLERANCE = 1e-5  # of the largest feature
_README = """\
# {backbone}, pretrained on chest radiographs

Weights of an image encoder for [timm](https://github.com/huggingface/pytorch-image-models), written
by radtex {radtex}. Not for diagnosis.

```python
import timm
import torch

network = timm.create_model({arguments})
network.eval()


def encode(images: torch.Tensor) -> torch.Tensor:
    \"\"\"Features (N, {width}) of grey radiographs, uint8 (N, {side}, {side}).\"\"\"
    grey = images[:, None].float()
{resized}    with torch.inference_mode():
        return network.forward_features((grey - {mean!r}) / {std!r}){pooled}
```

The radiographs are frontal, in one channel of grey levels 0 to 255, made from a DICOM file or a
picture by radtex:

```
radtex.images.Preprocessing({side}, fit="{fit}", intensity="{intensity}").apply(data)
```

`{description}` says the same for programs, and the SHA-256 of what was exported.
"""
_RESIZED = """\
    grey = torch.nn.functional.interpolate(
        grey, ({size}, {size}), mode="{interpolation}", antialias=True
    )
"""


def refuse_without_packages() -> None:
    """Nothing is needed beside what radtex itself needs."""


def write(original: Original, folder: Path) -> None:
    """Write the weights of the encoder, a description and a README with the lines that load it.

    Raises:
        RunError: if timm, told so, does not build the network that the weights are of.
    """
    import timm

    save_weights(folder / WEIGHTS, original.encoder.network.state_dict())
    options = _options(original, folder / WEIGHTS)
    values = original.description() | {
        "to": "timm",
        "timm": timm.__version__,
        "create_model": options,
    }
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    (folder / README).write_text(_readme(original, options), encoding="utf-8")


def _readme(original: Original, options: Mapping[str, Any]) -> str:
    encoder, takes, made = original.encoder, original.takes, original.preprocessing
    named = {"checkpoint_path": WEIGHTS, **options}
    words = [f"{name}={json.dumps(value)}" for name, value in named.items()]
    return _README.format(
        backbone=encoder.backbone,
        radtex=__version__,
        arguments=", ".join([json.dumps(encoder.backbone), *words]),
        width=encoder.width,
        side=made.size,
        resized=""
        if made.size == takes.size
        else _RESIZED.format(size=takes.size, interpolation=takes.interpolation),
        mean=takes.mean,
        std=takes.std,
        pooled=_pooling(encoder),
        fit=made.fit,
        intensity=made.intensity,
        description=DESCRIPTION,
    )


def _options(original: Original, weights: Path) -> dict[str, Any]:
    """The shortest options by which timm builds the network that gives the same grid."""
    import timm

    encoder, size = original.encoder, original.takes.size
    options: dict[str, Any] = {"in_chans": 1, "num_classes": 0}
    if made_for(encoder.backbone) is not None:
        options["img_size"] = size
    film = torch.randn(2, 1, size, size, generator=torch.Generator().manual_seed(0))
    poolings: tuple[dict[str, Any], ...] = ({}, {"global_pool": ""})
    for pooling in poolings:
        try:
            network: Any = timm.create_model(
                encoder.backbone, checkpoint_path=str(weights), **options, **pooling
            ).eval()
        except RuntimeError:  # layers that only networks that pool have, or lack
            continue
        with torch.inference_mode():
            expected = encoder.network.forward_features(film)
            found = network.forward_features(film)
        if found.shape == expected.shape and torch.allclose(
            found, expected, rtol=0, atol=_TOLERANCE * float(expected.abs().max())
        ):
            return options | pooling
    raise RunError(
        f"timm {timm.__version__} builds {encoder.backbone} in another way than the one that these "
        "weights are of; use the version of timm that made the run"
    )


def _pooling(encoder: Encoder) -> str:
    """What averages the cells of what the network's `forward_features` gives, as `encode` does."""
    size = encoder.input_size
    with torch.inference_mode():
        found = encoder.network.forward_features(torch.zeros(1, 1, size, size))
    if found.ndim == 3:
        return f"[:, {getattr(encoder.network, 'num_prefix_tokens', 0)}:].mean(1)"
    last = getattr(encoder.network, "output_fmt", "NCHW") == "NHWC"
    return ".mean((1, 2))" if last else ".mean((2, 3))"
