"""The paths by which CheXpert and CheXpert Plus name their images."""

import re
from dataclasses import dataclass
from typing import Self

from radtex.errors import CorpusError

_TAIL = re.compile(r"(?:^|/)(patient\d+)/(study\d+)/(view\d+_[a-z]+)(\.\w+)$")


@dataclass(frozen=True)
class CheXpertPath:
    """The end of a path, equal in every release, whatever stands before it."""

    patient: str
    """Such as patient00001."""
    study: str
    """Such as study1."""
    view: str
    """Such as view1_frontal."""
    suffix: str
    """Of the file, with its dot."""

    @classmethod
    def parse(cls, path: str) -> Self:
        """Return what a path ends with.

        Raises:
            CorpusError: if it does not end as an image of these archives does.
        """
        found = _TAIL.search(path)
        if found is None:
            raise CorpusError("path does not end as those of the archive's images do")
        return cls(*found.groups())

    @property
    def study_id(self) -> str:
        """Patient and study; a study's number alone starts anew for each patient."""
        return f"{self.patient}/{self.study}"

    @property
    def image_id(self) -> str:
        """Patient, study and view."""
        return f"{self.patient}/{self.study}/{self.view}"

    @property
    def is_lateral(self) -> bool:
        """Whether the name of the file says that the view is lateral."""
        return self.view.endswith("lateral")
