"""Synthetic radiographs with reports and labels, by seed."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex import phantom
from radtex.corpus import normalise
from radtex.corpus.record import Listing, Record, Source
from radtex.images import Preprocessing


@dataclass(frozen=True)
class PhantomSource(Source):
    """`studies` studies of one seed. A record's `source_path` is SEED/NUMBER."""

    studies: int
    seed: int = 0

    name = "phantom"
    namespace = "phantom"
    default_size = 128
    expects = "nothing: --studies and --seed"
    origin = "drawn by radtex"

    def listing(self, encoding: str) -> Listing:  # noqa: ARG002
        entries = [self._record(number) for number in range(self.studies)]
        return Listing(entries, {"studies": self.studies, "seed": self.seed})

    def pixels(self, record: Record, preprocessing: Preprocessing) -> tuple[NDArray[np.uint8], str]:
        seed, number = map(int, record.source_path.split("/"))
        image = phantom.render(phantom.sample_study(seed, number), preprocessing.size)
        return image, hashlib.sha256(image.tobytes()).hexdigest()

    def state(self, record: Record) -> str:
        return record.source_path

    def _record(self, number: int) -> Record:
        study = phantom.sample_study(self.seed, number)
        return Record(
            image_id=study.study_id,
            study_id=study.study_id,
            patient_id=study.patient_id,
            source_path=f"{self.seed}/{number}",
            view=normalise.view(study.view),
            age=float(study.age),
            sex=normalise.sex(study.sex),
            indication=study.indication,
            findings=study.findings,
            impression=study.impression,
            report=study.report,
            labels=study.labels,
            boxes=phantom.boxes(study),
        )
