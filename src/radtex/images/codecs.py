"""From pixel data in any of DICOM's usual encodings to stored values.

Pillow decodes JPEG and JPEG 2000, at a fraction of their size where that is enough. imagecodecs,
with libjpeg-turbo, CharLS and OpenJPEG, decodes JPEG of 12 bits, lossless JPEG, JPEG-LS, RLE and
deep colour. Both survive damaged streams; GDCM, which reads as much, ends the whole process on
some. The size that a stream claims is compared with the header before anything is allocated.
"""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from radtex.images.grey_levels import Stored
from radtex.images.jpeg_streams import ends_early
from radtex.images.pictures import decode_jpeg

NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
BIG_ENDIAN = "1.2.840.10008.1.2.2"
_RLE = "1.2.840.10008.1.2.5"
_JPEG = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81))
_JPEG_2000 = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203))
"""JPEG 2000, the last three in its high-throughput form."""
ENCAPSULATED = (_RLE, *_JPEG, *_JPEG_2000)

_FRAME_HEADERS = (0xC0, 0xC1, 0xC2, 0xC3, 0xF7)
"""Of baseline, extended, progressive and lossless JPEG, and of JPEG-LS."""
_JFIF, _ADOBE, _ADOBE_LENGTH = 0xE0, 0xEE, 12
_LOSSLESS, _JPEG_LS_FRAME = 0xC3, 0xF7
_END_OF_IMAGE = b"\xff\xd9"

_SIZE, _CODING_STYLE = 0x51, 0x52
_MAX_TILES = 2**12
_MAX_SEGMENTS = 1000


@dataclass(frozen=True)
class Layout:
    """How the pixels of one image are stored."""

    syntax: str
    """UID of the transfer syntax."""
    rows: int
    """Height in pixels."""
    columns: int
    """Width in pixels."""
    samples: int
    """1, or 3 for colour."""
    allocated: int
    """Bits per sample, 8 or 16."""
    stored: int
    """How many of these bits count."""
    high: int
    """The highest bit that counts."""
    planar: bool = False
    """Whether colour is stored by plane."""
    subsampled: bool = False
    """Whether the colour is YBR_FULL_422."""
    rgb: bool = False
    """Whether the colour is red, green and blue, as the header says."""
    swapped: bool = False
    """Whether 8-bit pixels stand in big-endian words."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the stored values, where the codec does not reduce them."""
        return (self.rows, self.columns, self.samples)[: 2 if self.samples == 1 else 3]


def decode(data: bytes, layout: Layout, enough: int | None) -> tuple[Stored, int]:
    """Decode the pixels of one image.

    Args:
        data: the encoded pixels.
        layout: how they are stored, as the header says.
        enough: as in `radtex.images.read_image`: JPEG and JPEG 2000 may then come out smaller.

    Returns:
        The stored values, (rows, columns) or (rows, columns, 3), and the bits of each. Values are
        bit patterns: two's complement where the header says signed. JPEG in colour comes as
        luminance, unless only the header tells that it is RGB.

    Raises:
        ValueError: if the data contradict the layout.
        Exception: whatever a codec raises on damaged data.
    """
    if layout.syntax in NATIVE:
        return _used_bits(_native(data, layout), layout)
    if layout.syntax == _RLE:
        return _used_bits(_run_lengths(data, layout), layout)
    if layout.syntax in _JPEG_2000:
        return _jpeg_2000(data, layout, enough)
    return _jpeg(data, layout, enough)


def _native(data: bytes, layout: Layout) -> Stored:
    width = layout.columns * (2 if layout.subsampled else layout.samples)
    kind = np.dtype(f"{'>' if layout.syntax == BIG_ENDIAN else '<'}u{layout.allocated // 8}")
    if layout.swapped:
        data = np.frombuffer(data, "u2").byteswap().tobytes()
    flat = np.frombuffer(data, kind, layout.rows * width)
    flat = flat.astype(kind.newbyteorder("="), copy=False)
    if layout.subsampled:  # Y Y Cb Cr for every two pixels
        return flat.reshape(-1, 4)[:, :2].reshape(layout.rows, layout.columns)
    if layout.planar:
        return np.moveaxis(flat.reshape(layout.samples, layout.rows, layout.columns), 0, 2)
    return flat.reshape(layout.shape)


def _run_lengths(data: bytes, layout: Layout) -> Stored:
    """Decode DICOM's RLE: byte planes, the high byte of a sample first (PS3.5, annex G)."""
    from imagecodecs import packbits_decode

    depth, pixels = layout.allocated // 8, layout.rows * layout.columns
    count, *starts = struct.unpack_from("<16I", data)
    if count != layout.samples * depth:
        raise ValueError("another number of byte planes")
    planes = np.empty((count, pixels), dtype=np.uint8)
    ends = [*starts[1:count], len(data)]
    for plane, start, end in zip(planes, starts, ends, strict=False):
        plane[:] = np.frombuffer(packbits_decode(data[start:end], out=pixels), np.uint8, pixels)
    samples = np.moveaxis(planes.reshape(layout.samples, depth, pixels), 2, 0)
    words = np.ascontiguousarray(samples).view(f">u{depth}")
    return words.astype(f"u{depth}").reshape(layout.shape)


def _jpeg(data: bytes, layout: Layout, enough: int | None) -> tuple[Stored, int]:
    """Decode JPEG by the process that its own frame header names."""
    from imagecodecs import jpeg8_decode, jpegls_decode

    segments = list(_segments(data))
    process, frame = next(part for part in segments if part[0] in _FRAME_HEADERS)
    precision, rows, columns, samples = struct.unpack_from(">BHHB", frame)
    _check(layout, rows, columns, samples)
    if precision == 8 and process not in (_LOSSLESS, _JPEG_LS_FRAME):
        if layout.rgb and _says_no_colour(segments, frame):
            return _whole(
                data, partial(jpeg8_decode, colorspace="RGB", outcolorspace="RGB")
            ), precision
        return decode_jpeg(data, enough), precision
    if process == _JPEG_LS_FRAME:
        # Without its end, CharLS searches a truncated stream for many seconds.
        whole = data.rstrip(b"\0").removesuffix(_END_OF_IMAGE) + _END_OF_IMAGE
        return _used_bits(jpegls_decode(whole), layout, precision)
    return _used_bits(_whole(data, jpeg8_decode), layout, precision)


def _whole(data: bytes, decode: Callable[[bytes], Stored]) -> Stored:
    """Decode a JPEG that does not end early."""
    pixels = decode(data)
    if ends_early(data, pixels, decode):
        raise ValueError("the data end before the image does")
    return pixels


def _says_no_colour(segments: Sequence[tuple[int, bytes]], frame: bytes) -> bool:
    """Tell whether a JPEG leaves open if it is RGB or YBR, which decoders then take it for."""
    said = any(
        (marker == _JFIF and content.startswith(b"JFIF\0"))
        or (marker == _ADOBE and content.startswith(b"Adobe") and len(content) >= _ADOBE_LENGTH)
        for marker, content in segments
    )
    subsampled = len(set(frame[7::3])) > 1  # which only YBR is
    return not said and not subsampled


def _jpeg_2000(data: bytes, layout: Layout, enough: int | None) -> tuple[Stored, int]:
    """Decode JPEG 2000.

    Pillow fills 8 or 16 bits with the values, from 0 even where signed. A reduced image is
    displaced by the wavelets, by at most a quarter of a pixel of the size that is `enough`.
    """
    from imagecodecs import jpeg2k_decode

    data = data[data.index(b"\xff\x4f\xff\x51") :]  # some wrap the stream in a JP2 file
    headers = dict(_segments(data))
    _, right, bottom, left, top, tile_width, tile_height, *_, samples, depth = struct.unpack_from(
        ">HIIIIIIIIHB", headers[_SIZE]
    )
    _check(layout, bottom - top, right - left, samples)
    if -(-right // tile_width) * -(-bottom // tile_height) > _MAX_TILES:
        raise ValueError("too many tiles")
    precision, signed = (depth & 0x7F) + 1, depth > 0x7F
    if samples > 1 and precision > 8:  # of which Pillow keeps 8 bits
        return _used_bits(jpeg2k_decode(data), layout, precision)
    halvings = 0
    if enough is not None:
        halvings = max(0, (min(layout.rows, layout.columns) // (2 * enough)).bit_length() - 1)
    with Jpeg2KImageFile(io.BytesIO(data)) as image:
        image.reduce = min(halvings, headers[_CODING_STYLE][5])
        pixels = np.array(image)
    container = 8 * pixels.dtype.itemsize
    pixels >>= pixels.dtype.type(container - precision)
    if signed:
        pixels ^= pixels.dtype.type(2 ** (precision - 1))
    return _used_bits(pixels, layout, precision)


def _used_bits(stored: Stored, layout: Layout, precision: int | None = None) -> tuple[Stored, int]:
    """Return the bits that count, without those around them, which may hold overlays.

    Args:
        stored: the values.
        layout: how they are stored.
        precision: bits of a value as a codec gave it; None where the header says it.
    """
    bits = layout.stored if precision is None else min(layout.stored, precision)
    above = layout.high + 1 - layout.stored if precision is None else 0
    kind = stored.dtype.type
    if above:
        stored = stored >> kind(above)
    if int(stored.max()) >= 2**bits:
        stored = stored & kind(2**bits - 1)
    return stored, bits


def _check(layout: Layout, rows: int, columns: int, samples: int) -> None:
    if (rows, columns, samples) != (layout.rows, layout.columns, layout.samples):
        raise ValueError("the compressed image is of another shape than the header says")


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of the segments that precede the image in any kind of JPEG."""
    place = 2
    for _ in range(_MAX_SEGMENTS):
        prefix, marker, length = struct.unpack_from(">BBH", data, place)
        if prefix != 0xFF or length < 2 or marker in (0xDA, 0x90):  # the image begins
            return
        yield marker, data[place + 4 : place + 2 + length]
        place += 2 + length
