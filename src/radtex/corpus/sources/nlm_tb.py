"""The NLM's tuberculosis sets of Shenzhen and Montgomery County: films, each with its own reading.

Jaeger et al., "Two public chest X-ray datasets for computer-aided screening of pulmonary diseases",
2014. The last digit of a film's name says whether tuberculosis was found.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from radtex.corpus import normalise
from radtex.corpus.record import FileSource, Listing, Record, Rejection, Sex, Texts
from radtex.errors import CorpusError
from radtex.inputs import read_input
from radtex.walking import walk

LABEL = "Tuberculosis"

_NAME = re.compile(r"(?:CHNCXR|MCUCXR)_\d+_(?P<found>[01])", re.I)
_MOST_BYTES = 2**20
_PICTURES = frozenset((".png", ".jpg", ".jpeg"))
_AGE = r"(?P<number>\d{1,3}(?:\.\d+)?)\s*-?\s*(?P<unit>(?:y|m|w|d)[a-z]*)?\b(?:\s*old\b)?"
_PERSON = re.compile(
    r"(?:patient\W?s?\s+)?(?:"
    rf"(?:sex|gender)\s*[:=]?\s*(?P<stated>[a-z]+)\b|age\s*[:=]?\s*{_AGE}|"
    rf"(?P<sex>[a-z]+)[\s,.;:]*{_AGE.replace('number', 'years').replace('unit', 'of')}|"
    r"(?P<alone>[a-z]+))[\s,.;]*",
    re.I,
)


@dataclass(frozen=True)
class NLMTuberculosis(FileSource):
    """The folder of one set or of both; films and readings are known by their names."""

    name = "nlm-tb"
    namespace = "nlm-tb"
    published = True
    expects = (
        "ChinaSet_AllFiles/ or MontgomerySet/, with CXR_png/ and ClinicalReadings/, "
        "or a folder that holds both"
    )
    origin = (
        "free, cite Jaeger et al. 2014 and acknowledge the NLM: "
        "https://lhncbc.nlm.nih.gov/LHC-downloads/downloads.html"
    )

    def listing(self, encoding: str) -> Listing:
        """List the films by name, then readings without a film and all other files."""
        tree = walk(self.root)
        films: dict[str, PurePath] = {}
        readings: dict[str, PurePath] = {}
        others: list[Rejection] = []
        for path in tree.files:
            suffix = path.suffix.lower()
            kind = films if suffix in _PICTURES else readings if suffix == ".txt" else None
            if any("mask" in part.lower() for part in path.parts):
                others.append(Rejection(path.as_posix(), "mask of the lungs", wrong=False))
            elif kind is None or not _NAME.fullmatch(path.stem):
                others.append(Rejection(path.as_posix(), "neither film nor reading", wrong=False))
            elif path.stem in kind:
                others.append(Rejection(path.as_posix(), "film or reading of a name known before"))
            else:
                kind[path.stem] = path
        if not films:
            raise CorpusError(
                f"{self.root} is no {self.name} archive: it holds no film such as "
                "CXR_png/CHNCXR_0001_0.png or CXR_png/MCUCXR_0001_0.png"
            )
        entries = [self._entry(path, readings, encoding) for _, path in sorted(films.items())]
        unseen = [
            Rejection(name, "reading without its film") for name in readings if name not in films
        ]
        left_out = [Rejection(file.path, file.reason, file.wrong) for file in tree.left_out]
        settings = {
            "root": str(self.root),
            "warning": "what surrounds the lungs alone tells much of the label (letters, "
            "collimation, exposure): believe no score without a crop to the centre",
        }
        return Listing([*entries, *unseen, *others, *left_out], settings)

    def _entry(self, film: PurePath, readings: Mapping[str, PurePath], encoding: str) -> Record:
        text = ""
        flags: tuple[str, ...] = ("reading missing",)
        if reading := readings.get(film.stem):
            try:
                text = (
                    read_input(self.root / reading, _MOST_BYTES, CorpusError)
                    .decode(encoding)
                    .lstrip("\ufeff")
                    .strip()
                )
                flags = ()
            except UnicodeDecodeError:
                flags = (f"reading is not {encoding}",)
            except (CorpusError, OSError):
                flags = (f"reading is longer than {_MOST_BYTES:,} bytes, or cannot be read",)
        sex, age, findings = read_reading(text)
        found = _NAME.fullmatch(film.stem)
        assert found is not None
        return Record(
            image_id=film.stem,
            study_id=film.stem,
            patient_id=film.stem,
            source_path=film.as_posix(),
            age=age,
            sex=sex,
            texts=Texts(findings=findings, report=text),
            labels={LABEL: int(found["found"])},
            flags=flags,
        )


def read_reading(text: str) -> tuple[Sex, float | None, str]:
    """Split a clinical reading into sex, age in years and what it says of the film.

    Args:
        text: such as "male 45yrs" or "Patient's Sex: F" and "Patient's Age: 027Y", each in a line
            of its own, then the findings. Slips of the pen ("femal", "mle") are read.
    """
    sex: Sex = ""
    age: float | None = None
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    while lines and (person := _PERSON.match(lines[0])):
        stated = _sex(person["stated"] or person["sex"] or person["alone"] or "")
        if not stated and (person["sex"] or person["alone"]):
            break
        sex = sex or stated
        if number := person["number"] or person["years"]:
            unit = (person["unit"] or person["of"] or "y")[0]
            age = age if age is not None else normalise.age(f"{number}{unit}")
        rest = lines[0][person.end() :]
        lines = [rest, *lines[1:]] if rest else lines[1:]
    return sex, age, "\n".join(lines)


def _sex(word: str) -> Sex:
    near = get_close_matches(word.casefold(), ("female", "male"), n=1, cutoff=0.7)
    return normalise.sex(near[0] if near else word)
