"""Writes a reference case for the import of Spleeter models: an archive of random weights in the
project's own format, a mixture, and the stems that the spleeter package takes from it.

    make_spleeter_case.py OUTPUT [2stems|4stems|5stems] [SECONDS] [--mwf]

With --mwf the package joins the stems by its multichannel Wiener filter.

Needs the packages in requirements-spleeter.txt (Python 3.11); loads nothing from a network.
"""

import os
import sys
import tarfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf
from spleeter.model import EstimatorSpecBuilder, InputProviderFactory
from spleeter.utils.configuration import load_configuration

from mixture import mixture, write_mixture


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--mwf"]
    wiener = "--mwf" in sys.argv
    output = Path(arguments[0])
    variant = arguments[1] if len(arguments) > 1 else "4stems"
    seconds = float(arguments[2]) if len(arguments) > 2 else 30
    output.mkdir(parents=True, exist_ok=True)
    sound = mixture(seconds)
    write_mixture(output / "mixture.wav", sound)

    params = load_configuration(f"spleeter:{variant}")
    params["MWF"] = wiener
    tf.compat.v1.disable_eager_execution()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        features = InputProviderFactory.get(params).get_input_dict_placeholders()
        waveform = features["waveform"]
        stems = dict(EstimatorSpecBuilder(features, params).outputs)
        stems.pop("audio_id", None)
        # Published checkpoints hold it too, and the package's command asks for it.
        tf.compat.v1.train.create_global_step()
        session.run(tf.compat.v1.global_variables_initializer())
        random = np.random.default_rng(2)
        for variable in tf.compat.v1.global_variables():
            # Every number is random, so that none can be taken for another; near the usual values.
            shape, name = variable.shape.as_list(), variable.name
            if variable.dtype.base_dtype != tf.float32:
                continue
            if "kernel" in name:
                kernel = session.run(variable)
                value = random.uniform(-1, 1, shape) * np.abs(kernel).max()
            elif "gamma" in name or "moving_variance" in name:
                value = random.uniform(0.5, 1.5, shape)
            else:
                value = random.uniform(-0.2, 0.2, shape)
            variable.load(value.astype(np.float32), session)
        saver = tf.compat.v1.train.Saver()
        folder = output / "checkpoint"
        folder.mkdir(exist_ok=True)
        saver.save(session, str(folder / "model"))
        with tarfile.open(output / f"{variant}.tar.gz", "w:gz", compresslevel=1) as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=f"./{path.name}")
        results = session.run(stems, {waveform: sound.astype(np.float32)})
    for name, stem in results.items():
        stem.astype("<f4").tofile(output / f"{name}.f32")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


if __name__ == "__main__":
    main()
