"""Files of a repository of the Hugging Face hub, or of a folder that looks like one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from yaml import YAMLError

from radtex.errors import RunError

HUB = "hf:"
UNSTATED, UNREAD = "not stated", "not known: its card could not be fetched"
_LOCAL = ("/", "./", "../", "~")


class OutOfReachError(RunError):
    """A file is not in the cache, and the hub cannot be asked for it."""


@dataclass(frozen=True)
class HubRepository:
    """A repository at one commit, or a folder on this machine."""

    name: str
    """ORG/NAME, or the path of the folder."""
    revision: str | None
    """The commit, 40 hex digits; None for a folder."""
    folder: Path
    """Where its files lie that were fetched."""

    @classmethod
    def find(cls, what: str, first: str) -> "HubRepository":
        """Find a repository by its name, and fetch its first file.

        Only what is named is downloaded, to the cache of huggingface_hub, and nothing where it lies
        there.

        Args:
            what: `hf:ORG/NAME[@REVISION]`, or `hf:` and a path that begins with `/`, `./`, `../` or
                `~`.
            first: the name of a file that it must have.

        Raises:
            RunError: if there is no such repository, folder or file, or it cannot be had.
        """
        name = what.removeprefix(HUB)
        if is_folder_name(name):
            folder = Path(name).expanduser()
            if not folder.is_dir():
                raise RunError(f"{what} names the folder {folder}, and there is none")
            if not (folder / first).is_file():
                raise RunError(f"{what} has no {first}; expected a model that was saved there")
            return cls(str(folder), None, folder)
        name, _, revision = name.partition("@")
        path = _fetched(name, revision or None, first)
        if path is None:
            raise RunError(f"{name} of the hub has no {first}, so it is no model that opens here")
        return cls(name, path.parent.name, path.parent)

    @property
    def short_name(self) -> str:
        """The last part of its name."""
        return Path(self.name).name

    def file(self, name: str) -> Path | None:
        """Fetch a file of the same commit; None if there is none.

        Raises:
            OutOfReachError: if it is not in the cache, and the hub cannot be asked whether there is
                one.
            RunError: if the hub refuses it.
        """
        if self.revision is None:
            path = self.folder / name
            return path if path.is_file() else None
        return _fetched(self.name, self.revision, name)

    @cached_property
    def licence(self) -> str:
        """The licence that the card states, or why it is not known."""
        try:
            facts = self._card_facts()
        except OutOfReachError:
            return UNREAD
        if facts.get("license") == "other" and facts.get("license_name"):
            return str(facts["license_name"])
        return str(facts.get("license") or UNSTATED)

    def _card_facts(self) -> Mapping[str, Any]:
        path = self.file("README.md")
        if path is None:
            return {}
        try:
            return dict(ModelCard.load(path, ignore_metadata_errors=True).data.to_dict())
        except (ValueError, OSError, YAMLError):  # a card that nobody can read states nothing
            return {}


def is_folder_name(name: str) -> bool:
    """Tell whether a name behind `hf:` is that of a folder."""
    return name.startswith(_LOCAL) or name in (".", "..")


def _fetched(repository: str, revision: str | None, name: str) -> Path | None:
    """The path of a file in the cache, fetched if need be; None where the repository lacks it."""
    at = f" at {revision}" if revision else ""
    try:
        return Path(hf_hub_download(repository, name, revision=revision))
    except GatedRepoError as error:
        raise RunError(
            f"{repository} is given only to those who accept its licence: do so at "
            f"https://huggingface.co/{repository}, then log in with `hf auth login`"
        ) from error
    except RevisionNotFoundError as error:
        raise RunError(f"{repository} of the hub has no revision {revision}") from error
    except RepositoryNotFoundError as error:
        raise RunError(
            f"the hub has no model {repository}, or it is private: check the name, or log in with "
            "`hf auth login`; a folder is named as hf:./FOLDER"
        ) from error
    except LocalEntryNotFoundError as error:  # an EntryNotFoundError too, so it stands first
        raise _out_of_reach(repository, at, name, error) from error
    except EntryNotFoundError:
        return None
    except HFValidationError as error:
        raise RunError(
            f"{HUB}{repository} is no name of a model; write hf:ORG/NAME, hf:ORG/NAME@REVISION or "
            "hf:./FOLDER"
        ) from error
    except (OSError, RuntimeError, ValueError, OfflineModeIsEnabled) as error:
        raise _out_of_reach(repository, at, name, error) from error


def _out_of_reach(repository: str, at: str, name: str, error: Exception) -> OutOfReachError:
    return OutOfReachError(
        f"cannot get {name} of {repository}{at} ({type(error).__name__}); go online, or fill the "
        "cache of huggingface_hub beforehand (HF_HOME names the folder)"
    )
