"""Time greedy writing against the search with one beam that stood in its place.

The model is that of `radtex-small` at 64 px with random weights. It writes reports of exactly 46
tokens; or it is a finished run, whose reports of the last films of a corpus end where they end. The
baseline searches with one beam, 32 images at a time, packs the decoder's weights for each of these
batches, and keeps the encoder as it was trained. Both times include the encoder. They are of the
processor, on one thread.

The last line is one JSON object.
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cyclopts
import torch
from torch import Tensor

from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import Corpus
from radtex.models.decoder import Decoder
from radtex.models.decoder_options import DecoderOptions
from radtex.models.decoding import beam_search, greedy
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import BATCH, PretrainedModel, images_at_once
from radtex.models.run import load
from radtex.models.tokenizer import Tokenizer

SIZE, VOCABULARY, TOKENS = 64, 4_000, 46


@torch.inference_mode()
def main(
    images: int = 512,
    rounds: int = 3,
    run: Path | None = None,
    corpus: Path | None = None,
) -> None:
    """Run the comparison.

    Args:
        images: How many reports are written.
        rounds: Interleaved rounds.
        run: A finished run with a decoder, in place of random weights.
        corpus: Whose films it writes about.
    """
    torch.set_num_threads(1)
    keep_freed_memory()
    torch.manual_seed(0)
    if run is not None and corpus is not None:
        model, options = load(run), DecodingOptions()
        films = torch.tensor(Corpus.open(corpus).images[-images:])
    else:
        model, options = _random_model(), DecodingOptions(min_tokens=TOKENS)
        films = torch.randint(256, (images, SIZE, SIZE), dtype=torch.uint8)
    decoder, _ = model.writer()
    work: dict[str, Callable[[], object]] = {
        "plain encoder": lambda: _memory(model, decoder, films),
        "encoder": lambda: model.memory(films),
        "radtex": lambda: _ours(model, films, options),
        "one beam": lambda: _one_beam(model, decoder, films, options),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    results: dict[str, object] = {}
    for _ in range(rounds):
        for name, each in work.items():
            start = time.process_time()
            results[name] = each()
            seconds[name].append(time.process_time() - start)
        print(", ".join(f"{name} {times[-1]:.2f} s" for name, times in seconds.items()), flush=True)
    encoding_before, encoding, ours, before = map(statistics.median, seconds.values())
    print(
        json.dumps(
            {
                "name": "greedy",
                "baseline": round(images / before, 1),
                "measured": round(images / ours, 1),
                "unit": "images/s",
                "ratio": round(before / ours, 2),
                "ratio_of_encoders": round(encoding_before / encoding, 2),
                "ratio_without_encoder": round((before - encoding_before) / (ours - encoding), 2),
                "equal_reports": results["radtex"] == results["one beam"],
            }
        )
    )


def _random_model() -> PretrainedModel:
    encoder = Encoder("tf_efficientnet_lite0", SIZE).eval()
    shape = DecoderOptions(hidden=256, layers=1, heads=4, feedforward=1024)
    decoder = Decoder(encoder.width, VOCABULARY, TOKENS, shape).eval()
    return PretrainedModel(
        encoder,
        decoder,
        Tokenizer.train(["no acute disease"], 300),
        EncoderInput(SIZE, 127.5, 73.9),
    )


def _memory(model: PretrainedModel, decoder: Decoder, films: Tensor) -> Tensor:
    return torch.cat(
        [decoder.memory(model.encoder(model.takes.prepare(part))) for part in films.split(BATCH)]
    )


def _ours(model: PretrainedModel, films: Tensor, options: DecodingOptions) -> list[tuple[int, ...]]:
    return [
        caption.tokens
        for part in films.split(images_at_once(options))
        for caption in greedy(model.packed_decoder, model.memory(part), options)
    ]


def _one_beam(
    model: PretrainedModel, decoder: Decoder, films: Tensor, options: DecodingOptions
) -> list[tuple[int, ...]]:
    return [
        found[0].tokens
        for part in films.split(BATCH)
        for found in beam_search(decoder, _memory(model, decoder, part), options)
    ]


if __name__ == "__main__":
    cyclopts.run(main)
