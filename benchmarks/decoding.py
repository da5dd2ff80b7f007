"""Time beam search with radtex against the same search written naively.

The model is ResNet-50, H 1024, feed-forward 4096, vocabulary 10,000, with random weights. It writes
reports of exactly 100 tokens for 4 images of 224 px with 5 beams.

In the naive search, at each step every beam of every image is a row of one batch. The image
features are repeated and projected again, the whole prefix runs again, and the output layer scores
every position. All else is the same, and so are the reports. Both times include the encoder, which
radtex folds (`compute/folding.py`).

The last line is one JSON object. It also holds the ratio in time of the processor, which tells
more where others are at work and OMP_NUM_THREADS is 1, the milliseconds of a step of all beams, the
rate at which a step reads the weights, and the rate at which the same process reads a large matrix
in products with a vector.
"""

import json
import statistics
import time
from collections.abc import Callable

import cyclopts
import torch
from torch import Tensor

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.folding import folded
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import beam_search, log_probabilities
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import Encoder
from radtex.models.tokenizer import END, START

BEAMS, IMAGES, TOKENS, VOCABULARY, SIZE = 5, 4, 100, 10_000, 224
OPTIONS = DecodingOptions(beams=BEAMS, min_tokens=TOKENS)


@torch.inference_mode()
def main(rounds: int = 3) -> None:
    """Run the comparison.

    Args:
        rounds: Interleaved rounds.
    """
    keep_freed_memory()
    torch.manual_seed(0)
    encoder = Encoder("resnet50", SIZE).eval().to(memory_format=torch.channels_last)
    shape = DecoderOptions(hidden=1024, layers=1, heads=16, feedforward=4096)
    decoder = Decoder(encoder.width, VOCABULARY, TOKENS, shape).eval()
    images = torch.randn(IMAGES, 1, SIZE, SIZE)
    fast = folded(encoder, images[:1], IMAGES)
    work: dict[str, Callable[[], object]] = {
        "encoder": lambda: fast(images),
        "radtex": lambda: _ours(fast, decoder, images),
        "naive": lambda: _naive(encoder, decoder, images),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    processor: dict[str, list[float]] = {name: [] for name in work}
    results: dict[str, object] = {}
    for _ in range(rounds):
        for name, each in work.items():
            start, start_of_processor = time.perf_counter(), time.process_time()
            results[name] = each()
            seconds[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - start_of_processor)
        print(", ".join(f"{name} {times[-1]:.2f} s" for name, times in seconds.items()), flush=True)
    encoding, ours, naive = (statistics.median(times) for times in seconds.values())
    step = (ours - encoding) / TOKENS
    gigabytes = 4 * _weights_of_a_step(decoder) / 1e9
    print(
        json.dumps(
            {
                "name": "decoding",
                "baseline": round(naive / IMAGES, 3),
                "measured": round(ours / IMAGES, 3),
                "unit": "s/image",
                "ratio": round(naive / ours, 1),
                "ratio_of_processor_time": round(
                    statistics.median(processor["naive"]) / statistics.median(processor["radtex"]),
                    1,
                ),
                "encoder_s_per_image": round(encoding / IMAGES, 3),
                "ms_per_step": round(1000 * step, 2),
                "ms_per_token": round(1000 * step / IMAGES, 2),
                "weights_gb_per_step": round(gigabytes, 3),
                "weights_gb_per_s": round(gigabytes / step, 1),
                "memory_gb_per_s": round(_memory_rate(), 1),
                "equal_reports": results["radtex"] == results["naive"],
                "threads": torch.get_num_threads(),
            }
        )
    )


def _ours(encoder: Encoder, decoder: Decoder, images: Tensor) -> list[list[int]]:
    captions = beam_search(decoder, decoder.memory(encoder(images)), OPTIONS)
    return [list(found[0].tokens) for found in captions]


def _naive(encoder: Encoder, decoder: Decoder, images: Tensor) -> list[list[int]]:
    """Search naively; no report ends before it is full, so no candidate is kept aside."""
    grid = encoder(images).repeat_interleave(BEAMS, dim=0)
    tokens = torch.full((IMAGES * BEAMS, 1), START)
    scores = torch.full((IMAGES, BEAMS), -torch.inf)
    scores[:, 0] = 0.0
    for _ in range(TOKENS):
        logits = decoder.logits(decoder(tokens, decoder.memory(grid), "forward"))[:, -1]
        log_p = log_probabilities(logits)
        log_p[:, END] = -torch.inf
        total = (scores.view(-1, 1) + log_p).view(IMAGES, -1)
        scores, places = total.topk(BEAMS)
        rows = torch.arange(IMAGES)[:, None] * BEAMS + places // VOCABULARY
        tokens = torch.cat([tokens[rows.flatten()], (places % VOCABULARY).view(-1, 1)], dim=1)
    return tokens.view(IMAGES, BEAMS, -1)[:, 0, 1:].tolist()


def _weights_of_a_step(decoder: Decoder) -> int:
    """Return the weights that a step reads: of one direction, but those used once per image."""
    (block,) = decoder.blocks("forward")
    read = sum(parameter.numel() for parameter in block.parameters())
    read -= sum(parameter.numel() for parameter in block.cross_attention.key_value.parameters())
    return read + decoder.tokens.weight.numel() + decoder.output_bias.numel()


def _memory_rate() -> float:
    """Return GB/s of a product of a matrix of 400 MB with a vector, the best of five."""
    matrix, vector = torch.randn(10_000, 10_000), torch.randn(10_000)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        matrix @ vector
        seconds.append(time.perf_counter() - start)
    return matrix.numel() * 4 / 1e9 / min(seconds)


if __name__ == "__main__":
    cyclopts.run(main)
