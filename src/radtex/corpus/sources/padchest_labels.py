"""PadChest's labels, under the usual names of findings where they have one."""

import re
from collections.abc import Mapping

from radtex.corpus import normalise
from radtex.errors import CorpusError

STANDARD: Mapping[str, tuple[str, ...]] = {
    "No Finding": ("normal",),
    "Atelectasis": ("atelectasis", "atelectasis basal", "laminar atelectasis", "lobar atelectasis",
                    "round atelectasis", "segmental atelectasis", "total atelectasis"),
    "Cardiomegaly": ("cardiomegaly",),
    "Consolidation": ("consolidation",),
    "Edema": ("pulmonary edema",),
    "Pleural Effusion": ("pleural effusion", "loculated pleural effusion", "empyema",
                         "loculated fissural effusion", "hydropneumothorax"),
    "Pneumonia": ("pneumonia", "atypical pneumonia"),
    "Pneumothorax": ("pneumothorax", "hydropneumothorax"),
    "Support Devices": ("central venous catheter", "central venous catheter via jugular vein",
                        "central venous catheter via subclavian vein",
                        "central venous catheter via umbilical vein", "catheter",
                        "reservoir central venous catheter", "chest drain tube", "gastrostomy tube",
                        "endotracheal tube", "nsg tube", "tracheostomy tube", "nephrostomy tube",
                        "ventriculoperitoneal drain tube", "pacemaker", "dai", "electrical device",
                        "dual chamber device", "single chamber device"),
}  # fmt: skip
"""The labels, in lower case, any of which makes a finding of the usual name present."""

OWN = ("COPD signs", "air trapping", "alveolar pattern", "aortic elongation", "chronic changes",
       "costophrenic angle blunting", "emphysema", "hiatal hernia", "infiltrates",
       "interstitial pattern", "nodule", "pleural thickening", "pulmonary fibrosis",
       "pulmonary mass", "rib fracture", "scoliosis")  # fmt: skip
"""Frequent labels without a usual name, kept under their own."""

_MEANINGS = {**STANDARD, **{name: (name.casefold(),) for name in OWN}}
_LIST = re.compile(r"\[(?:'[^']*'(?:, )?)*\]")


def parse_labels(cell: str) -> set[str]:
    """Return the names in a cell such as "['normal', ' COPD signs', '']", in lower case.

    Raises `CorpusError` if it is neither such a list nor blank.
    """
    if normalise.is_unknown(cell):
        return set()
    if not _LIST.fullmatch(cell):
        raise CorpusError("labels are no list of names")
    return {name.strip().casefold() for name in re.findall("'([^']*)'", cell)} - {""}


def padchest_labels(found: set[str]) -> dict[str, int | None]:
    """Return the findings of `STANDARD` and `OWN` for the names of a study's labels.

    1 if named, else 0; but blank where the report refers to an earlier one ("unchanged"). All are
    blank where there are no names, and where the archive says "exclude". "normal" counts only
    where it stands alone.
    """
    if not found or "exclude" in found:
        return {}
    if found != {"normal"}:
        found = found - {"normal"}
    absent = None if "unchanged" in found else 0
    return {
        name: absent if found.isdisjoint(meanings) else 1 for name, meanings in _MEANINGS.items()
    }
