"""Measures, never asserted in a test."""
