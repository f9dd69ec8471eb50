"""What runs in containers, and what it finds there: pages, volumes, variables, addresses."""

from typing import Any

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.node.images import base_name, canonical
from chaos.embedded.node.network import Network
from chaos.embedded.node.variables import expanded
from chaos.embedded.shell import Fetched
from tests.embedded.node.world import NS, USER, World, nginx, phase, printed, sh, simulate, state

ROOT = "/usr/share/nginx/html"


async def page(world: World, pod: str, path: str = "/", port: int = 80) -> Fetched:
    """What a pod serves."""
    return await world.network.fetch(world.pod(pod)["status"]["podIP"], port, path)


def claimed(world: World, number: int) -> list[Json]:
    """A pod's volumes: a claim of its own, bound."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    world.api.create("persistentvolumes", "", {"metadata": {"name": f"pv-{number}"}, "spec": {}}, user=USER)
    claim = {"metadata": {"name": f"data-{number}"}, "spec": {**spec, "volumeName": f"pv-{number}"}}
    world.api.create("persistentvolumeclaims", NS, claim, user=USER)
    return [{"name": "www", "persistentVolumeClaim": {"claimName": f"data-{number}"}}]


def test_nginx_serves_what_is_in_its_volume() -> None:
    async def test(world: World) -> list[int]:
        mounts = [{"name": "www", "mountPath": ROOT}]
        world.create("web-0", nginx(volumeMounts=mounts), volumes=[{"name": "www", "emptyDir": {}}])
        await anyio.sleep(2)
        found = [(await page(world, "web-0")).status]
        await world.exec("web-0", "sh", "-c", f"echo hello > {ROOT}/index.html; mkdir {ROOT}/sub")
        answer = await page(world, "web-0", "/?q=1")
        assert answer.body == b"hello\n"
        found += [
            answer.status,
            (await page(world, "web-0", "/sub/")).status,
            (await page(world, "web-0", "/no")).status,
        ]
        return found

    assert simulate(test) == [403, 200, 403, 404]


def test_agnhost_serves_all_files_and_its_certificate_can_be_moved_away_and_back() -> None:
    async def test(world: World) -> list[int]:
        image = "registry.k8s.io/e2e-test-images/agnhost:2.62"
        world.create("web-0", {"name": "c", "image": image, "args": ["test-webserver"]})
        await anyio.sleep(4)
        found = [(await page(world, "web-0", "/localhost.crt")).status]
        _, said = await world.exec("web-0", "/bin/sh", "-x", "-c", "mv -v /localhost.crt /tmp/ || true")
        assert b"'/localhost.crt' -> '/tmp/localhost.crt'" in said
        found += [(await page(world, "web-0", "/localhost.crt")).status, (await page(world, "web-0")).status]
        await world.exec("web-0", "/bin/sh", "-x", "-c", "mv -v /tmp/localhost.crt / || true")
        return [*found, (await page(world, "web-0", "/localhost.crt")).status]

    assert simulate(test) == [200, 404, 200, 200]


def test_a_volume_holds_what_dd_wrote_and_links_to_it() -> None:
    async def test(world: World) -> list[Any]:
        mounts = [{"name": "data", "mountPath": "/data"}]
        world.create("web-0", nginx(volumeMounts=mounts), volumes=[{"name": "data", "emptyDir": {}}])
        await anyio.sleep(2)
        return [
            await world.exec("web-0", "sh", "-c", script)
            for script in (
                "dd if=/dev/zero of=/data/zero bs=1 count=1 conv=fsync",
                "echo $(hostname) | dd of=/data/name conv=fsync",
                "ln -s /data/name /data/link; ln -s name /data/near",
                "cat /data/link /data/near; echo more > /data/link; cat /data/name; wc -c < /data/zero",
                "ln -s /data/name /data/link",
                "find /data",
            )
        ]

    said = simulate(test)

    assert [code for code, _ in said] == [0, 0, 0, 0, 1, 0]
    assert said[0][1] == b"1+0 records in\n1+0 records out\n"
    assert said[1][1] == b"0+1 records in\n0+1 records out\n"
    assert said[3][1].split() == [b"web-0", b"web-0", b"more", b"1"]
    assert said[4][1] == b"ln: /data/link: File exists\n"
    assert said[5][1].split() == [b"/data", b"/data/link", b"/data/name", b"/data/near", b"/data/zero"]


def test_nobody_listens_at_another_port_or_in_a_pod_that_is_gone() -> None:
    async def test(world: World) -> list[str]:
        world.create("web-0")
        world.create("other", {"name": "c", "image": "registry.example/other:1"})
        await anyio.sleep(4)
        found = [(await page(world, "web-0", port=81)).trouble, (await page(world, "other")).trouble]
        address = world.pod("web-0")["status"]["podIP"]
        world.delete("web-0")
        await anyio.sleep(5)
        began = anyio.current_time()
        found.append((await world.network.fetch(address, 80, "/")).trouble)
        assert anyio.current_time() - began == 3
        return found

    assert simulate(test) == ["refused", "refused", "timeout"]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({"image": "nginx:1.27"}, 200),
        ({"image": "docker.io/library/nginx"}, 200),
        ({"image": "nginx-unprivileged:1"}, 200),
        ({"image": "nginx", "command": ["/usr/sbin/nginx", "-g", "daemon off;"]}, 200),
        ({"image": "nginx", "args": ["-g", "daemon off;"]}, 200),
        ({"image": "nginx", "args": ["nginx-debug"]}, None),
        ({"image": "nginx", "command": ["sleep", "100"]}, 0),
        ({"image": "registry.k8s.io/e2e-test-images/agnhost:2", "args": ["test-webserver"]}, 200),
        ({"image": "registry.k8s.io/e2e-test-images/agnhost:2"}, 0),
        ({"image": "registry.k8s.io/pause:3.10"}, 0),
        ({"image": "whatever:1", "args": ["--serve"]}, 0),
        ({"image": "whatever:1", "command": ["nginx"]}, None),
    ],
)
def test_a_program_is_chosen_by_image_and_command(container: Json, expected: int | None) -> None:
    async def test(world: World) -> int | None:
        world.create("pod", {"name": "c", **container})
        await anyio.sleep(4)
        return (await page(world, "pod")).status if state(world.pod("pod")) == "running" else None

    assert simulate(test) == expected


@pytest.mark.parametrize(("command", "expected"), [(["/bin/true"], "Succeeded"), (["/bin/false"], "Failed")])
def test_any_image_has_the_commands_of_the_shell(command: list[str], expected: str) -> None:
    async def test(world: World) -> str:
        world.create("pod", {"name": "c", "image": "whatever:1", "command": command}, restartPolicy="Never")
        await anyio.sleep(6)
        return phase(world.pod("pod"))

    assert simulate(test) == expected


def test_a_claimed_volume_outlives_pods_and_goes_with_its_volume() -> None:
    async def test(world: World) -> list[bytes]:
        mounts = [{"name": "www", "mountPath": "/data"}]
        volumes = [claimed(world, number) for number in range(2)]
        seen = []
        for turn in range(3):
            world.create("pod-0", sh("sleep 3600", volumeMounts=mounts), volumes=volumes[0])
            world.create("pod-1", sh("sleep 3600", volumeMounts=mounts), volumes=volumes[1])
            await anyio.sleep(3)
            await world.exec("pod-0", "sh", "-c", f"echo {turn} >> /data/log; echo x > /own")
            seen.append((await world.exec("pod-0", "cat", "/data/log"))[1])
            seen.append((await world.exec("pod-1", "ls", "/data"))[1])
            for name in ("pod-0", "pod-1"):
                world.delete(name, grace_s=0)
            if turn == 1:
                world.api.delete("persistentvolumes", "", "pv-0", user=USER)
                world.api.patch("persistentvolumes", "", "pv-0", {"metadata": {"finalizers": None}}, "merge", user=USER)
            await anyio.sleep(5)
        return seen

    assert simulate(test) == [b"0\n", b"", b"0\n1\n", b"", b"2\n", b""]


def test_containers_of_a_pod_share_an_empty_volume_and_a_restarted_one_loses_its_own_files() -> None:
    async def test(world: World) -> tuple[bytes, bytes]:
        mounts = [{"name": "tmp", "mountPath": "/shared"}]
        world.create(
            "pod",
            sh(
                "echo $(ls /shared /own 2>/dev/null | wc -l); touch /own /shared/a; sleep 3; exit 1",
                volumeMounts=mounts,
            ),
            sh("sleep 3600", "d", volumeMounts=mounts),
            volumes=[{"name": "tmp", "emptyDir": {}}],
        )
        await anyio.sleep(6)
        return (await world.exec("pod", "ls", "/shared", container="d"))[1], printed(world, "pod", "c")

    assert simulate(test) == (b"a\n", b"1\n")


def test_variables_come_from_literals_fields_and_configuration() -> None:
    async def test(world: World) -> bytes:
        data = {"metadata": {"name": "settings"}, "data": {"COLOUR": "red", "SIZE": "1"}}
        world.api.create("configmaps", NS, data, user=USER)
        env: list[Json] = [
            {"name": "A", "value": "a"},
            {"name": "B", "value": "$(A)-$(NONE)-$$(A)"},
            {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "ROLE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['role']"}}},
            {"name": "SIZE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "SIZE"}}},
        ]
        from_all = [{"prefix": "X_", "configMapRef": {"name": "settings"}}]
        script = "echo $A $B $NAME $ADDRESS $ROLE $SIZE $X_COLOUR $(hostname)"
        world.create("web-0", sh(f"{script}; sleep 99", env=env, envFrom=from_all), metadata={"labels": {"role": "r"}})
        await anyio.sleep(2)
        return printed(world, "web-0", "")

    assert simulate(test) == b"a a-$(NONE)-$(A) web-0 10.244.0.2 r 1 red web-0\n"


def test_a_container_waits_for_configuration_that_is_missing() -> None:
    async def test(world: World) -> list[str]:
        world.create("pod", sh("sleep 99", envFrom=[{"configMapRef": {"name": "late"}}]))
        await anyio.sleep(5)
        found = [state(world.pod("pod"))]
        world.api.create("configmaps", NS, {"metadata": {"name": "late"}, "data": {}}, user=USER)
        await anyio.sleep(20)
        return [*found, state(world.pod("pod"))]

    assert simulate(test) == ["waiting/CreateContainerConfigError", "running"]


def test_configuration_is_mounted_as_files() -> None:
    async def test(world: World) -> list[bytes]:
        world.api.create("configmaps", NS, {"metadata": {"name": "files"}, "data": {"a": "1", "b": "2"}}, user=USER)
        volumes = [{"name": "v", "configMap": {"name": "files", "items": [{"key": "b", "path": "sub/b"}]}}]
        mounts = [{"name": "v", "mountPath": "/etc/v"}, {"name": "v", "mountPath": "/one", "subPath": "sub/b"}]
        world.create("pod", sh("sleep 99", volumeMounts=mounts), volumes=volumes)
        await anyio.sleep(2)
        return [
            (await world.exec("pod", *command))[1]
            for command in (("cat", "/etc/v/sub/b"), ("cat", "/one"), ("ls", "/etc"))
        ]

    assert simulate(test) == [b"2", b"2", b"hostname\nhosts\nresolv.conf\nv\n"]


def test_a_pod_knows_its_own_name_and_fetches_from_itself() -> None:
    async def test(world: World) -> list[int]:
        world.create("web-0", hostname="web-0", subdomain="nginx")
        await anyio.sleep(2)
        urls = ("http://localhost/", "http://web-0.nginx.ns.svc.cluster.local/", "http://127.0.0.1/")
        return [(await world.exec("web-0", "wget", "-qO-", url))[0] for url in urls]

    assert simulate(test) == [0, 0, 0]


def test_an_address_is_not_used_again_soon_and_each_node_has_its_own() -> None:
    network = Network()
    one, two = network.subnet(), network.subnet()
    taken = [one.join() for _ in range(3)]
    network.leave(taken[0])

    after = [one.join() for _ in range(250)]

    assert (taken, two.join()) == (["10.244.0.2", "10.244.0.3", "10.244.0.4"], "10.244.1.2")
    assert after[-1] == "10.244.0.254"
    assert one.join() == taken[0]
    with pytest.raises(RuntimeError, match="no address is left"):
        one.join()


@pytest.mark.parametrize(
    ("image", "full", "base"),
    [
        ("nginx", "docker.io/library/nginx:latest", "nginx"),
        ("nginx:1.27", "docker.io/library/nginx:1.27", "nginx"),
        ("someone/nginx", "docker.io/someone/nginx:latest", "nginx"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest", "b"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00", "b"),
    ],
)
def test_images_have_full_names(image: str, full: str, base: str) -> None:
    assert (canonical(image), base_name(image)) == (full, base)


@pytest.mark.parametrize(
    ("text", "expected"), [("$(A)", "1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("$A $", "$A $"), ("$(A)$(A)", "11")]
)
def test_references_are_expanded_as_kubernetes_does(text: str, expected: str) -> None:
    known: dict[str, Any] = {"A": "1"}

    assert expanded(text, known) == expected
