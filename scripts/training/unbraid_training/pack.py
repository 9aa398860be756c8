"""A small copy of the corpus's training part, for a machine without network."""

import csv
import io
import tarfile

import soundfile


def pack(corpus, output, quality=0.1):
    """Writes the training sounds as Vorbis, tables and MIDI to a .tar; returns its bytes.

    quality: 0 (smallest) to 1. Validation songs and voices stay out.
    """
    with open(corpus / "manifest.csv", newline="") as table:
        rows = [r for r in csv.DictReader(table) if r["split"] == "train"]
    with tarfile.open(output, "w") as archive:
        manifest = io.StringIO()
        writer = csv.DictWriter(manifest, rows[0].keys())
        writer.writeheader()
        for row in rows:
            path = corpus / row["path"]
            if path.is_file() and path.suffix in (".ogg", ".mp3"):
                writer.writerow(row)
                put(archive, row["path"], encode(path, quality))
        put(archive, "manifest.csv", manifest.getvalue().encode())
        tables = [*corpus.rglob("map.json"), *corpus.rglob("kit.json"),
                  *corpus.rglob("LICENSE*"), *(corpus / "midi").iterdir()]
        for path in sorted(set(tables)):
            put(archive, str(path.relative_to(corpus)), path.read_bytes())
    return output.stat().st_size


def encode(path, quality, block=2**16):
    """Vorbis of a sound file, written in blocks: libsndfile crashes on minutes in one piece."""
    x, rate = soundfile.read(path, always_2d=True, dtype="float32")
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, x.shape[1], format="OGG", subtype="VORBIS",
                             compression_level=1 - quality) as file:
        for start in range(0, len(x), block):
            file.write(x[start:start + block])
    return buffer.getvalue()


def put(archive, name, data):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
