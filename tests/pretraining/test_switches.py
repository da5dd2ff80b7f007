"""Switches that change how a step is computed, and must not change what it computes."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.errors import RecipeError
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.model_description import DecoderDescription
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.loop.activation_checkpointing import checkpoint_activations
from radtex.pretraining.loop.compilation import check_compiler
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.skipping import NotFinite
from radtex.pretraining.loop.training_options import Precision
from radtex.pretraining.objectives.captioning import Captioning
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.masked import Masked
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.supervised import Supervised

TEXTS = ["left effusion", "no air", "clear lungs", "a large right effusion and no air"]
ROWS = np.arange(len(TEXTS))


def captions() -> Captions:
    return Captions(TEXTS, Tokenizer.train(TEXTS, 270), 12)


def captioning(dropout: float) -> Captioning:
    torch.manual_seed(0)
    texts = captions()
    options = DecoderOptions(16, 2, 2, 32, dropout)
    description = DecoderDescription(len(texts.tokenizer), 12, ("forward", "backward"), options)
    return Captioning(Encoder("resnet10t", 64), description, texts)


def contrastive(dropout: float) -> Contrastive:
    torch.manual_seed(0)
    return Contrastive(Encoder("resnet10t", 64), DecoderOptions(16, 1, 2, 32, dropout), captions())


def masked(dropout: float) -> Masked:
    torch.manual_seed(0)
    return Masked(Encoder("resnet10t", 64), DecoderOptions(16, 1, 2, 32, dropout), captions())


def passes(objective: Objective, precision: Precision = "float32", compile: bool = False) -> Passes:
    images = np.random.default_rng(0).integers(0, 256, (len(TEXTS), 64, 64), dtype=np.uint8)
    alone = Processes(0, 1, torch.device("cpu"))
    pixels = Pixels(images, EncoderInput(64, 128.0, 64.0))
    return Passes(objective, pixels, AugmentationOptions(), 2, precision, 5, alone, compile)


def gradients(objective: Objective) -> dict[str, Tensor]:
    return {n: p.grad.clone() for n, p in objective.named_parameters() if p.grad is not None}


def close(found: Objective, expected: Objective, tolerance: float) -> None:
    ours, theirs = gradients(found), gradients(expected)
    assert ours.keys() == theirs.keys()
    length = torch.cat([gradient.flatten() for gradient in theirs.values()]).norm()
    for name, gradient in ours.items():
        assert (gradient - theirs[name]).norm() <= tolerance * length, name


@pytest.mark.parametrize("build", [captioning, contrastive, masked])
def test_activation_checkpointing_leaves_loss_gradients_and_statistics(
    build: Callable[[float], Objective],
) -> None:
    """Dropout is drawn again alike, and batch-norm does not count its batch twice."""
    plain, again = build(0.3), build(0.3)
    names = list(again.state_dict())
    checkpoint_activations(again)
    assert passes(again).train(3, ROWS) == passes(plain).train(3, ROWS)
    close(again, plain, 1e-6)
    assert list(again.state_dict()) == names
    for name, buffer in plain.named_buffers():
        assert torch.equal(again.get_buffer(name), buffer), name


def test_activation_checkpointing_keeps_fewer_activations() -> None:
    def kept(objective: Captioning) -> int:
        sizes: list[int] = []

        def pack(tensor: Tensor) -> Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            objective.train()(torch.zeros(4, 1, 64, 64), objective.targets(ROWS))
        return sum(sizes)

    plain, again = captioning(0.0), captioning(0.0)
    checkpoint_activations(again)
    assert kept(again) < 0.7 * kept(plain)


def test_a_backbone_that_cannot_be_run_again_is_refused_in_one_line() -> None:
    objective = Supervised(Encoder("vgg11", 64), np.zeros((2, 1), dtype=np.float32), ("a",))
    with pytest.raises(RecipeError, match="cannot run vgg11 again"):
        checkpoint_activations(objective)


def test_float16_follows_float32_at_any_scale() -> None:
    full, half, scaled = captioning(0.0), captioning(0.0), captioning(0.0)
    losses = passes(full).train(0, ROWS)
    for objective, scale in ((half, 1.0), (scaled, 256.0)):
        found = passes(objective, "float16").train(0, ROWS, scale)
        assert found == pytest.approx(losses, rel=1e-2)
        close(objective, full, 0.05)
        assert found != losses


def test_a_gradient_that_overflows_is_found_and_leaves_nothing() -> None:
    objective = captioning(0.0)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    with pytest.raises(NotFinite) as found:
        passes(objective, "float16").train(0, ROWS, 2.0**40)
    assert found.value.loss_is_finite
    assert found.value.losses.keys() == {"loss", "forward", "backward"}
    assert found.value.samples.tolist() == ROWS.tolist()
    assert not gradients(objective)
    for name, value in objective.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_loss_that_is_not_finite_names_the_samples_of_its_micro_batch() -> None:
    torch.manual_seed(0)
    labels = np.zeros((4, 1), dtype=np.float32)
    labels[2] = np.inf
    objective = Supervised(Encoder("resnet10t", 64), labels, ("a",))
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    training = passes(objective)
    with pytest.raises(NotFinite) as found:
        training.train(0, ROWS)
    assert found.value.samples.tolist() == [2, 3]
    assert not found.value.loss_is_finite
    assert not found.value.losses
    assert not gradients(objective)
    for name, value in objective.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert np.isfinite(training.train(1, ROWS[:2])["loss"])


class Tiny(Objective):
    """One convolution and a score per image: what compiles in seconds."""

    terms = ("score",)

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = nn.Conv2d(1, 4, 8, 8)  # type: ignore[assignment]
        self.head = nn.Linear(4, 1)
        self.lengths = np.zeros(len(TEXTS), dtype=np.int64)

    @classmethod
    def from_recipe(cls, *_: object) -> "Tiny":
        return cls()

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.array([len(rows)], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        return {"wanted": torch.from_numpy(rows).float()}

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        scores = self.head(self.encoder(images).relu().mean((2, 3)))[:, 0]
        return (scores - targets["wanted"]).square().sum().unsqueeze(0)


@pytest.mark.parametrize(
    "build", [Tiny, pytest.param(partial(captioning, 0.0), marks=pytest.mark.soak)]
)
def test_a_compiled_step_is_the_same_step(build: Callable[[], Objective]) -> None:
    try:
        check_compiler(torch.device("cpu"))
    except RecipeError as error:
        pytest.skip(str(error))
    plain, fast = build(), build()
    names = list(fast.state_dict())
    expected = passes(plain).train(0, ROWS)
    assert passes(fast, compile=True).train(0, ROWS) == pytest.approx(expected, rel=1e-4)
    close(fast, plain, 1e-3)
    assert list(fast.state_dict()) == names


def test_without_a_compiler_compilation_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("No working C++ compiler found\nin any of these places")

    monkeypatch.setattr(torch, "compile", lambda _function: none)
    with pytest.raises(RecipeError, match=r"RuntimeError: No working C\+\+ compiler") as caught:
        check_compiler(torch.device("cpu"))
    assert "\n" not in str(caught.value)
