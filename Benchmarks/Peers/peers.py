"""Runs the peers that are installed, prints a table of their figures, and a JSON object as the last line.

A peer that is not installed gets a line that says so; the exit status is 1 only if one failed. `--install`, as the
only argument, installs the peers.
"""

import argparse
import array
import itertools
import json
import random
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / ".build" / "benchmark-peers"
CAFFEINE = HERE / "caffeine" / "run"
PYTHON = BUILD / "python" / "bin" / "python"

# Figures of memory-cache-benchmark, and the figures of Caffeine that say the same.
PAIRS = {
    "int_hit_mops_1t": "caffeine_int_mops_1t",
    "int_hit_mops_2t": "caffeine_int_mops_2t",
    "int_hit_ns_1t": "caffeine_int_thread_ns_1t",
    "string_hit_mops_2t": "caffeine_string_mops_2t",
    "string_hit_ns_1t": "caffeine_string_thread_ns_1t",
    "mixed_mops_1t": "caffeine_mixed_mops_1t",
    "mixed_mops_2t": "caffeine_mixed_mops_2t",
    "evict_write_mops_1t": "caffeine_evict_write_mops_1t",
    "evict_write_mops_2t": "caffeine_evict_write_mops_2t",
    "bytes_int": "caffeine_bytes_int",
    "bytes_blob": "caffeine_bytes_blob",
}

failed = []


def run(command, data=None):
    """Runs a command and passes its lines on; returns what its last line says in JSON, or None if it does not."""
    print(f"\n> {shlex.join(str(word) for word in command)}", flush=True)
    try:
        process = subprocess.run(command, input=data, stdout=subprocess.PIPE)
    except OSError as error:
        print(f"Failed: {error}; its figures are left out.")
        failed.append(command)
        return None
    lines = process.stdout.decode().splitlines()
    try:
        result = json.loads(lines[-1].removeprefix("RESULT ")) if lines else None
    except ValueError:
        result = None
    for line in lines if result is None else lines[:-1]:
        print(line)
    if process.returncode != 0:
        print(f"Failed with status {process.returncode}.")
        failed.append(command)
    return result


def measure_speed(arguments):
    """Returns the medians of all figures over the passes, and of the ratios that were taken within a pass."""
    samples = {}
    for _ in range(arguments.passes):
        figures = {}
        if arguments.beside:
            figures.update(run(shlex.split(arguments.beside)) or {})
        figures.update(run([CAFFEINE]) or {})
        if "overhead_bytes_int" in figures:
            figures["bytes_int"] = figures["overhead_bytes_int"] + 16  # With key and value, as in Caffeine's figure.
        for ours, peer in PAIRS.items():
            if ours in figures and figures.get(peer):
                figures[f"ratio_to_{peer}"] = figures[ours] / figures[peer]
        for name, value in figures.items():
            if isinstance(value, (int, float)):
                samples.setdefault(name, []).append(value)
    return {name: round(statistics.median(values), 4) for name, values in samples.items()}


def synthetic_trace():
    """Writes a trace with a bit of everything: frequent keys by Zipf's law, scans of new keys, and a loop."""
    path = BUILD / "synthetic.u64"
    generator = random.Random(1)
    popular = 50_000
    weights = list(itertools.accumulate((rank + 1) ** -0.9 for rank in range(popular)))
    keys = array.array("Q")
    new = 1_000_000
    for part in range(10):
        keys.extend(generator.choices(range(popular), cum_weights=weights, k=40_000))
        if part % 3 == 1:
            keys.extend(range(new, new + 15_000))
            new += 15_000
        if part % 3 == 2:
            keys.extend(list(range(500_000, 506_000)) * 3)
    if sys.byteorder == "big":
        keys.byteswap()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(keys.tobytes())
    return path


def measure_hit_ratios(arguments):
    """Returns the hits of each peer for each trace and capacity."""
    from hit_ratio import read_trace

    python = PYTHON if PYTHON.exists() else sys.executable
    rows = []
    for trace in arguments.traces or [synthetic_trace()]:
        limits = [f"--capacity={arguments.capacity}"] if arguments.capacity else [f"--percent={arguments.percent}"]
        results = run([python, HERE / "hit_ratio.py", trace, *limits]) or []
        capacities = sorted({row["capacity"] for row in results})
        if capacities:
            results += run([CAFFEINE, "hit-ratio", *map(str, capacities)], read_trace(trace)) or []
        name = Path(trace).name.split(".")[0]
        rows += [{"trace": name, **row} for row in results]
    return rows


def print_speed(figures):
    print(f"\n{'figure':<44}{'median':>12}")
    for name, value in figures.items():
        print(f"{name:<44}{value:>12.2f}")


def print_hit_ratios(rows):
    policies = list(dict.fromkeys(row["policy"] for row in rows))
    print(f"\n{'hit ratio in percent':<24}{'capacity':>10}" + "".join(f"{policy:>12}" for policy in policies))
    for (trace, capacity), group in itertools.groupby(
        sorted(rows, key=lambda row: (row["trace"], row["capacity"])), lambda row: (row["trace"], row["capacity"])
    ):
        ratios = {row["policy"]: 100 * row["hits"] / max(1, row["requests"]) for row in group}
        cells = (f"{ratios[policy]:>12.2f}" if policy in ratios else f"{'':>12}" for policy in policies)
        print(f"{trace:<24}{capacity:>10}" + "".join(cells))


def main():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("traces", nargs="*", help="traces of u64 keys, plain or zstd; by default a synthetic one")
    parser.add_argument("--only", choices=["speed", "hit-ratio"], help="leave the other measurements out")
    parser.add_argument("--passes", type=int, default=1, help="how often to measure speed; medians are reported")
    parser.add_argument(
        "--beside",
        help="a command to run before the peers in each pass, whose last line is a JSON object of figures; "
        "what it shares with a peer is divided by the peer's figure, pass by pass",
    )
    parser.add_argument("--percent", default="1,5,10,25,50", help="capacities in percent of a trace's different keys")
    parser.add_argument("--capacity", help="capacities in entries, separated by commas, instead of --percent")
    arguments = parser.parse_args()

    figures = measure_speed(arguments) if arguments.only != "hit-ratio" else {}
    rows = measure_hit_ratios(arguments) if arguments.only != "speed" else []
    if figures:
        print_speed(figures)
    if rows:
        print_hit_ratios(rows)
    print("\n" + json.dumps({**figures, **({"hit_ratios": rows} if rows else {})}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
