"""How an encoder is put to use with few labels."""
