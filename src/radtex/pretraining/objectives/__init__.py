"""What an encoder can be trained to do: one class per objective."""
