"""Guard rails: a cluster is touched only where somebody named it.

A context that happens to be the current one is not named. What a name stands for today is written down, so that an undo
tomorrow goes to the same place.
"""

import os
from pathlib import Path

from chaos.cluster.access import Access, AccessError


def explicit(context: str | None, kubeconfig: str | None, *, in_cluster: bool = False) -> Access:
    """The access that these name, with absolute paths; $KUBECONFIG counts only for a named context.

    Raises:
        AccessError: none of them is given, or both kinds are.
    """
    if in_cluster and (context or kubeconfig):
        raise AccessError("--in-cluster names a cluster, and so do --context and --kubeconfig; expected one of them")
    if in_cluster:
        return Access(in_cluster=True)
    if not context and not kubeconfig:
        raise AccessError("no cluster is named; expected --context NAME, --kubeconfig FILE or --in-cluster")
    files = kubeconfig or os.environ.get("KUBECONFIG")
    return Access(context=context, kubeconfig=_absolute(files) if files else None)


def _absolute(files: str) -> str:
    paths = (Path(part).expanduser().absolute() for part in files.split(os.pathsep) if part)
    return os.pathsep.join(map(str, paths))
