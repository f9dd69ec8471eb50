"""The embedded cluster in real time: a socket on the loopback address, a kubeconfig, an orderly end."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import msgspec
import yaml


def test_it_serves_whoever_has_its_kubeconfig_until_it_is_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "config"
    command = [sys.executable, "-m", "chaos", "serve", "--kubeconfig-out", str(file), "--nodes", "2", "--seed", "1"]
    command += ["--kubernetes", "1.36"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        url = yaml.safe_load(file.read_text())["clusters"][0]["cluster"]["server"]
        with urllib.request.urlopen(f"{url}/api/v1/nodes") as answer:
            nodes = msgspec.json.decode(answer.read())["items"]
        with urllib.request.urlopen(f"{url}/version") as answer:
            version = msgspec.json.decode(answer.read())["gitVersion"]
        wish = urllib.request.Request(f"{url}/chaos/faults/freeze-kubelet?seconds=60&node=node-2", method="POST")
        with urllib.request.urlopen(wish), urllib.request.urlopen(f"{url}/chaos/faults") as answer:
            active = msgspec.json.decode(answer.read())["active"]
        process.send_signal(signal.SIGINT)
        code = process.wait(20)

    assert url.startswith("http://127.0.0.1:")
    assert url in said
    assert [node["metadata"]["name"] for node in nodes] == ["node-1", "node-2"]
    assert version == "v1.36.3"
    assert active == [{"name": "freeze-kubelet", "node": "node-2"}]
    assert code == 0


def test_it_ends_although_somebody_watches(tmp_path: Path) -> None:
    file = tmp_path / "config"
    command = [sys.executable, "-m", "chaos", "serve", "--kubeconfig-out", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = yaml.safe_load(file.read_text())["clusters"][0]["cluster"]["server"]
        with urllib.request.urlopen(f"{url}/api/v1/namespaces?watch=true") as watch:
            watch.readline()
            process.send_signal(signal.SIGINT)
            code = process.wait(20)

    assert code == 0


def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "chaos", "serve", "--kubeconfig-out", str(tmp_path / "c"), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
