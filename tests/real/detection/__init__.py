"""Defects planted in the real StatefulSet controller, hunted on the real cluster."""
