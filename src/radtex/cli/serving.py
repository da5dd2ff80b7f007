"""`radtex serve`: films are read, and labelled, in the browser."""

from pathlib import Path

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Names, given


@shows_defaults_of("radtex.serving.serve:serve")
def serve(
    model: Path,
    /,
    *models: Path,
    corpus: Path | None = None,
    label: bool | None = None,
    targets: Names = None,
    host: str | None = None,
    port: int | None = None,
    token: str | None = None,
    allow_host: Names = None,
    dicom_listen: int | None = None,
    dicom_from: Names = None,
    dicom_peer: str | None = None,
    dicom_title: str | None = None,
    pacs: str | None = None,
) -> None:
    """Serve a page that reads films, and the same by REST. Research use, not a medical device.

    Args:
        model: A run, which writes reports, or a classifier, which gives findings; or an export of
            one to the hub, or of a classifier to ONNX.
        models: The other one of both, to be served beside it.
        corpus: A corpus: its films can be chosen, and the training films that are most like an
            upload are shown with their reports.
        label: Serve the page where the films of the corpus are labelled, too.
        targets: Findings to label, or a target set (radtex9, nih9, chexpert5). Without them, those
            of the classifier, else of the corpus.
        host: Address to listen at. Beyond 127.0.0.1, requests need the token.
        port: Port to listen at; 0 takes a free one.
        token: What requests must bring. Without it, none on this machine, else a new one, which is
            printed.
        allow_host: Further names that the server may be called by, as behind a reverse proxy.
        dicom_listen: Port for radiographs that are sent by DICOM (C-STORE); each comes back as a
            structured report. Needs a classifier, and highdicom (`radtex[dicom-sr]`).
        dicom_from: AE titles that may send.
        dicom_peer: Where reports are sent to, as PACS@10.0.0.7:104.
        dicom_title: AE title of the server.
        pacs: Address of a DICOMweb service (a PACS) whose films can be searched and read on the
            page. Reports of films sent by DICOM are stored there, in place of --dicom-peer.
    """
    from radtex.serving.serve import serve as run

    options = given(
        corpus=corpus,
        label=label,
        targets=targets,
        host=host,
        port=port,
        token=token,
        allow_host=allow_host,
        dicom_listen=dicom_listen,
        dicom_from=dicom_from,
        dicom_peer=dicom_peer,
        dicom_title=dicom_title,
        pacs=pacs,
    )
    run((model, *models), **options)
