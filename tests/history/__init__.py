"""The record: written, read back, and put into one order."""
