"""The controllers: each watches through lagging caches and writes through the API, and knows nothing of the others."""
