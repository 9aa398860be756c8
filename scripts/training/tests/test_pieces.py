import pytest

from unbraid_training.pieces import join, split


def test_a_file_comes_back_from_its_pieces(tmp_path):
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(bytes(range(256)) * 5)
    assert split(path, tmp_path / "pieces", 500) == 3
    join(tmp_path / "pieces", tmp_path / "run" / "checkpoint.pt")
    assert (tmp_path / "run" / "checkpoint.pt").read_bytes() == path.read_bytes()


def test_a_missing_piece_is_noticed(tmp_path):
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(bytes(1000))
    split(path, tmp_path / "pieces", 400)
    (tmp_path / "pieces" / "piece_001").unlink()
    with pytest.raises(ValueError):
        join(tmp_path / "pieces", tmp_path / "other.pt")
    assert not (tmp_path / "other.pt").exists()
