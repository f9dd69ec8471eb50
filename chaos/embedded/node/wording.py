"""What container runtimes and kubelets say when something cannot be done; kubectl shows it."""

from collections.abc import Callable

CREATE_FAILED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)


def unexecutable(name: str, is_dir: Callable[[str], bool]) -> str:
    """Why a command cannot be started."""
    if "/" not in name:
        return f'exec: "{name}": executable file not found in $PATH'
    return f'exec: "{name}": {"permission denied" if is_dir(name) else f"stat {name}: no such file or directory"}'


def exec_failed(name: str, is_dir: Callable[[str], bool], number: str) -> str:
    """Why a command cannot be run in a container; `number` is that of the attempt, in hexadecimal."""
    return (
        # Once by the kubelet, once by the API server.
        "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: "
        f'failed to start exec "{number}": OCI runtime exec failed: exec failed: unable to start container process: '
        f"{unexecutable(name, is_dir)}"
    )


def duration(seconds: float) -> str:
    """As Go writes it: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
