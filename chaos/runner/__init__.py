"""The interpreter: it performs what a plan asks for, records it, and cleans up."""
