"""Times Unbraid and the nets' own programs on one sound file, in turns, and prints the ratios.

Called by Benchmarks/published/run, which sets them up. Each time is that of a whole process, from its start
to the last stem on the disk, with as many threads as the program takes by itself; memory is the
largest resident set of that process.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parents[1] / "scripts" / "import"
FAMILIES = ("2stems", "4stems", "mdx", "openunmix")


def quiet(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def python(options, packages):
    return options.environments / f"import-{packages}" / "bin" / "python"


def weights(options, family):
    """Makes random weights in the form that the family's own program reads: a file or a folder."""
    folder = options.nets / family
    if family == "mdx":
        if not (folder / "net.onnx").exists():
            folder.mkdir(parents=True, exist_ok=True)
            quiet(python(options, "mdx"), HERE / "mdx_run.py", "--make", folder / "net.onnx")
        return folder / "net.onnx"
    if family == "openunmix":
        if not (folder / "vocals-0.pth").exists():
            quiet(python(options, "openunmix"), HERE / "openunmix_run.py", "--make", folder)
        return folder
    archive = folder / f"{family}.tar.gz"
    if not archive.exists():
        quiet(python(options, "spleeter"), SCRIPTS / "make_spleeter_case.py", folder, family, 3)
        (folder / family).mkdir(exist_ok=True)
        with tarfile.open(archive) as file:
            file.extractall(folder / family, filter="data")
        (folder / family / "checkpoint").write_text('model_checkpoint_path: "model"\n')
    return archive


def prepare(options, family):
    """The commands of both programs, which write below a folder that is added to them."""
    given = weights(options, family)
    models = options.nets / "models"
    if not (models / family).exists():
        source, extra = given, []
        if family == "openunmix":
            source = options.nets / "openunmix-onnx"
            quiet(python(options, "openunmix"), SCRIPTS / "openunmix_to_onnx.py", given, source)
        if family == "mdx":
            extra = ["--n-fft", 6144, "--stem", "vocals"]
        quiet(options.program, "models", "add", source, "--name", family, "--folder", models, *extra)
    unbraid = [options.program, "-q", "--model", models / family, options.wave, "-o"]
    if family.endswith("stems"):
        spleeter = options.environments / "import-spleeter" / "bin" / "spleeter"
        return unbraid, [spleeter, "separate", "-p", f"spleeter:{family}", options.wave, "-o"]
    return unbraid, [python(options, family), HERE / f"{family}_run.py", given, options.wave]


def measure(command, environment):
    """Seconds and MB of a process."""
    folder = Path(tempfile.mkdtemp(prefix="published."))
    try:
        began = time.monotonic()
        process = subprocess.Popen([str(part) for part in command] + [str(folder)], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        if status or not any(folder.rglob("*.wav")):
            raise SystemExit(f"failed: {' '.join(map(str, command))}")
        return seconds, usage.ru_maxrss / 1024
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=FAMILIES, action="append")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--nets", type=Path, required=True)
    options = parser.parse_args()
    options.environments, options.nets = options.environments.absolute(), options.nets.absolute()
    options.nets.mkdir(parents=True, exist_ok=True)
    options.wave = options.nets / "input.wav"
    quiet("ffmpeg", "-y", "-i", options.file, "-ac", 2, "-ar", 44100, "-sample_fmt", "s16", options.wave)
    with wave.open(str(options.wave)) as file:
        length = file.getnframes() / file.getframerate()
    environment = os.environ | {"MODEL_PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    results = []
    print(f"{length:.0f} s of sound, {os.cpu_count()} cores; medians of {options.rounds} rounds")
    print(f"{'weights':10}  {'Unbraid':>24}  {'its own program':>24}  ratio")
    for family in options.only or FAMILIES:
        commands = prepare(options, family)
        environment["MODEL_PATH"] = str(options.nets / family)
        rounds = [[measure(command, environment) for command in commands]
                  for _ in range(options.rounds)]
        (ours, our_memory), (theirs, their_memory) = (
            [statistics.median(column) for column in zip(*runs)] for runs in zip(*rounds))
        results.append({"weights": family, "seconds": [ours, theirs],
                        "megabytes": [our_memory, their_memory], "sound_seconds": length})
        print(f"{family:10}  {ours:7.1f} s {our_memory:5.0f} MB {length / ours:4.0f} x"
              f"  {theirs:7.1f} s {their_memory:5.0f} MB {length / theirs:4.0f} x  {theirs / ours:5.1f}",
              flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
