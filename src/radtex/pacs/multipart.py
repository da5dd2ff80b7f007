"""The parts of an answer of several, as WADO-RS sends instances (RFC 2387)."""

from email.message import Message

from radtex.errors import PacsAnswerError

MULTIPART, DICOM = "multipart/related", "application/dicom"


def only_part(content_type: str, body: bytes) -> bytes:
    """Return the one DICOM file that an answer holds, just as it was sent.

    A bare `application/dicom` is taken too: some servers send one instance so.

    Args:
        content_type: of the answer.
        body: the answer.

    Raises:
        PacsAnswerError: if it holds another kind, no file or several.
    """
    told = Message()
    told["Content-Type"] = content_type
    kind = told.get_content_type()
    if kind == DICOM:
        return body
    boundary = told.get_param("boundary")
    if kind != MULTIPART or not isinstance(boundary, str) or not boundary.isascii():
        raise PacsAnswerError("the PACS answers with another kind than a DICOM file")
    first, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    del first
    files = [piece for piece in pieces if not piece.startswith(b"--")]
    if len(pieces) != len(files) + 1 or len(files) != 1:
        raise PacsAnswerError("the PACS answers with no whole file, or with several")
    head, blank, file = files[0].partition(b"\r\n\r\n")
    if not blank or (b"content-type" in head.lower() and DICOM.encode() not in head.lower()):
        raise PacsAnswerError("the PACS answers with another kind than a DICOM file")
    return file
