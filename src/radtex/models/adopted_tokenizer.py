"""Any tokenizer file of the tokenizers library, made to fit: special tokens as ids 0 to 3."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as AnyTokenizer

from radtex.errors import RecipeError
from radtex.inputs import read_text_input
from radtex.models.tokenizer import SPECIAL, Tokenizer

KINDS = ("BPE", "WordPiece", "WordLevel", "Unigram")


def adopt_tokenizer(path: Path) -> Tokenizer:
    """Read a `tokenizer.json` and put padding, start, end and mask before its own tokens.

    Its normaliser, its pieces and their order stay. Ids are dealt anew without gaps, and a token
    that is already called like a special one becomes it. Truncation, padding and what the file
    adds around a text are dropped. A file whose special tokens stand at 0 to 3 comes out as it is.

    Raises:
        RecipeError: if the file is missing or no tokenizer, or its tokens cannot be numbered.
    """
    try:
        text = read_text_input(path, RecipeError)
        AnyTokenizer.from_str(text)
    except Exception as error:  # the library raises bare Exception on a malformed file
        raise RecipeError(
            f"--tokenizer {path} is no readable tokenizer.json ({type(error).__name__}); expected "
            "a file of the tokenizers library"
        ) from error
    values = json.loads(text)
    kind = values["model"].get("type")
    if kind not in KINDS:
        raise RecipeError(
            f"--tokenizer {path} is of the kind {kind}; expected one of {', '.join(KINDS)}"
        )
    numbers = _renumber(values)
    values |= {"truncation": None, "padding": None, "post_processor": None}
    adopted = AnyTokenizer.from_str(json.dumps(values))
    found = adopted.get_vocab(with_added_tokens=True)
    if found != numbers:
        differing = sorted(set(found.items()) ^ set(numbers.items()))[0][0]
        raise RecipeError(
            f"--tokenizer {path} cannot take the special tokens {', '.join(SPECIAL)} as ids 0 to "
            f"3: the number of its token {differing!r} is fixed; choose another file"
        )
    return Tokenizer(adopted)


def _renumber(values: dict[str, Any]) -> dict[str, int]:
    """Deal ids anew in the content of a tokenizer file; returns the id of each token."""
    model = values["model"]
    pieces = model["vocab"]
    listed = isinstance(pieces, list)
    old = {piece: i for i, (piece, _) in enumerate(pieces)} if listed else dict(pieces)
    names = old | {token["content"]: token["id"] for token in values["added_tokens"]}
    own = sorted(names.keys() - set(SPECIAL), key=lambda name: names[name])
    new = {name: i for i, name in enumerate([*SPECIAL, *own])}
    if listed:
        unknown = model.get("unk_id")
        if unknown is not None:
            model["unk_id"] = new[pieces[unknown][0]]
        scores = dict(pieces)
        model["vocab"] = [
            [name, scores.get(name, 0.0)]
            for name in (*SPECIAL, *own)
            if name in scores or name in SPECIAL
        ]
    else:
        model["vocab"] = {
            name: new[name] for name in (*SPECIAL, *own) if name in old or name in SPECIAL
        }
    added = [
        token | {"id": new[token["content"]]}
        for token in values["added_tokens"]
        if token["content"] not in SPECIAL
    ]
    special = [
        {"id": i, "content": name, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for i, name in enumerate(SPECIAL)
    ]
    values["added_tokens"] = special + sorted(added, key=lambda token: token["id"])
    return new
