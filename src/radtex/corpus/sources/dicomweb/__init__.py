"""A PACS as a source: its radiographs, and the reports that it holds as DICOM documents."""
