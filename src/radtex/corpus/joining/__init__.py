"""Tables of reports and of labels, joined to the images of any source."""
