"""Multipart bodies, read into memory: nothing of an upload touches the disk."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from radtex.serving.problems import ProblemError

_MOST_FIELDS = 10
_FIELD_BYTES = 1 << 16


class _InMemory(MultiPartParser):
    spool_max_size = sys.maxsize


@dataclass(frozen=True)
class Upload:
    """What a multipart body holds."""

    image: bytes = field(repr=False)
    """The file of the field `image`."""
    fields: Mapping[str, str] = field(repr=False)
    """The other fields."""


async def read_upload(request: Request) -> Upload:
    """Read a multipart body with a file in its field `image`; what the file is called is ignored.

    Raises:
        ProblemError: if there is no such field, it is empty, or the body is no multipart form.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ProblemError(
            415,
            "no-form",
            "Send the film as a form (multipart/form-data) with a field named image.",
        )
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, HTTPException, KeyError, ValueError) as error:
        raise ProblemError(
            400, "damaged-form", "The upload arrived damaged; please send it again."
        ) from error
    try:
        image = form.get("image")
        if not isinstance(image, UploadFile):
            raise ProblemError(
                422, "no-file", "The form has no file in its field image; choose a film."
            )
        data = await image.read()
        if not data:
            raise ProblemError(
                422,
                "empty-file",
                "The file is empty. Its export may have failed; export the film anew.",
            )
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return Upload(data, fields)
    finally:
        await form.close()


def upload_body(**fields: Mapping[str, Any]) -> dict[str, Any]:
    """Describe such a body for OpenAPI, with the schemas of its other fields."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["image"],
                        "properties": {
                            "image": {
                                "type": "string",
                                "format": "binary",
                                "description": "A DICOM, PNG, JPEG, TIFF, BMP or WebP file.",
                            },
                            **fields,
                        },
                    }
                }
            },
        }
    }
