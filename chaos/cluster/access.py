"""Which cluster to use, said explicitly, and the one error that says why it cannot be used.

It imports nothing heavy, so that the command line can speak about access without loading a Kubernetes client.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """Where the API server is and who we are there; a context that happens to be current is never enough.

    `kubeconfig` alone means the current context of exactly that file. `context` alone is looked up in $KUBECONFIG or
    the default file. `in_cluster` is the service account of the pod we run in.
    """

    context: str | None = None
    kubeconfig: str | None = None
    in_cluster: bool = False


EMBEDDED = Access()
"""The cluster that the program brings along: it names nothing, and is gone with the process that it lived in."""


class AccessError(Exception):
    """No client can be made from this `Access`; the message is one line for the user."""
