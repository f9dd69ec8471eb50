"""A verdict made readable: for a terminal, and for programs. Nothing here decides anything."""
