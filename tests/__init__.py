"""Tests, in the same rooms as the package; what they share is in support."""
