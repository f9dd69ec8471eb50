"""Checkers against hand-written histories."""
