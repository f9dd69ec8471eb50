"""Defects planted in the embedded cluster, and how long the shipped profiles need to find them."""
