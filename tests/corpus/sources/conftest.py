"""DICOM files for miniature archives, a corpus of phantom films, and real tables."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source

WriteDicom = Callable[..., Dataset]


@pytest.fixture
def write_dicom() -> WriteDicom:
    """Write a small radiograph of a man of 63, frontal, 64×48; keywords are elements to change."""

    def write(file: Path, /, **elements: Any) -> Dataset:
        file.parent.mkdir(parents=True, exist_ok=True)
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        stated = {
            "SOPClassUID": ComputedRadiographyImageStorage,
            "SOPInstanceUID": generate_uid(entropy_srcs=[str(file)]),
            "Modality": "CR",
            "BodyPartExamined": "CHEST",
            "ViewPosition": "PA",
            "PatientID": "p1",
            "PatientSex": "M",
            "PatientAge": "063Y",
            "Rows": 64,
            "Columns": 48,
        }
        for keyword, value in (stated | elements).items():
            setattr(dataset, keyword, value)
        shape = dataset.Rows, dataset.Columns
        grey = np.random.default_rng(len(str(file))).integers(0, 256, shape, dtype=np.uint8)
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit, dataset.PixelRepresentation = 7, 0
        dataset.PixelData = grey.tobytes()
        dataset.save_as(file, enforce_file_format=True)
        return dataset

    return write


@pytest.fixture
def wheel_tables() -> Path:
    """The folder of real label tables that comes with torchxrayvision."""
    found = importlib.util.find_spec("torchxrayvision")
    if found is None or found.origin is None:
        pytest.skip("needs the real tables inside the wheel torchxrayvision")
    return Path(found.origin).parent / "data"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus of phantom films, read as if they were an archive's."""
    out = tmp_path_factory.mktemp("films") / "corpus"
    return build(open_source("phantom", studies=120, seed=2), out, size=96, namespace="hospital")
