"""Objects as rows."""
