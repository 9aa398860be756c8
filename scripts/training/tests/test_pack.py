import io

import numpy as np
import soundfile

from unbraid_training.pack import encode


def test_minutes_of_sound_are_coded_whole(tmp_path):
    x = np.random.default_rng(1).normal(0, 0.1, (20 * 44100, 2)).astype(np.float32)
    soundfile.write(tmp_path / "x.wav", x, 44100, subtype="FLOAT")
    data = encode(tmp_path / "x.wav", 0.1)
    decoded, rate = soundfile.read(io.BytesIO(data))
    assert rate == 44100 and decoded.shape == x.shape and len(data) < x.nbytes / 20
