"""A miniature Open-i."""

from pathlib import Path

import pytest

from fixtures.openi import report_xml, write_png, write_reports


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Report 1 with its doubled number, 10 with a lateral, 2 with no image, 3 damaged."""
    root = tmp_path / "openi"
    write_reports(
        root,
        {
            "1.xml": report_xml(1, ["CXR1_1_IM-0001-3001"]),
            "2.xml": report_xml(2),
            "3.xml": report_xml(3, ["CXR3_IM-1384-1001"])[:-20],
            "10.xml": report_xml(
                10,
                ["CXR10_IM-0002-1001", "CXR10_IM-0002-2001-0002"],
                ["Opacity/lung/base/left/mild", "Cardiac Shadow/enlarged"],
            ),
        },
    )
    for image in ("CXR1_1_IM-0001-3001", "CXR10_IM-0002-1001", "CXR10_IM-0002-2001-0002"):
        write_png(root, image)
    return root
