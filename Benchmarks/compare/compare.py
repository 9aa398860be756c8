"""Runs the same nets in Unbraid's engine and in ONNX Runtime, in turns, and prints the ratios.

Called by Benchmarks/compare/run, which sets up both. Each round measures one engine right after the
other in processes of their own with the same number of threads; what counts is the ratio of the
medians over all rounds, not a time.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import nets

HERE = Path(__file__).resolve().parent


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(bench, path, threads, rounds, runs):
    times = {"unbraid": [], "onnxruntime": []}
    facts = {}
    for _ in range(rounds):
        ours = run([bench, "net", path, "--threads", str(threads), "--runs", str(runs), "--json"])
        theirs = run(
            [sys.executable, HERE / "onnxruntime_run.py", path, str(threads), str(runs)]
        )
        times["unbraid"] += ours["seconds"]
        times["onnxruntime"] += theirs["seconds"]
        facts = {"operations": ours["operations"], "onnxruntime": theirs["version"]}
    medians = {engine: statistics.median(values) for engine, values in times.items()}
    return {
        "threads": threads,
        "gflop": facts["operations"] / 1e9,
        "seconds": medians,
        "ratio": medians["onnxruntime"] / medians["unbraid"],
        "onnxruntime_version": facts["onnxruntime"],
        "all_seconds": times,
    }


def cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True, help="the unbraid-bench program")
    parser.add_argument("--nets", type=Path, required=True, help="a folder for the nets")
    parser.add_argument("--default", type=Path, help="the default model's .onnx")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=2, help="runs in each round")
    parser.add_argument("--only", help="only the net of this name")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    paths = nets.write_all(options.nets)
    if options.default and options.default.exists():
        paths["default"] = options.default
    if options.only:
        paths = {options.only: paths[options.only]}
    print(f"{cpu()}, {platform.system()}")
    print(f"{'net':16} {'threads':>7} {'GFLOP':>7} {'Unbraid s':>10} {'ORT s':>8} {'ratio':>6}")
    results = {}
    for name, path in paths.items():
        for threads in options.threads:
            result = measure(options.bench, str(path), threads, options.rounds, options.runs)
            results[f"{name}/{threads}"] = result
            seconds = result["seconds"]
            print(
                f"{name:16} {threads:7} {result['gflop']:7.1f} {seconds['unbraid']:10.4f} "
                f"{seconds['onnxruntime']:8.4f} {result['ratio']:6.2f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps({"cpu": cpu(), "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
