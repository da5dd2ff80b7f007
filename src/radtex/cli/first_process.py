"""Of several processes that do one thing together, the first speaks for all."""

import os


def is_first_process() -> bool:
    """Whether this is the only process, or the first of those that `torchrun` started."""
    return os.environ.get("RANK", "0") == "0"
