"""Stable identity: names, succession, claims and data."""

from chaos.verdict import Guarantee

IDENTITY = (
    Guarantee(
        "identity.pod",
        ("S1",),
        "utils: newStatefulSetPod, initIdentity, updateIdentity",
        "A pod web-k has the name, labels, hostname, subdomain and owner that its ordinal and set give it.",
        "the controller creates a pod",
        "the ADDED event of a pod of the set shows another name, label, hostname, subdomain or owner reference",
    ),
    Guarantee(
        "identity.succession",
        ("S2",),
        "control: processReplica; kubernetes.io, StatefulSet: stable network identity",
        "Of one name there is at most one pod: the next is created only after the last was removed.",
        "a pod is created under a name that had a pod before",
        "a second uid of one name is ADDED before the first was DELETED",
    ),
    Guarantee(
        "identity.claim",
        ("S5", "S53"),
        "utils: updateStorage, storageMatches; kubernetes.io, StatefulSet: stable storage",
        "Pod web-k mounts the claim <template>-web-k in every life, and that claim has the same volume in all of them.",
        "a pod with a claim is created under a name that had a pod before",
        "a pod mounts another claim, or the volume of a claim changes",
    ),
    Guarantee(
        "identity.data",
        ("S53",),
        "kubernetes.io, StatefulSet: stable storage",
        "What a pod wrote into its volume is what its successors of that ordinal read.",
        "a page written by a pod that is gone is read from its successor (tasks write-pages, probe-http and delete-pods)",
        "a page is another ordinal's, was surely overwritten, was never written, or is gone although its write succeeded",
        "nothing else",
    ),
)
