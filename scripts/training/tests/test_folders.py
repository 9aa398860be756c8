import numpy as np
import soundfile

from unbraid_training import SAMPLE_RATE, STEMS
from unbraid_training.mixing import Mixer
from unbraid_training.render import stem_folders


def test_a_users_songs_become_aligned_pools_in_one_gain(tmp_path):
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.01, (4 * SAMPLE_RATE, 2))
    for song in ("one", "two"):
        (tmp_path / "songs" / song).mkdir(parents=True)
        for k, stem in enumerate(STEMS):
            sound = noise[:, :1] if stem == "bass" else noise
            soundfile.write(tmp_path / "songs" / song / f"{stem}.wav", sound * (k + 1),
                            SAMPLE_RATE, subtype="FLOAT")
    stem_folders(tmp_path / "songs", tmp_path / "pools")
    mixer = Mixer(tmp_path / "pools", 16, 1)
    files = mixer.pools.files
    for song in ("folder_one", "folder_two"):
        drums = files["drums"][song].astype(np.int32)
        assert files["bass"][song].shape == drums.shape == (4 * SAMPLE_RATE, 2)
        assert np.abs(files["other"][song] - 4 * drums).max() <= 4
    assert mixer.batch(2)[0].abs().max() > 0
