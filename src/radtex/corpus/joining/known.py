"""What the images state of patients and studies, to compare and complete a table's rows with."""

from collections import defaultdict
from collections.abc import Sequence

from radtex.corpus.joining.ids import folded, unpadded, written
from radtex.corpus.record import Record

_Spellings = dict[str, set[str]]


class Known:
    """Patients, studies and accession numbers of a set of images.

    An id is the same as another if they are equal but for case and spaces; or but for leading
    zeros, where no two ids of the images differ in those alone.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        """Take down what the records state."""
        self._patients: _Spellings = defaultdict(set)
        self._studies: _Spellings = defaultdict(set)
        self._accessions: _Spellings = defaultdict(set)
        self._of_accession: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Take down what one more record states."""
        patient, study, accession = record.patient_id, record.study_id, record.accession
        ids = ((self._patients, patient), (self._studies, study), (self._accessions, accession))
        for spellings, value in ids:
            if value:
                spellings[unpadded(value)].add(value)
        if accession and study and patient:
            self._of_accession[unpadded(accession)].add((study, patient))

    def same_patient(self, one: str, other: str) -> bool:
        """Tell whether two ids are of the same patient."""
        if folded(one) == folded(other):
            return True
        alike = {folded(each) for each in self._patients.get(unpadded(one), ())}
        return unpadded(one) == unpadded(other) and len(alike) <= 1

    def patient(self, cell: str) -> str:
        """Return a patient id of a table as the images spell it, or else as it is."""
        return _spelt(cell, self._patients)

    def study(self, cell: str) -> str:
        """Return a study id of a table as the images spell it, or else as it is."""
        return _spelt(cell, self._studies)

    def accession(self, cell: str) -> str:
        """Return an accession number of a table as the images spell it, or else as it is."""
        return _spelt(cell, self._accessions)

    def of_accession(self, accession: str) -> tuple[str, str]:
        """Return the study id and patient of an accession number, "" where not known or several."""
        studies = self._of_accession.get(unpadded(accession), set())
        return next(iter(studies)) if len(studies) == 1 else ("", "")


def _spelt(cell: str, spellings: _Spellings) -> str:
    alike = spellings.get(unpadded(cell), set())
    equal = {each for each in alike if folded(each) == folded(cell)}
    found = sorted(equal) or (sorted(alike) if len(alike) == 1 else [])
    return found[0] if found else written(cell)
