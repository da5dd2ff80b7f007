"""Time greedy writing against the search with one beam that stood in its place.

The model is that of `radtex-small` at 64 px with random weights. It writes reports of exactly 46
tokens. The baseline searches with one beam, 32 images at a time, and packs the decoder's weights
for each of these batches. Both times include the encoder. They are of the processor, on one thread.

The last line is one JSON object.
"""

import json
import statistics
import time
from collections.abc import Callable

import cyclopts
import torch
from torch import Tensor

from radtex.compute.allocation import keep_freed_memory
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import beam_search, greedy
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import Encoder
from radtex.models.packing import packed
from radtex.models.pretrained import BATCH, WRITING_BATCH

SIZE, VOCABULARY, TOKENS = 64, 4_000, 46
OPTIONS = DecodingOptions(min_tokens=TOKENS)


@torch.inference_mode()
def main(images: int = 256, rounds: int = 3) -> None:
    """Run the comparison.

    Args:
        images: How many reports are written.
        rounds: Interleaved rounds.
    """
    torch.set_num_threads(1)
    keep_freed_memory()
    torch.manual_seed(0)
    encoder = Encoder("tf_efficientnet_lite0", SIZE).eval().to(memory_format=torch.channels_last)
    shape = DecoderOptions(hidden=256, layers=1, heads=4, feedforward=1024)
    decoder = Decoder(encoder.width, VOCABULARY, TOKENS, shape).eval()
    films = torch.randn(images, 1, SIZE, SIZE)
    work: dict[str, Callable[[], object]] = {
        "encoder": lambda: _memory(encoder, decoder, films),
        "radtex": lambda: _ours(encoder, decoder, films),
        "one beam": lambda: _one_beam(encoder, decoder, films),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    results: dict[str, object] = {}
    for _ in range(rounds):
        for name, each in work.items():
            start = time.process_time()
            results[name] = each()
            seconds[name].append(time.process_time() - start)
        print(", ".join(f"{name} {times[-1]:.2f} s" for name, times in seconds.items()), flush=True)
    encoding, ours, before = (statistics.median(times) for times in seconds.values())
    print(
        json.dumps(
            {
                "name": "greedy",
                "baseline": round(images / before, 1),
                "measured": round(images / ours, 1),
                "unit": "images/s",
                "ratio": round(before / ours, 2),
                "ratio_without_encoder": round((before - encoding) / (ours - encoding), 2),
                "equal_reports": results["radtex"] == results["one beam"],
            }
        )
    )


def _memory(encoder: Encoder, decoder: Decoder, films: Tensor) -> Tensor:
    return torch.cat([decoder.memory(encoder(part)) for part in films.split(BATCH)])


def _ours(encoder: Encoder, decoder: Decoder, films: Tensor) -> list[tuple[int, ...]]:
    ready = packed(decoder, BATCH)
    return [
        caption.tokens
        for part in films.split(WRITING_BATCH)
        for caption in greedy(ready, _memory(encoder, decoder, part), OPTIONS)
    ]


def _one_beam(encoder: Encoder, decoder: Decoder, films: Tensor) -> list[tuple[int, ...]]:
    return [
        found[0].tokens
        for part in films.split(BATCH)
        for found in beam_search(decoder, _memory(encoder, decoder, part), OPTIONS)
    ]


if __name__ == "__main__":
    cyclopts.run(main)
