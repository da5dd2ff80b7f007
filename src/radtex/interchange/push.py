"""`radtex export … --to hub --push ORG/NAME`: upload a folder to the Hugging Face hub."""

from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError
from huggingface_hub.utils._validators import validate_repo_id

from radtex.errors import OutputError


def refuse_name(repository: str) -> None:
    """Raise `OutputError` where no repository can have this name."""
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        raise OutputError(f"--push {repository!r} is no name of the hub; write ORG/NAME") from error
    if repository.count("/") != 1:
        raise OutputError(f"--push {repository!r} names no owner; write ORG/NAME")


def push_folder(folder: Path, repository: str) -> str:
    """Upload a folder as a model; one that is new is private until its owner opens it.

    The token is the one that huggingface_hub finds by itself (`hf auth login`, or HF_TOKEN).

    Args:
        folder: is uploaded whole.
        repository: ORG/NAME.

    Returns:
        Where it is now.

    Raises:
        OutputError: if nobody is logged in, or the hub refuses it; the folder stays.
    """
    try:
        api = HfApi()
        api.create_repo(repository, private=True, exist_ok=True)
        api.upload_folder(repo_id=repository, folder_path=folder, commit_message="Export of radtex")
    except (HfHubHTTPError, LocalTokenNotFoundError, OSError, ValueError, RuntimeError) as error:
        code = getattr(getattr(error, "response", None), "status_code", None)
        why = f"the hub answers {code}" if code else type(error).__name__
        advice = (
            "log in with `hf auth login` as one who may write there"
            if code in (401, 403) or isinstance(error, LocalTokenNotFoundError)
            else "try again"
        )
        raise OutputError(
            f"{folder} was written, but could not be pushed to {repository} ({why}); {advice}, "
            f"then run `hf upload {repository} {folder}`"
        ) from error
    return f"{api.endpoint}/{repository}"
