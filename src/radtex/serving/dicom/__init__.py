"""Films that are sent by DICOM, and their reports."""
