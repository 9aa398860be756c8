"""Runs the same nets in Unbraid's engine and in others, in turns, and prints the ratios.

Called by Benchmarks/compare/run, which sets them up. Each round measures one engine right after the
other in processes of their own, with each number of threads in turn; what counts is the ratio of the
medians over all rounds, not a time.

With --avx2, Unbraid and PyTorch keep to AVX2. ONNX Runtime chooses its loops by the CPU alone and
can't be told to, so its column then stands for more than the others may use.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import nets

HERE = Path(__file__).resolve().parent


AVX2 = {
    "UNBRAID_KERNELS": "avx2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}


def run(command, extra):
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | extra
    )
    return json.loads(done.stdout)


def measure(options, path, open_size):
    """The figures of every engine by number of threads. Each round runs all engines with all numbers
    of threads one after the other, so that what a machine does meanwhile meets all of them."""
    commands = {
        "unbraid": lambda threads: [
            options.bench, "net", path, "--threads", threads, "--runs", str(options.runs),
            "--open", str(open_size), "--json"],
        "onnxruntime": lambda threads: [
            sys.executable, HERE / "onnxruntime_run.py", path, threads, str(options.runs),
            str(open_size)],
    }
    if options.torch:
        commands["torch"] = lambda threads: [
            sys.executable, HERE / "torch_run.py", path, threads, str(options.runs), str(open_size)]
    times = {threads: {engine: [] for engine in commands} for threads in options.threads}
    facts = {}
    for _ in range(options.rounds):
        for threads, engine in itertools.product(options.threads, commands):
            result = run(commands[engine](str(threads)), AVX2 if options.avx2 else {})
            times[threads][engine] += result["seconds"]
            facts[engine] = result
    return {threads: figures(threads, times[threads], facts) for threads in options.threads}


def figures(threads, times, facts):
    """Medians and ratios of one number of threads, for the table and the JSON."""
    medians = {engine: statistics.median(values) for engine, values in times.items()}
    return {
        "threads": threads,
        "gflop": facts["unbraid"]["operations"] / 1e9,
        "seconds": medians,
        "ratios": {engine: medians[engine] / medians["unbraid"] for engine in medians},
        "versions": {engine: facts[engine].get("version") for engine in medians},
        "all_seconds": times,
    }


def scaling(name, options, results):
    """Prints how many times faster each engine is with more threads than with the fewest.

    By medians, and in brackets by the least times: a neighbour of the machine that takes its second core
    for seconds or minutes changes the first far more than the second.
    """
    few = results[f"{name}/{options.threads[0]}"]
    for threads in options.threads[1:]:
        more = results[f"{name}/{threads}"]
        gains = ", ".join(
            f"{engine} {few['seconds'][engine] / more['seconds'][engine]:.2f} "
            f"({min(few['all_seconds'][engine]) / min(more['all_seconds'][engine]):.2f})"
            for engine in few["seconds"])
        print(f"{'':16} {threads} threads over {options.threads[0]}: {gains}", flush=True)


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
    parser.add_argument("--torch", action="store_true", help="PyTorch too")
    parser.add_argument("--avx2", action="store_true", help="keep to AVX2 where that can be asked")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    paths = nets.write_all(options.nets)
    frames = 1
    if options.default and options.default.exists():
        paths["default"] = options.default
        # Its frame axis is open; a whole segment is what most of a track is.
        card = json.loads(options.default.with_name("card.json").read_text())
        frames = card["segment"]["frames"]
    if options.only:
        paths = {options.only: paths[options.only]}
    print(f"{cpu()}, {platform.system()}{', AVX2' if options.avx2 else ''}")
    header = f"{'net':16} {'threads':>7} {'GFLOP':>7} {'Unbraid s':>10} {'ORT s':>8} {'ratio':>6}"
    print(header + (f" {'PyTorch s':>10} {'ratio':>6}" if options.torch else ""))
    results = {}
    for name, path in paths.items():
        measured = measure(options, str(path), frames if name == "default" else 1)
        for threads, result in measured.items():
            results[f"{name}/{threads}"] = result
            seconds, ratios = result["seconds"], result["ratios"]
            line = (
                f"{name:16} {threads:7} {result['gflop']:7.1f} {seconds['unbraid']:10.4f} "
                f"{seconds['onnxruntime']:8.4f} {ratios['onnxruntime']:6.2f}"
            )
            if options.torch:
                line += f" {seconds['torch']:10.4f} {ratios['torch']:6.2f}"
            print(line, flush=True)
        scaling(name, options, results)
    if options.json:
        options.json.write_text(json.dumps({"cpu": cpu(), "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
