"""Devices, seeds, memory and fast kernels."""
