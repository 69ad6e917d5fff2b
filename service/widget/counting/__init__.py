"""Counting what readers saw and followed, as sums a day, without a trace of any reader."""
