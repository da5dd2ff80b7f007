"""The process of `clinical`: reports on standard input, RadEval's scores to a file."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Read references and texts, write CheXbert labels and RadGraph F1 of each."""
    import nltk
    import torch

    # RadEval fetches a tokenizer as it is imported, which none of these scores needs.
    nltk.download = lambda *_, **__: True

    import radeval

    # RadEval 2.2 imports its own parts under this name too, which exists on some file systems only.
    sys.modules["RadEval"] = radeval

    from radeval.metrics.f1chexbert.f1chexbert import F1CheXbert
    from radeval.metrics.radgraph import F1RadGraph

    given = json.load(sys.stdin)
    references = given["references"]
    chexbert = F1CheXbert(device="cuda" if torch.cuda.is_available() else "cpu")
    radgraph = F1RadGraph(reward_level="all", model_type="radgraph-xl")
    found = {
        "labels": chexbert.TARGET_NAMES,
        "of_references": chexbert.get_labels(references),
        "of_texts": {
            name: {
                "chexbert": chexbert.get_labels(texts),
                "radgraph": [*map(float, radgraph(refs=references, hyps=texts)[1][1])],
            }
            for name, texts in given["texts"].items()
        },
    }
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
