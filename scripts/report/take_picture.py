"""Takes docs/report.png anew: the page of the demo in a wide window, and dark on a phone.

    python3 scripts/report/take_picture.py PROGRAM PICTURE

Needs what check_pages.py needs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).resolve().parents[2]
HEIGHT = 844


def main():
    program, picture = (str(Path(argument).resolve()) for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        shutil.copy(ROOT / "scripts/demo/demo.flac", folder)
        subprocess.run(
            [program, "-q", "--report", "--cues", "demo.flac"], cwd=folder,
            check=True, env=dict(os.environ, UNBRAID_MODELS=str(ROOT / "Weights")))
        page = folder / "separated/demo/demo.report.html"
        for look, width, dark in [("wide", 980, False), ("phone", 390, True)]:
            browser.open(page.as_uri())
            browser.wait("window.unbraid", "the page is ready")
            browser.run("unbraid.seek(3.2);")
            browser.look(width, HEIGHT, dark, folder / f"{look}.png")
        both = folder / "both.html"
        both.write_text(
            "<body style='margin:0;display:flex;gap:16px;background:#808080'>"
            "<img src='wide.png'><img src='phone.png'>")
        browser.open(both.as_uri())
        browser.look(980 + 16 + 390, HEIGHT, False, picture)


if __name__ == "__main__":
    main()
