"""The paths by which CheXpert and CheXpert Plus name their images."""

import re
from dataclasses import dataclass
from typing import Self

from radtex.errors import CorpusError

_TAIL = re.compile(r"(?:^|/)(patient\d+)/(study\d+)/(view\d+_[a-z]+)(\.\w+)$")


@dataclass(frozen=True)
class CheXpertPath:
    """patient00001, study1, view1_frontal: equal in every release, whatever stands around them.

    suffix: of the file, with its dot.
    """

    patient: str
    study: str
    view: str
    suffix: str

    @classmethod
    def parse(cls, path: str) -> Self:
        """Return what `path` ends with; raises `CorpusError` if that is no image's name."""
        found = _TAIL.search(path)
        if found is None:
            raise CorpusError("path does not end as those of the archive's images do")
        return cls(*found.groups())

    @property
    def study_id(self) -> str:
        return f"{self.patient}/{self.study}"

    @property
    def image_id(self) -> str:
        return f"{self.patient}/{self.study}/{self.view}"

    @property
    def is_lateral(self) -> bool:
        return self.view.endswith("lateral")
