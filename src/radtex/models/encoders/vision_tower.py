"""The vision tower of a model of transformers as an encoder: a grey image in, a grid out."""

import inspect
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from radtex.errors import RunError
from radtex.models.encoder_input import EncoderInput


class VisionTower(nn.Module):
    """A vision model of transformers behind the contract of `Encoder`.

    Its grid are the tokens of patches in its last hidden state; tokens before them (of the class,
    registers) are left out, and so is its pooler.
    """

    network: Any
    """The model of transformers."""
    backbone: str
    """Its `model_type`."""
    input_size: int
    """Side S of the square images, in pixels."""
    width: int
    """Channels C of the grid."""
    stride: int
    """Pixels per cell of the grid."""
    prefix_tokens: int
    """Tokens before those of the patches."""
    layers: int
    """Hidden states that can be asked for in place of the last, from 0."""
    pools: bool
    """Whether it has a pooled output of its own."""
    scale: Tensor
    """Of each colour, from grey levels that the colours' averages normalised to its own."""
    shift: Tensor
    """What is added behind."""

    def __init__(
        self,
        network: Any,
        takes: EncoderInput,
        mean: Sequence[float],
        std: Sequence[float],
        pools: bool = True,
    ) -> None:
        """Wrap a model, in evaluation mode.

        Args:
            network: has `pixel_values` as its input; is not copied.
            takes: what makes a grey image ready, with mean and deviation averaged over colours.
            mean: of each colour, 0 to 1.
            std: deviation of each colour, 0 to 1.
            pools: whether its pooler, if it has one, has weights that were trained.

        Raises:
            RunError: if it does not turn an image into a grid.
        """
        super().__init__()
        self.network = network.eval()
        self.backbone = str(network.config.model_type)
        self.input_size = takes.size
        # Grey levels are undone from the averages of the colours to those of each.
        colours = [torch.tensor(values).view(1, 3, 1, 1) * 255 for values in (mean, std)]
        self.register_buffer("scale", takes.std / colours[1], persistent=False)
        self.register_buffer("shift", (takes.mean - colours[0]) / colours[1], persistent=False)
        accepted = inspect.signature(network.forward).parameters
        self._resamples = "interpolate_pos_encoding" in accepted
        self.pools = pools
        self._find_grid()

    def forward(self, images: Tensor) -> Tensor:
        """Encode normalised images: float (B, 1, S, S) → (B, C, h, w)."""
        return self._grid(self._outputs(images).last_hidden_state)

    def layer_grid(self, images: Tensor, layer: int) -> Tensor:
        """Give the grid behind a layer: float (B, 1, S, S) → (B, C, h, w)."""
        return self._grid(self._outputs(images, output_hidden_states=True).hidden_states[layer + 1])

    def pooled(self, images: Tensor) -> Tensor:
        """Give its own pooled output, as a grid of one cell: float (B, 1, S, S) → (B, C, 1, 1)."""
        output: Tensor = self._outputs(images).pooler_output
        return output[:, :, None, None]

    def take_size(self, size: int) -> None:
        """Take images of another size from now on.

        Raises:
            RunError: if it cannot.
        """
        patch = self.network.config.to_dict().get("patch_size")
        if isinstance(patch, int) and size % patch:
            raise RunError(
                f"{self.backbone} has patches of {patch} px, which do not fit images of {size} px; "
                f"ask for a multiple of {patch}"
            )
        self.input_size = size
        self._find_grid()

    def extra_repr(self) -> str:
        """Tell the input size, on which features depend."""
        return f"input_size={self.input_size}"

    def _outputs(self, images: Tensor, **asked: bool) -> Any:
        resampling = {}
        if self._resamples and images.shape[-1] != self.network.config.image_size:
            resampling = {"interpolate_pos_encoding": True}
        colours = images * self.scale + self.shift
        return self.network(pixel_values=colours, return_dict=True, **resampling, **asked)

    def _grid(self, states: Tensor) -> Tensor:
        if states.ndim == 4:
            return states
        cells = states[:, self.prefix_tokens :]
        side = math.isqrt(cells.shape[1])
        return cells.transpose(1, 2).reshape(len(cells), -1, side, side)

    def _find_grid(self) -> None:
        size, config = self.input_size, self.network.config.to_dict()
        try:
            with torch.no_grad():
                outputs = self._outputs(torch.zeros(1, 1, size, size), output_hidden_states=True)
                states = outputs.last_hidden_state
        except Exception as error:  # other people's code raises many kinds
            said = " ".join(str(error).split())[:120]
            raise RunError(
                f"{self.backbone} cannot encode an image of {size} px ({type(error).__name__}: "
                f"{said})"
            ) from error
        self.prefix_tokens = 0
        if states.ndim == 3:
            self.prefix_tokens = self._prefix(states.shape[1], config)
        elif states.ndim != 4:
            raise self._without_grid(states)
        grid = self._grid(states)
        if grid.shape[2] != grid.shape[3]:
            raise self._without_grid(states)
        self.width, self.stride = grid.shape[1], size // grid.shape[2]
        self.layers = len(outputs.hidden_states or (states,)) - 1
        self.pools = self.pools and getattr(outputs, "pooler_output", None) is not None

    def _prefix(self, tokens: int, config: dict[str, Any]) -> int:
        patch = config.get("patch_size")
        cells = (self.input_size // patch) ** 2 if isinstance(patch, int) else 0
        if config.get("num_detection_tokens"):  # these stand behind the patches
            raise RunError(f"{self.backbone} detects objects; it gives no grid of features")
        if cells and tokens >= cells:
            return tokens - cells
        if math.isqrt(tokens) ** 2 != tokens:  # patches that were merged have no others beside them
            raise RunError(
                f"{self.backbone} gives {tokens} tokens for {self.input_size} px, which are no "
                "grid of features"
            )
        return 0

    def _without_grid(self, states: Tensor) -> RunError:
        return RunError(
            f"{self.backbone} gives features of the shape {tuple(states.shape)}; expected a grid"
        )
