"""The append-only record of a run, and the reading of it back into one judged order."""
