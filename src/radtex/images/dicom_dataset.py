"""From DICOM files to data sets: quietly, and in bounded memory whatever the file claims."""

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from radtex.errors import ImageError
from radtex.images.pixel_samples import UnreadImageError

if TYPE_CHECKING:
    from pydicom import Dataset

MAX_BYTES = 2**28
"""Bytes that a data set may take, inflated or read: more than the largest uncompressed image."""

MAX_READS = 50_000
"""Calls to `read` that a data set may cost; the headers of radiographs take a few thousand."""

_META = 1024
"""Bytes within which the transfer syntax stands."""
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_EXPLICIT = b"1.2.840.10008.1.2.1\0\0\0"

_QUIET = Lock()


def is_dicom(head: bytes) -> bool:
    """Return whether a file begins as DICOM does, with or without its preamble of 128 bytes.

    Args:
        head: the first 132 bytes, or more.
    """
    return head[128:132] == b"DICM" or head[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x08")


@contextmanager
def careful_reading(name: str) -> Iterator[None]:
    """Silence pydicom while the block runs, and turn whatever fails in it into `ImageError`.

    pydicom's warnings and errors quote header values, which may be a patient's.

    Args:
        name: what messages call the file.

    Raises:
        ImageError: if something failed in the block, other than the disk.
        UnreadImageError: as the block raised it.
        OSError: if the file could not be read.
    """
    logger = logging.getLogger("pydicom")
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.disabled = True
        try:
            yield
        except (ImageError, UnreadImageError):
            raise
        except Exception as error:  # pydicom raises a dozen types on damaged data
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's fault, not the file's
            raise ImageError(f"{name} is a damaged or truncated DICOM file") from None
        finally:
            logger.disabled = False


def read_dataset(file: BinaryIO, name: str, keywords: Sequence[str], pixels: bool) -> "Dataset":
    """Return some elements of a file, and its meta information.

    Call it, and access the values of the data set, within `careful_reading`.

    Args:
        file: the file, at its start.
        name: what messages call it.
        keywords: keywords of the elements.
        pixels: whether to read on as far as the pixel data.

    Raises:
        ImageError: if the file takes more than `MAX_BYTES` or `MAX_READS`.
    """
    from pydicom import dcmread

    head = file.read(_META)
    if _DEFLATED in head:
        file = io.BytesIO(_inflate(head + file.read(), name))
    file.seek(0)
    return dcmread(
        _Frugal(file, name),
        stop_before_pixels=not pixels,
        force=True,
        specific_tags=list(keywords),
    )


class _Frugal:
    """A stream that refuses endless lists of tiny elements, and values of gigantic length."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._reads = self._bytes = 0
        self.seek = stream.seek
        self.tell = stream.tell

    def read(self, size: int = -1, /) -> bytes:
        self._reads += 1
        self._bytes += size
        if self._reads > MAX_READS or self._bytes > MAX_BYTES:
            raise ImageError(f"{self._name} is a DICOM file of absurdly many or long elements")
        return self._stream.read(size)


def _inflate(data: bytes, name: str) -> bytes:
    """Return the same file with its data set inflated."""
    (length,) = struct.unpack_from("<I", data, 140)  # of the meta information after this element
    start = 144 + length
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(data[start:], MAX_BYTES)
    if inflater.unconsumed_tail:
        raise ImageError(f"{name} is a DICOM file that inflates beyond {MAX_BYTES:,} bytes")
    return data[:start].replace(_DEFLATED, _EXPLICIT) + plain
