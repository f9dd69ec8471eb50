"""Mutation testing of `chaos/checkers`: what its unit tests do not notice when the code says something else."""
