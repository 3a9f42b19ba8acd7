#!/usr/bin/env python3
"""Replays traces of u64 little-endian keys through caches that have a Python package, and counts their hits.

The last line is a JSON array of the form of `larder simulate --output json`. A plain LRU runs along: its figures are
exact, so they have to equal the ones of `larder simulate`, or the two did not read the same requests.
"""

import argparse
import array
import collections
import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path

ZSTD_MAGIC = bytes([0x28, 0xB5, 0x2F, 0xFD])


def read_trace(path):
    """Returns the bytes of a trace, which may be compressed."""
    data = Path(path).read_bytes()
    if data[:4] == ZSTD_MAGIC:
        if not shutil.which("zstd"):
            sys.exit(f"{path} is compressed, and there is no zstd command. Benchmarks/Peers/run --install installs it.")
        data = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    if len(data) % 8:
        sys.exit(f"{path} has {len(data)} bytes, which is not a whole number of u64 keys.")
    return data


def keys_of(data):
    keys = array.array("Q", data)
    if sys.byteorder == "big":
        keys.byteswap()
    return keys


def replay_lru(keys, capacity):
    cache = collections.OrderedDict()
    hits = 0
    for key in keys:
        if key in cache:
            cache.move_to_end(key)
            hits += 1
        else:
            if len(cache) == capacity:
                cache.popitem(last=False)
            cache[key] = True
    return hits


def replay_moka(keys, capacity):
    from moka_py import Moka

    cache = Moka(capacity)
    get, put = cache.get, cache.set
    hits = 0
    for key in keys:
        if get(key) is None:
            put(key, True)
        else:
            hits += 1
    return hits


def replay_theine(keys, capacity):
    from theine import Cache

    cache = Cache(capacity)
    get, put = cache.get, cache.set
    hits = 0
    for key in keys:
        if get(key)[1]:
            hits += 1
        else:
            put(key, True)
    cache.close()
    return hits


# Policy: how to replay, and the package that it needs.
POLICIES = {
    "lru": (replay_lru, None),
    "moka": (replay_moka, "moka-py"),
    "theine": (replay_theine, "theine"),
}


def version(package):
    """Returns the installed version of a package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def installed_policies(wanted):
    policies = []
    for policy in wanted:
        package = POLICIES[policy][1]
        if package is None:
            policies.append(policy)
        elif version(package):
            policies.append(policy)
            print(f"{policy}: {package} {version(package)}")
        else:
            print(f"Skipped {policy}: there is no {package}. Benchmarks/Peers/run --install installs it.")
    return policies


def capacities_of(arguments, keys):
    """Returns the capacities that were asked for, in entries, ascending."""
    distinct = len(set(keys)) if arguments.percent else 0
    shares = {max(1, int(distinct * percent / 100 + 0.5)) for percent in arguments.percent}
    return sorted(shares | set(arguments.capacity)) or sys.exit("Say which --capacity or --percent to replay with.")


def numbers(kind):
    return lambda text: [kind(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", help="u64 little-endian keys, plain or compressed by zstd")
    parser.add_argument("--capacity", type=numbers(int), default=[], help="entries, separated by commas")
    parser.add_argument(
        "--percent", type=numbers(float), default=[], help="the same, in percent of the trace's different keys"
    )
    parser.add_argument("--policy", type=lambda text: text.split(","), default=list(POLICIES), help=", ".join(POLICIES))
    arguments = parser.parse_args()
    unknown = set(arguments.policy) - set(POLICIES)
    if unknown:
        parser.error(f"there is no policy {', '.join(sorted(unknown))}")

    keys = keys_of(read_trace(arguments.trace))
    capacities = capacities_of(arguments, keys)
    results = []
    for policy in installed_policies(arguments.policy):
        for capacity in capacities:
            hits = POLICIES[policy][0](keys, capacity)
            print(f"{policy:12}{capacity:>12}{100 * hits / max(1, len(keys)):>10.2f} %")
            results.append({"policy": policy, "capacity": capacity, "requests": len(keys), "hits": hits})
    print(json.dumps(results))


if __name__ == "__main__":
    main()
