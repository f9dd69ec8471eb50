"""Virtual time: an event loop whose clock jumps to the next timer, and connections that are memory.

Together they make an hour of a cluster pass in seconds, and the same seed give the same bytes.
"""

from chaos.embedded.virtual.connector import MemoryConnector
from chaos.embedded.virtual.loop import Deadlock, VirtualLoop, run

__all__ = ["Deadlock", "MemoryConnector", "VirtualLoop", "run"]
