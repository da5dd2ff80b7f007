"""What the decoder can say: reports for images, their scores, and where it looked."""
