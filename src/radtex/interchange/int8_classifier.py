"""A classifier in int8: its limit of abstention is tried again, and fitted anew where it must be.

Features in int8 are a little off, and off the pool's features is what abstention looks for. Where
many more films are refused than in floats, the distance and its limit are fitted to features that
the graph in int8 itself gives.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.classifiers.abstention import fit_abstention
from radtex.classifiers.classifier import Classifier
from radtex.classifiers.non_radiographs import non_radiographs, wrong_films
from radtex.errors import ProtocolError
from radtex.interchange.int8 import Films, in_int8, outputs
from radtex.interchange.onnx_graphs import Drawn

MORE_REFUSED = 0.01
"""Share of the films held out that int8 may refuse beyond those that the floats refuse."""
ENOUGH = 100
"""Films by which a limit can be fitted anew, at least."""


def classifier_in_int8(
    classifier: Classifier, films: Films, draw: Callable[[Classifier], Drawn]
) -> tuple[Drawn, Classifier, dict[str, Any]]:
    """Return the graph of a classifier in int8, and what that costs.

    Args:
        classifier: to be exported.
        films: to calibrate, to try it on, and to fit its limit anew.
        draw: makes the graph of a classifier, whose outputs are probabilities, distance, features.

    Returns:
        The graph; the classifier with the abstention that the graph has; facts for the description
        (JSON values): those of `in_int8`, the share that either graph refuses of the films held
        out, and whether the limit was fitted anew.

    Raises:
        ProtocolError: if the limit must be fitted anew, and the films are too few for it.
    """
    floats = draw(classifier)
    made, told = in_int8(floats, films)
    limit = classifier.abstention.limit
    in_floats, kept = (_refused(each, films.held_out, limit) for each in (floats, made))
    told |= {"refused_in_floats": in_floats, "refused_in_int8": kept, "refitted_on": 0}
    if kept > in_floats + MORE_REFUSED:
        if len(films.known) < ENOUGH:
            raise ProtocolError(
                f"in int8 this classifier would give no answer to {kept:.0%} of "
                f"{len(films.held_out)} films of the corpus, in floats to {in_floats:.0%}; to fit "
                f"its limit of abstention anew, --calibrate must name {ENOUGH} films or more, "
                f"found {len(films.known)}; or leave out --int8"
            )
        features = torch.from_numpy(outputs(made.model, films.known)[2])
        rng = np.random.default_rng(0)
        abstention = fit_abstention(features, films.patients, rng)
        classifier, limit = replace(classifier, abstention=abstention), abstention.limit
        made, _ = in_int8(draw(classifier), films)
        told |= {
            "refused_by_old_limit": kept,
            "refused_in_int8": _refused(made, films.held_out, limit),
            "refitted_on": len(films.known),
        }
    taken = classifier.preprocessing
    refused, wrong = (
        {kind: _refused(made, images, limit) for kind, images in kinds}
        for kinds in (non_radiographs(taken.size, taken.fit), wrong_films(films.held_out))
    )
    tried = replace(classifier.abstention, refused=refused, wrong_refused=wrong)
    return made, replace(classifier, abstention=tried), told


def told_in_card(classifier: Classifier, told: dict[str, Any]) -> str:
    """What a card must say of the graph in int8; arguments as `classifier_in_int8` returns them."""
    limit = classifier.abstention.limit
    anew = (
        f"The limit above would have refused {told['refused_by_old_limit']:.1%}, so distance and "
        f"limit were fitted anew, to {told['refitted_on']} films in int8: {limit:.3f}. "
        if told["refitted_on"]
        else ""
    )
    shares = {**classifier.abstention.refused, **classifier.abstention.wrong_refused}
    rows = [f"| {kind} | {share:.0%} |" for kind, share in shares.items()]
    return (
        "\n## In int8\n\n"
        "The graph of this export has 8 bits; what stands above was measured in floats. On "
        f"{told['held_out']} films that set nothing, probabilities change by "
        f"{told['mean_change']:.3f} on average and by {told['largest_change']:.2f} at most; floats "
        f"refuse {told['refused_in_floats']:.1%} of them, int8 {told['refused_in_int8']:.1%}. "
        f"{anew}Of drawn images, and of wrong films, it refuses:\n\n"
        + "\n".join(["| images | refused in int8 |", "|---|---|", *rows])
        + "\n"
    )


def _refused(drawn: Drawn, films: NDArray[np.uint8], limit: float) -> float:
    return float((outputs(drawn.model, films)[1] > limit).mean())
