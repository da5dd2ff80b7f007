"""Tensors in, tensors out: the image encoder, the text decoder and how they are kept on disk."""
