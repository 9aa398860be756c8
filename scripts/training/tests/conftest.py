import numpy as np
import pytest

from unbraid_training import STEMS
from unbraid_training.render import store


@pytest.fixture
def pools(tmp_path):
    """Pools with two aligned songs of which stem k is k + 1 times the same noise, and vocals."""
    rng = np.random.default_rng(5)
    for song in range(2):
        noise = rng.normal(0, 0.02, (300_000, 2)).astype(np.float32)
        for k, stem in enumerate(STEMS):
            if stem != "vocals":
                store(tmp_path, stem, f"song_1_{song:05d}", noise * (k + 1))
        store(tmp_path, "vocals", f"vocals_1_{song:05d}", noise)
    return tmp_path


def pytest_addoption(parser):
    parser.addoption("--corpus", help="folder of the sound corpus, for the tests that need it")


@pytest.fixture
def corpus(request):
    from pathlib import Path

    folder = request.config.getoption("--corpus")
    if not folder:
        pytest.skip("needs --corpus")
    return Path(folder)
