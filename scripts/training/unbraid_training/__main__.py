"""The command line: python -m unbraid_training COMMAND ...; --help lists the commands."""

import argparse
import functools
import sys
import time
from pathlib import Path

SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"


def arguments():
    parser = argparse.ArgumentParser(prog="unbraid_training")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, text, *options):
        sub = commands.add_parser(name, help=text, description=text)
        for flags, fields in options:
            sub.add_argument(*flags, **fields)

    corpus = (["--corpus"], {"type": Path, "required": True, "help": "folder of the sound corpus"})
    work = (["--work"], {"type": Path, "required": True, "help": "folder for pools and runs"})
    seed = (["--seed"], {"type": int, "default": 1})
    workers = (["--workers"], {"type": int, "default": 2, "help": "processes"})
    run = (["--run"], {"default": "default", "help": "name of the run in the work folder"})
    command("render", "render training sound from the corpus", corpus, work, seed, workers,
            (["--hours"], {"type": float, "default": 10.0, "help": "of each stem"}),
            (["--soundfont"], {"default": SOUNDFONT, "help": "'' for none"}),
            (["--instruments"], {"type": Path, "help": "folder that `instruments` wrote"}))
    command("instruments", "prepare the sampled instruments of a folder of checked-out repositories",
            (["--sources"], {"type": Path, "required": True}),
            (["--output"], {"type": Path, "required": True}),
            (["--brief"], {"action": "store_true", "help": "a third of the sound, to pack"}))
    command("musdb", "add songs of your own: a folder of songs, each a folder of four stems", work,
            (["--stems"], {"type": Path, "required": True}))
    command("listen", "compare rendered with real stems by numbers", work,
            (["--songs"], {"type": Path, "help": "folder of real songs, each a folder of stems"}),
            (["--share"], {"type": float, "default": 0.2, "help": "of the pools looked at"}))
    command("found", "add songs from public repositories: a folder of checked-out repositories",
            work, (["--sources"], {"type": Path, "required": True}))
    command("played", "add real guitar and bass playing from public repositories, amplified", work, seed,
            (["--sources"], {"type": Path, "required": True}))
    command("taught", "add the corpus's guitar songs, their drums and bass taken apart by a net", corpus,
            work, (["--model"], {"type": Path, "required": True, "help": "a model folder"}))
    command("sources", "print the repositories beside the corpus, as rows of a table")
    command("pack", "pack the training part of the corpus for a machine without network", corpus,
            (["--output"], {"type": Path, "required": True, "help": "a .tar file"}),
            (["--rate"], {"type": float, "default": 36.0, "help": "kbit/s of single sounds, Opus"}),
            (["--song-rate"], {"type": float, "default": 30.0, "help": "kbit/s of whole songs"}),
            (["--instruments"], {"type": Path, "help": "also a folder that `instruments` wrote"}),
            (["--sources"], {"type": Path, "help": "also the songs that `found` takes from there"}))
    command("train", "train until an hour, from the last checkpoint where there is one", work, run,
            (["--hours"], {"type": float, "required": True}), seed, workers,
            (["--batch"], {"type": int, "default": 8}),
            (["--frames"], {"type": int, "default": 128, "help": "STFT columns of an example"}),
            (["--rate"], {"type": float, "default": 2e-3, "help": "highest learning rate"}),
            (["--freeze"], {"type": float, "default": 0.0, "help": "share of the time trained "
                            "with fixed normalisation statistics"}),
            (["--device"], {"default": "cpu"}), (["--threads"], {"type": int, "default": 0}),
            (["--processes"], {"type": int, "default": 1, "help": "that train together"}),
            (["--port"], {"type": int, "default": 29510, "help": "by which they meet"}),
            (["--init"], {"type": Path, "help": "start from an exported "
                         "separator.onnx or from the averaged weights of a checkpoint.pt"}))
    command("split", "write a run's checkpoint as pieces below 16 MiB", work, run,
            (["--output"], {"type": Path, "required": True}))
    command("join", "put the pieces of a checkpoint together as that of a run", work, run,
            (["--pieces"], {"type": Path, "required": True}))
    command("plot", "draw the log of a run as a PNG", work, run,
            (["--output"], {"type": Path, "help": "the PNG; curve.png of the run if not given"}))
    command("score", "score separations of excerpts with true stems", (["--excerpts"], {
        "type": Path, "help": "folder of excerpts, each a folder of four stems"}),
        (["--corpus"], {"type": Path, "help": "for the corpus's validation songs"}),
        (["--checkpoint"], {"type": Path}), (["--model"], {"type": Path, "help": "model folder"}),
        (["--program"], {"type": Path, "help": "the unbraid program, run with --model"}),
        (["--soundfont"], {"type": Path, "help": "also score made-up songs of held-out voices"}),
        (["--no-bounds"], {"action": "store_true", "help": "leave out mixture and oracle"}),
        (["--json"], {"type": Path}))
    command("export", "write a checkpoint as model folder", work, run,
            (["--output"], {"type": Path, "required": True}),
            (["--description"], {"default": "Drums, bass, vocals and other by a small U-Net."}),
            (["--frames"], {"type": int}), (["--context"], {"type": int}),
            (["--also"], {"type": Path, "nargs": "*", "default": [], "help": "earlier checkpoints "
                          "of the run, to average the weights with"}),
            (["--soften"], {"type": float, "default": 1.0, "help": "factor of the masks' logits"}),
            (["--bench"], {"type": Path, "help": "the unbraid-bench program, to check the engine with"}),
            (["--measure"], {"type": int, "default": 24, "help": "batches to measure the "
                             "normalisation over, where the run is not frozen yet"}))
    return parser.parse_args()


def run_train(a):
    from .together import run_together, train_job

    a.until = time.time() + a.hours * 3600
    run_together(a.processes, a.port, functools.partial(train_job, a))


def run_score(a):
    from . import score
    from .separate import SegmentedNet

    sets = {}
    if a.excerpts:
        sets[a.excerpts.name] = score.excerpts(a.excerpts)
    if a.corpus:
        sets["validation songs"] = score.validation_songs(a.corpus)
    if a.corpus and a.soundfont:
        from .render import unseen_songs

        sets["made-up songs"] = unseen_songs(a.corpus, a.soundfont)
    net = None
    if a.checkpoint:
        from .train import load_averaged

        net = SegmentedNet.of_net(load_averaged(a.checkpoint)[0])
    elif a.model and not a.program:
        net = SegmentedNet.of_folder(a.model)
    score.report(sets, score.separators(net, a.program, a.model, not a.no_bounds), a.json,
                 net, a.corpus)


def run_export(a):
    from . import export
    from .train import load_averaged, measured

    checkpoint = a.work / "runs" / a.run / "checkpoint.pt"
    net, state = load_averaged(checkpoint, a.also)
    if a.measure and not state["frozen"]:
        measured(net, a.work / "pools", a.measure)
    net.soften(a.soften)
    segment = dict(export.SEGMENT)
    segment.update({k: v for k, v in (("frames", a.frames), ("context", a.context)) if v})
    difference = export.write(net, a.output, a.description, segment)
    print(f"step {state['step']}, {state['seconds'] / 3600:.1f} h of sound seen; "
          f"greatest difference of a mask between PyTorch and ONNX Runtime {difference:.1e}")
    if a.bench:
        error = export.check_engine(net, a.output, a.bench)
        print(f"the engine against both: largest error {error:.0f} dB of the masks")


def main():
    a = arguments()
    if a.command == "render":
        from .render import SECONDS, render

        items = int(a.hours * 3600 / SECONDS)
        counts = {"song": int(items * 0.5), "game": int(items * 0.3), "electronic": int(items * 0.2),
                  "vocals": items}
        render(a.corpus, a.work / "pools", a.soundfont, counts, a.seed, a.workers,
               instruments=a.instruments)
    elif a.command == "instruments":
        from .instruments import prepare

        print(", ".join(prepare(a.sources, a.output, a.brief)))
    elif a.command == "musdb":
        from .render import stem_folders

        stem_folders(a.stems, a.work / "pools")
    elif a.command == "listen":
        from .listen import listen

        listen(a.work / "pools", a.songs, a.share)
    elif a.command == "found":
        from .found import found

        for stem, minutes in sorted(found(a.sources, a.work / "pools").items()):
            print(f"{stem}: {minutes:.1f} min")
    elif a.command == "played":
        from .played import played

        for stem, minutes in sorted(played(a.sources, a.work / "pools", a.seed).items()):
            print(f"{stem}: {minutes:.1f} min")
    elif a.command == "taught":
        from .taught import taught

        taught(a.corpus, a.model, a.work / "pools")
    elif a.command == "sources":
        from .found import attribution

        print(attribution())
    elif a.command == "pack":
        from .pack import pack

        size = pack(a.corpus, a.output, a.rate, a.song_rate, a.instruments, a.sources)
        print(f"{size / 2**20:.1f} MiB")
    elif a.command in ("split", "join"):
        from . import pieces

        checkpoint = a.work / "runs" / a.run / "checkpoint.pt"
        if a.command == "split":
            print(f"{pieces.split(checkpoint, a.output)} pieces")
        else:
            pieces.join(a.pieces, checkpoint)
    elif a.command == "plot":
        from .plot import plot

        plot(a.work / "runs" / a.run, a.output)
    else:
        {"train": run_train, "score": run_score, "export": run_export}[a.command](a)
    return 0


if __name__ == "__main__":
    sys.exit(main())
