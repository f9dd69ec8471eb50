"""How long a Corefile lets answers be kept."""

import pytest

from chaos.observers.corefile import Caching, caching, in_front

KUBEADM_1_31 = """
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
"""

KUBEADM_1_32 = KUBEADM_1_31.replace(
    "cache 30\n", "cache 30 {\n       disable success cluster.local\n       disable denial cluster.local\n    }\n"
)

NODE_LOCAL = """
cluster.local:53 {
    errors
    cache {
            success 9984 30
            denial 9984 5
    }
    forward . 10.96.0.10 {
            force_tcp
    }
}
.:53 {
    cache 30
    forward . /etc/resolv.conf
}
"""


def corefile(cache: str, ttl: str = "ttl 30", more: str = "") -> str:
    return f".:53 {{\n kubernetes cluster.local {{ # names\n {ttl}\n }}\n {cache}\n {more}\n}}\n"


@pytest.mark.parametrize(
    ("text", "positive_s", "negative_s"),
    [
        (KUBEADM_1_31, 30, 30),
        (KUBEADM_1_32, 0, 0),
        (corefile(""), 0, 0),
        (corefile("cache 10"), 10, 10),
        (corefile("cache"), 30, 30),
        (corefile("cache", ttl="ttl 2"), 5, 5),
        (corefile("cache 30", ttl=""), 5, 5),
        (corefile("cache 30 example.org"), 0, 0),
        (corefile("cache 20 cluster.local"), 20, 20),
        (corefile("cache {\n success 100\n denial 100 7\n }"), 30, 7),
        (corefile("cache 30 {\n success 100 60 40\n }"), 40, 30),
        (corefile("cache 30 {\n disable denial\n }"), 30, 0),
        (corefile("cache 30 {\n disable success example.org\n }"), 30, 30),
        (corefile("cache 30 {\n serve_stale\n }"), 3630, 3630),
        (corefile("cache 30 {\n serve_stale 1m immediate\n }"), 90, 90),
        (f"example.org {{\n cache 600\n}}\n{corefile('cache 9')}", 9, 9),
        (".:53 {\n kubernetes cluster.local in-addr.arpa { kubeconfig a b\n  ttl 5\n }\n}", 0, 0),
    ],
)
def test_answers_are_kept_for_their_time_to_live_within_what_the_cache_allows(
    text: str, positive_s: float, negative_s: float
) -> None:
    found = caching(text)

    assert found is not None
    assert (found.positive_s, found.negative_s, found.domain) == (positive_s, negative_s, "cluster.local")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".:53 {\n forward . 1.1.1.1\n cache 30\n}",
        corefile("", more="import custom/*.override"),
        ".:53 {\n kubernetes\n}",
    ],
)
def test_a_file_that_does_not_tell_leaves_it_open(text: str) -> None:
    assert caching(text) is None


def test_the_caches_of_two_servers_add_up() -> None:
    behind = caching(KUBEADM_1_31)

    assert behind is not None
    assert in_front(NODE_LOCAL, behind) == Caching(60, 35, 30, "cluster.local")
    assert in_front("example.org {\n cache 30\n}", behind) is None
    assert in_front(".:53 {\n import more\n}", behind) is None
