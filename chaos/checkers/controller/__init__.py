"""The StatefulSet controller on trial: every write of its is explained by some state it may have seen, or it is a violation."""
