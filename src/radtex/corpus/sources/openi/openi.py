"""Open-i, the chest radiographs of Indiana University: XML reports, and PNG or DICOM images.

The archive names no patients: a report's number stands for one. Labels come from the MeSH codes of
human indexers (see `OpenIReport.labels`), views from headers and tables (see `OpenIViews`), since
the XML says nothing sure of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.sources.openi.openi_reports import OpenIReport, read_openi_reports
from radtex.corpus.sources.openi.openi_views import OpenIViews, image_key
from radtex.errors import CorpusError

_IMAGES = ("NLMCXR_dcm/*/*.dcm", "NLMCXR_png/*.png")


@dataclass(frozen=True)
class OpenI(FileSource):
    """The folder that holds the reports and the images; DICOM is preferred where both are there."""

    name = "openi"
    namespace = "openi"
    published = True
    expects = (
        "NLMCXR_reports.tgz or ecgen-radiology/, with NLMCXR_dcm/ or NLMCXR_png/; for the views of "
        "PNG files nlmcxr_dicom_metadata.csv.gz or indiana_projections.csv"
    )
    origin = "National Library of Medicine, CC BY-NC-ND 4.0: https://openi.nlm.nih.gov/faq"

    def listing(self, encoding: str) -> Listing:
        """List the images of the reports; there is no table of images."""
        read = list(read_openi_reports(self.root))
        reports = [report for report in read if isinstance(report, OpenIReport)]
        headings = frozenset[str]().union(*(report.headings for report in reports))
        paths = self._images()
        dicom = {key: self.root / path for key, path in paths.items() if path.endswith(".dcm")}
        views = OpenIViews.read(self.root, dicom, encoding)
        entries: list[Record | Rejection] = []
        for report in read:
            if isinstance(report, Rejection):
                entries.append(report)
            elif not report.images:
                entries.append(Rejection(report.number, "report has no image", wrong=False))
            else:
                entries += _records(report, headings, paths, views)
        settings = {
            "root": str(self.root),
            "reports": len(reports),
            "images_with_a_header": len(views.headers),
            "images_with_a_projection": len(views.projections),
            "warning": "the archive names no patients: each report counts as one of its own",
        }
        return Listing(entries, settings)

    def _images(self) -> dict[str, str]:
        for pattern in _IMAGES:
            if paths := sorted(self.root.glob(pattern)):
                return {
                    image_key(path.name): path.relative_to(self.root).as_posix() for path in paths
                }
        raise CorpusError(f"{self.root} holds no images; expected {' or '.join(_IMAGES)}")


def _records(
    report: OpenIReport, headings: frozenset[str], paths: Mapping[str, str], views: OpenIViews
) -> list[Record]:
    labels = report.labels(headings)
    records = []
    for image in report.images:
        key = image_key(image)
        view, flags = views.view(key)
        records.append(
            Record(
                image_id=image,
                study_id=report.number,
                patient_id=report.number.removeprefix("CXR"),
                source_path=paths.get(key, image),
                view=view,
                labels=labels,
                flags=flags,
                texts=report.texts,
            )
        )
    return records
