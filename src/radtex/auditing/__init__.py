"""What tells a corpus's labels without any radiology: shortcuts, measured."""
