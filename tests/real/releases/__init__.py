"""Released StatefulSet controllers on the real cluster: the right ones raise no alarm, the wrong ones are found."""
