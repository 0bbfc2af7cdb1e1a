"""Pictures: files, the budget on the 8-bit grid, quality, data sets."""
