"""Public archives are downloaded from their publishers; for others it is said where to apply.

Sources of the sizes and checksums:
NIH images: MD5 as published in FAQ_CHESTXRAY.pdf, question 7, in the archive's own folder. Its
tables and NLMCXR_png.tgz: SHA-256 as independent projects recorded them after download; those of
Data_Entry_2017_v2020.csv and BBox_List_2017.csv agree with the copies in torchxrayvision, but for
a header. NLMCXR_reports.tgz and the table of DICOM headers: computed from the files themselves. No
checksum of NLMCXR_dcm.tgz is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from radtex.corpus.downloading import RemoteFile, download, part_file, record_file
from radtex.corpus.sources import SOURCES, source_class
from radtex.corpus.unpacking import unpack
from radtex.errors import CorpusError
from radtex.files import sole_writer
from radtex.progress import say


@dataclass(frozen=True)
class Item:
    """A file of an archive, and what becomes of it."""

    file: RemoteFile
    """What is downloaded."""
    folder: str = ""
    """Where it is unpacked; "" for a table, which is kept as it is."""


_OPENI = "https://openi.nlm.nih.gov/imgs/collections"
_XRAYVISION = (
    "https://raw.githubusercontent.com/mlmed/torchxrayvision/"
    "6fa28a2fbfb1b30fcb5f8f501626d91177ef593c/torchxrayvision/data"
)
_NIH_TABLE = (
    "https://nihcc.app.box.com/index.php?rm=box_download_shared_file"
    "&vanity_name=ChestXray-NIHCC&file_id=f_{}"
)
_NIH_IMAGES = (
    ("vfk49d74nhbxq3nqjg0900w5nvkorp5c", 2_008_470_987, "fe8ed0a6961412fddcbb3603c11b3698"),
    ("i28rlmbvmfjbl8p2n3ril0pptcmcu9d1", 3_952_623_504, "ab07a2d7cbe6f65ddd97b4ed7bde10bf"),
    ("f1t00wrtdk94satdfb9olcolqx20z2jp", 3_929_234_850, "2301d03bde4c246388bad3876965d574"),
    ("0aowwzs5lhjrceb3qp67ahp0rd1l1etg", 3_838_903_983, "9f1b7f5aae01b13f4bc8e2c44a4b8ef6"),
    ("v5e3goj22zr6h8tzualxfsqlqaygfbsn", 3_935_496_531, "1861f3cd0ef7734df8104f2b0309023b"),
    ("asi7ikud9jwnkrnkj99jnpfkjdes7l6l", 3_986_301_172, "456b53a8b351afd92a35bc41444c58c8"),
    ("jn1b4mw4n6lnh74ovmcjb8y48h8xj07n", 4_016_328_426, "1075121ea20a137b87f290d6a4a5965e"),
    ("tvpxmn7qyrgl0w8wfh9kqfjskv6nmm1j", 4_018_347_353, "b61f34cec3aa69f295fbb593cbd9d443"),
    ("upyy3ml7qdumlgk2rfcvlb9k6gvqq2pj", 4_111_327_929, "442a3caa61ae9b64e61c561294d1e183"),
    ("l6nilvfa9cg3s28tqv1qc1olm3gnz54p", 4_181_556_296, "09ec81c4c31e32858ad8cf965c494b74"),
    ("hhq8fkdgvcari67vfhs7ppg2w6ni4jze", 4_187_084_020, "499aefc67207a5a97692424cf5dbeed5"),
    ("ioqwiy20ihqwyr8pf4c24eazhh281pbu", 2_914_187_733, "dc9fda1757c2de0032b63347a7d2895c"),
)

_OPENI_REPORTS = Item(
    RemoteFile(
        "NLMCXR_reports.tgz",
        f"{_OPENI}/NLMCXR_reports.tgz",
        1_112_632,
        "sha256:8fb6de7eec73d8c3665067ad4bb003ccd57f971ae316d2642e1627ac7268667a",
    ),
    "ecgen-radiology",
)
PUBLIC: Mapping[str, Sequence[Item]] = {
    "openi": (
        _OPENI_REPORTS,
        Item(
            RemoteFile(
                "NLMCXR_png.tgz",
                f"{_OPENI}/NLMCXR_png.tgz",
                1_360_814_128,
                "sha256:baf3abfe19ba5d58efe69002aed1e71aa2e6d5efb3238db9adcac210ad44bdf2",
            ),
            "NLMCXR_png",
        ),
        # PNG files do not tell their view, the headers of the DICOM files do.
        Item(
            RemoteFile(
                "nlmcxr_dicom_metadata.csv.gz",
                f"{_XRAYVISION}/nlmcxr_dicom_metadata.csv.gz",
                955_593,
                "sha256:996c7d7a23b6bef51b1308dfa9671fb59b00e67c8928f7ff45cc002ca16ebf3e",
            )
        ),
    ),
    "openi-dicom": (
        _OPENI_REPORTS,
        Item(
            RemoteFile("NLMCXR_dcm.tgz", f"{_OPENI}/NLMCXR_dcm.tgz", 80_694_582_486), "NLMCXR_dcm"
        ),
    ),
    "nih": (
        Item(
            RemoteFile(
                "Data_Entry_2017_v2020.csv",
                _NIH_TABLE.format(219760887468),
                9_003_496,
                "sha256:c69a6daca3549af707ca9cacbdf9f9a7b6a9188e8c61157df653520bb72d8eb1",
            )
        ),
        Item(
            RemoteFile(
                "BBox_List_2017.csv",
                _NIH_TABLE.format(219760940956),
                92_416,
                "sha256:0bbfea9d4c4e9771481b3023b1bc9f0df9dea924453b12986beb29b0c4d0c95b",
            )
        ),
        Item(
            RemoteFile(
                "train_val_list.txt",
                _NIH_TABLE.format(256056636701),
                1_470_907,
                "sha256:61fbe896321c1c1c8b75f3e4f3a08e4fef6486d95ef8a667c31d4d60dca6cb81",
            )
        ),
        Item(
            RemoteFile(
                "test_list.txt",
                _NIH_TABLE.format(256055473534),
                435_131,
                "sha256:38ca5ef7f756092946f57c1a59faca882ed589a1ab1f72590b45dc06c6d5e1cc",
            )
        ),
        *(
            Item(
                RemoteFile(
                    f"images_{number:03}.tar.gz",
                    f"https://nihcc.box.com/shared/static/{box_name}.gz",
                    size,
                    f"md5:{md5}",
                ),
                "images",
            )
            for number, (box_name, size, md5) in enumerate(_NIH_IMAGES, start=1)
        ),
    ),
}
"""What can be fetched, in the order in which it is; "openi-dicom" is the archive "openi" too."""


def fetch(archive: str, folder: Path | str) -> None:
    """Download a public archive, as `build` reads it; repeat an interrupted download to resume it.

    Packed files are unpacked and then removed; the checksum of each stays in NAME.checksum.

    Args:
        archive: a name in `PUBLIC`.
        folder: where the archive goes.

    Raises:
        CorpusError: if the archive is not public (the message says where to apply), or a file
            cannot be had as it should be.
        OutputError: if a file cannot be written.

    Example:
        >>> import radtex
        >>> radtex.fetch("mimic-cxr", "archives/mimic")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.CorpusError: …
    """
    if archive not in PUBLIC:
        raise CorpusError(_where_to_apply(archive))
    folder = Path(folder)
    with sole_writer(folder.resolve()):
        for item in PUBLIC[archive]:
            if item.folder and _is_unpacked(item.file, folder):
                say(f"{item.file.name}: unpacked before")
                continue
            path = download(item.file, folder)
            if item.folder:
                unpack(path, folder / item.folder)
                path.unlink()


def _is_unpacked(file: RemoteFile, folder: Path) -> bool:
    """Whether the file came, and is no longer there because all was done with it."""
    left = (folder / file.name).exists() or part_file(file, folder).exists()
    return record_file(file, folder).exists() and not left


def _where_to_apply(archive: str) -> str:
    public = f"only these can be fetched: {', '.join(PUBLIC)}"
    if archive in SOURCES:
        return f"{public}; {archive} is from {source_class(archive).origin}"
    return f"unknown archive {archive!r}; {public}"
