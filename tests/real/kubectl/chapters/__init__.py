"""The session, a chapter a module."""

from tests.real.kubectl.chapters import deletes, nodes, pods, rollouts, server, sets, writes

CHAPTERS = (
    server.CHAPTER,
    sets.CHAPTER,
    rollouts.CHAPTER,
    pods.CHAPTER,
    writes.CHAPTER,
    deletes.CHAPTER,
    nodes.CHAPTER,
)
