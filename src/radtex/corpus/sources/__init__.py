"""Archive layouts, one module each."""

from importlib import import_module
from inspect import signature
from pathlib import Path

from radtex.corpus.record import Source
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError
from radtex.inputs import require_input

SOURCES = {
    "chexpert": "chexpert:CheXpert",
    "chexpert-plus": "chexpert_plus:CheXpertPlus",
    "covid": "covid:Covid",
    "dicom": "dicom_folder:DicomSource",
    "dicomweb": "dicomweb.dicomweb:DICOMweb",
    "folder": "folder:Folder",
    "mimic-cxr": "mimic.mimic_cxr:MIMICCXR",
    "mimic-cxr-jpg": "mimic.mimic_cxr_jpg:MIMICCXRJPG",
    "nih": "nih:NIH",
    "nlm-tb": "nlm_tb:NLMTuberculosis",
    "openi": "openi.openi:OpenI",
    "padchest": "padchest:PadChest",
    "phantom": "synthetic:PhantomSource",
    "rsna": "rsna:RSNA",
    "siim": "siim:SIIM",
    "table": "table:TableSource",
    "vindr": "vindr:VinDr",
}
"""The module and class of each source, by its name; imported when it is opened."""


def open_source(name: str, **options: object) -> Source:
    """Make the source of that name.

    Args:
        name: a key of `SOURCES`.
        **options: fields of the source's class; None and empty count as not given. All but
            phantom and dicomweb take root, the archive's folder; phantom takes studies, seed and
            backgrounds.
            dicomweb takes url, the service's address, and query, ATTRIBUTE=VALUE entries.
            table: root is the table file; also columns (`Columns`) and labels.
            mimic-cxr-jpg, mimic-cxr: also patients (MIMIC-IV's table) and severity (edema grades).

    Raises:
        CorpusError: if the source is unknown, lacks an option or does not take one.
    """
    if name not in SOURCES:
        raise CorpusError(f"unknown source {name!r}; the sources are: {', '.join(SOURCES)}")
    source = source_class(name)
    given = {key: value for key, value in options.items() if value not in (None, (), [], Columns())}
    takes = signature(source).parameters
    unknown = [key for key in given if key not in takes]
    if unknown:
        raise CorpusError(f"source {name} takes no {', '.join(unknown)}, only {', '.join(takes)}")
    lacking = [
        key for key, option in takes.items() if option.default is option.empty and key not in given
    ]
    if lacking in (["root"], ["url"]):
        what = "path of what it reads" if lacking == ["root"] else "address that it reads from"
        raise CorpusError(f"source {name} needs the {what}, after its name: {source.expects}")
    if lacking:
        raise CorpusError(f"source {name} needs {', '.join(lacking)}")
    for key in ("root", "patients", "severity"):
        if key in given:
            expected = source.expects if key == "root" else f"what --{key} names"
            require_input(Path(str(given[key])), CorpusError, expected)
    opened: Source = source(**given)
    return opened


def source_class(name: str) -> type[Source]:
    """Return the class of the source of that name."""
    module, _, class_name = SOURCES[name].partition(":")
    found: type[Source] = getattr(import_module(f"{__name__}.{module}"), class_name)
    return found


def describe_sources() -> str:
    """Return what each source expects on disk, and where its archive comes from."""
    lines = []
    for name in SOURCES:
        source = source_class(name)
        lines += [name, f"    on disk  {source.expects}", f"    from     {source.origin}"]
    return "\n".join(lines)
