"""A checkpoint in pieces small enough for machines that take only small files."""

import hashlib
import os
from pathlib import Path

PIECE = 15 * 2**20


def split(path, folder, size=PIECE):
    """Writes path as numbered pieces with a SHA-256 of the whole; returns their number."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("piece_*"):
        old.unlink()
    digest, count = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while data := file.read(size):
            digest.update(data)
            (folder / f"piece_{count:03d}").write_bytes(data)
            count += 1
    (folder / "sha256").write_text(digest.hexdigest() + "\n")
    return count


def join(folder, path):
    """Puts pieces together again; path appears only where the whole is what was split."""
    folder, path = Path(folder), Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, part = hashlib.sha256(), path.with_suffix(".part")
    with open(part, "wb") as file:
        for piece in sorted(folder.glob("piece_*")):
            data = piece.read_bytes()
            digest.update(data)
            file.write(data)
    if digest.hexdigest() != (folder / "sha256").read_text().strip():
        part.unlink()
        raise ValueError(f"{folder} does not hold the whole checkpoint")
    os.replace(part, path)
