"""Files as they lie on a disk: what stands below a folder, and which file a table's cell means."""
