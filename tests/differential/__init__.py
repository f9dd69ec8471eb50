"""The same schedules on the embedded cluster and on a real one, and what differs."""
