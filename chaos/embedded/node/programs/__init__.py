"""What runs in containers, one program per module."""
