"""Opens the pages of real separations from disk, in a real browser: clicks, plays and listens.

    python3 scripts/report/check_pages.py PROGRAM [PICTURES]

PROGRAM is the built `unbraid`; pictures of the pages go into the folder PICTURES, if it is given.
Needs nothing but the standard library, Chromium and its driver.
"""

import array
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from urllib.parse import unquote

from browser import Browser, is_here
from probes import LAG, WHERE

ROOT = Path(__file__).resolve().parents[2]
STEMS = ["drums", "bass", "vocals", "other"]


def check(truth, what):
    if not truth:
        raise AssertionError(what)
    print(f"  {what}")


def separate(program, folder, *arguments, status=0):
    run = subprocess.run(
        [program, "-q", *arguments], cwd=folder, capture_output=True, text=True, errors="replace",
        env=dict(os.environ, UNBRAID_MODELS=str(ROOT / "Weights")),
    )
    check(run.returncode == status, f"unbraid {arguments[-1]!r} ends with {status} {run.stderr.strip()}")


def make_song(folder):
    """The demo three times over, so that it is longer than one clip."""
    subprocess.run(
        ["sox", *[ROOT / "scripts/demo/demo.flac"] * 3, folder / "song.flac"], check=True
    )


def settle(browser, seconds=0.25):
    browser.run("await new Promise((done) => setTimeout(done, 1000 * given[0]));", seconds)


def check_quiet(browser, what):
    complaints = browser.complaints()
    check(not complaints, f"no complaint in the console: {what} {complaints or ''}")
    foreign = [url for url in browser.requests() if not url.startswith(("file:", "data:", "blob:"))]
    check(not foreign, f"nothing asked of a network: {what} {foreign or ''}")


def check_song(browser, folder):
    page = folder / "separated/song/song.report.html"
    browser.open(page.as_uri())
    browser.wait("window.unbraid", "the page is ready")
    lanes = browser.run("return unbraid.data.lanes.map((lane) => lane.name);")
    check(lanes == ["mix", *STEMS], f"lanes are {lanes}")
    sizes = browser.run(
        "return [...document.images].map((image) => [image.naturalWidth, image.naturalHeight]);"
    )
    check(sizes == [[1200, 160]] * 5, "five spectrograms are drawn")

    check_loudness(browser, folder)
    check_cues(browser, folder)

    browser.click("#play")
    browser.wait("unbraid.player.position > 1", "a click on play plays")
    levels = browser.run("return unbraid.levels();")
    check(min(levels[1:]) > 1e-4, f"all stems sound: {levels[1:]}")
    places = browser.run(WHERE)
    check(len(set(places)) == 1, f"all stems are at the same sample: {places}")

    browser.click('section[aria-label="vocals"] .solo')
    settle(browser)
    levels = browser.run("return unbraid.levels();")
    check(levels[3] > 1e-4, f"the soloed stem sounds: {levels[3]:.4f}")
    others = [levels[1], levels[2], levels[4]]
    check(max(others) == 0, f"solo silences the rest: {others}")
    browser.press("0")
    settle(browser)
    check(min(browser.run("return unbraid.levels();")[1:]) > 1e-4, "the mix is all stems")
    browser.press("c")
    browser.click('section[aria-label="drums"] .mute')
    settle(browser)
    levels = browser.run("return unbraid.levels();")
    check(levels[1] == 0 and levels[2] > 1e-4, "mute silences one")
    browser.press("\ue008", "1")
    settle(browser)
    check(browser.run("return unbraid.levels();")[1] > 1e-4, "shift and 1 ends the mute")

    browser.click('section[aria-label="bass"] .stage', x=0.75, y=0.3)
    settle(browser)
    position = browser.run("return unbraid.player.position;")
    length = browser.run("return unbraid.data.samples / unbraid.data.sampleRate;")
    check(abs(position - 0.75 * length) < 0.5, f"a click seeks: {position:.2f} of {length:.2f}")
    settle(browser, 0.5)
    places = browser.run(WHERE)
    check(len(set(places)) == 1, f"after it all stems are at the same sample: {places}")
    browser.run("unbraid.seek(19.6);")
    browser.wait("unbraid.player.position > 20.5", "the next clip plays")
    places = browser.run(WHERE)
    check(len(set(places)) == 1, f"beyond the border of two clips too: {places}")
    browser.run(
        "const slider = document.querySelector('section[aria-label=bass] input');"
        "slider.value = -20; slider.dispatchEvent(new Event('input')); "
    )
    settle(browser)
    gain = browser.run("return unbraid.player.lanes[2].gain.gain.value;")
    check(abs(gain - 0.1) < 1e-6, f"-20 dB is a factor of {gain:.4f}")
    browser.press(" ")
    settle(browser)
    check(browser.run("return !unbraid.player.playing;"), "space pauses")
    before = browser.run("return unbraid.player.position;")
    browser.press("\ue014")
    check(abs(browser.run("return unbraid.player.position;") - before - 5) < 1e-3, "arrow goes 5 s on")
    browser.run("unbraid.seek(26.5); await unbraid.toggle();")
    browser.wait("!unbraid.player.playing && unbraid.player.position === 0", "the end ends it")

    for lane, stem in enumerate(STEMS, 1):
        with wave.open(str(folder / f"separated/song/{stem}.wav")) as file:
            samples = array.array("h", file.readframes(file.getnframes()))[::2]
        start = 3 * 44100
        window = [sample / 32768 for sample in samples[start : start + 8192]]
        lag = browser.run(LAG, lane, start, window)
        check(lag == 0, f"the preview of {stem} lies {lag} samples from the file")

    browser.choose_files("#files", [folder / f"separated/song/{stem}.wav" for stem in STEMS])
    browser.wait("!unbraid.player.source.lead", "the files are taken")
    browser.run("unbraid.clear(); unbraid.setGain(2, 0); unbraid.seek(8);")
    browser.click("#play")
    browser.wait("unbraid.player.position > 10.5", "the files play")
    places = browser.run(WHERE)
    check(len(set(places)) == 1, f"all files are at the same sample: {places}")
    check_quiet(browser, "the page of a song")


def check_loudness(browser, folder):
    """The loudness on the page beside what the ffmpeg program measures in the same files."""
    if not shutil.which("ffmpeg"):
        print("  skipped: ffmpeg, which measures the loudness again, is not on this machine")
        return
    paths = ["song.flac", *(f"separated/song/{stem}.wav" for stem in STEMS)]
    for path, said in zip(paths, browser.run("return unbraid.data.lanes.map((lane) => lane.loudness);")):
        log = subprocess.run(
            ["ffmpeg", "-nostats", "-i", folder / path, "-af", "ebur128", "-f", "null", "-"],
            check=True, capture_output=True, text=True).stderr
        measured = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", log)[-1])
        # ffmpeg prints one decimal.
        check(said is not None and abs(said - measured) <= 0.1,
              f"{path} has {said:.2f} LUFS, by ffmpeg {measured}")


def check_cues(browser, folder):
    """The marks are those of the file of cues, and two keys go from one to the next."""
    cues = json.loads((folder / "separated/song/cues/cues.json").read_text())
    times = [beat["time"] for beat in cues["rhythm"]["beats"]]
    shown = browser.run("return unbraid.data.cues.map((cue) => cue.time);")
    check(len(times) > 20 and [round(t, 3) for t in shown] == [round(t, 3) for t in times],
          f"the page has the {len(times)} beats")
    onsets = browser.run("return unbraid.data.lanes.map((lane) => lane.onsets.length);")
    check(onsets == [len(source["onsets"]) for source in cues["sources"]], f"and the onsets: {onsets}")
    browser.run("unbraid.seek(0);")
    browser.press(".")
    position = browser.run("return unbraid.player.position;")
    check(min(abs(position - time) for time in times) < 2e-3, f"a key goes to a cue: {position:.3f}")
    browser.run("unbraid.seek(0);")


def check_beside(browser, folder):
    """Without a preview in it a page plays the files through audio elements."""
    separate(
        PROGRAM, folder, "-o", "beside", "--report", "--report-sound", "beside", "--stems",
        "vocals,bass", "song.flac",
    )
    page = folder / "beside/song/song.report.html"
    check(page.stat().st_size < 1 << 20, f"a page without sound has {page.stat().st_size} bytes")
    browser.open(page.as_uri())
    browser.click("#play")
    browser.wait("unbraid.player.position > 0.5", "files beside the page play")
    browser.click('section[aria-label="vocals"] .solo')
    muted = browser.run("return unbraid.player.elements.map((element) => element?.muted);")
    check(muted == [True, True, False], f"solo mutes the others: {muted}")
    browser.click('section[aria-label="mix"] .solo')
    muted = browser.run("return unbraid.player.elements.map((element) => element?.muted);")
    check(muted == [False, True, True], f"the mix is the input's file: {muted}")
    check_quiet(browser, "the page with files beside it")


def check_hostile(browser, folder):
    """File names are text, whatever is in them."""
    names = [
        b"</script><script>alert(1)<!--.flac", b"\"' onload='alert(2)'>&amp;<img src=x onerror=alert(3)>.flac",
        b"not \xff UTF-8 \xc3.flac", "# 100% ? ü\n.flac".encode(),
    ]
    for number, name in enumerate(names):
        name = name.replace(b"/", b"\xe2\x88\x95")
        place = os.path.join(os.fsencode(folder), b"evil", name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write((ROOT / "scripts/demo/demo.flac").read_bytes())
        separate(PROGRAM, folder, "-o", f"out{number}", "--report", b"evil/" + name)
        stem = name[: -len(b".flac")]
        page = os.path.join(
            os.fsencode(folder), b"out%d" % number, stem, stem + b".report.html"
        )
        address = "file://" + "".join(
            chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"/-._" else f"%{byte:02X}"
            for byte in page
        )
        browser.open(address)
        browser.wait("window.unbraid", "the page of a hostile name is ready")
        title = browser.run("return document.getElementById('title').textContent;")
        check(title == stem.decode(errors="replace"), f"its title is the name: {title!r}")
        href = browser.run("return document.querySelector('section[aria-label=drums] a').href;")
        found = browser.run(
            "const sound = new Audio(given[0]);"
            "return new Promise((done) => { sound.onloadedmetadata = () => done(sound.duration);"
            " sound.onerror = () => done(null); });", href,
        )
        check(found is not None, f"its stems are found: {unquote(href, errors='replace')[-40:]!r}")
        check_quiet(browser, "a hostile name")


def check_index(browser, folder):
    songs = folder / "songs"
    songs.mkdir()
    for name, effect in [("loud", ["gain", "9"]), ("soft", ["gain", "-12"])]:
        subprocess.run(
            ["sox", ROOT / "scripts/demo/demo.flac", songs / f"{name}.flac", *effect], check=True
        )
    (songs / "broken.flac").write_bytes(b"fLaC nothing that follows makes sense")
    separate(PROGRAM, folder, "-r", "-o", "batch", "--report", "songs", status=1)
    page = folder / "batch/index.html"
    browser.open(page.as_uri())
    browser.wait("window.unbraid", "the index is ready")
    shown = "return unbraid.shown.map((row) => row.name);"
    check(sorted(browser.run(shown)) == ["broken", "loud", "soft"], "the index lists all tracks")

    def choose(control, value):
        browser.run(
            "const control = document.getElementById(given[0]); control.value = given[1];"
            "control.dispatchEvent(new Event('input'));", control, value,
        )
        return browser.run(shown)

    check(choose("state", "failed") == ["broken"], "it shows the failed one")
    clipped = browser.run(
        "return unbraid.data.rows.filter((row) => row.stems.some((part) => part?.c))"
        ".map((row) => row.name);"
    )
    check(clipped and choose("state", "clipped") == clipped, f"it shows the clipped: {clipped}")
    choose("state", "all")
    # Which stems the demo has is the model's opinion; the page has to go by what it was told.
    active = "return unbraid.data.rows.filter((row) => row.stems[given[0]]?.a >= 0.1).map((r) => r.name);"
    for stem in range(4):
        wanted = browser.run(active, stem)
        check(sorted(choose("stem", str(stem))) == sorted(wanted), f"these have stem {stem}: {wanted}")
    check(len(choose("stem", "1")) == 2, "two have a bass")
    choose("stem", "")
    check(choose("search", "soft") == ["soft"], "it searches")
    choose("search", "")
    check(choose("sort", "1") == ["broken", "loud", "soft"], "it sorts by name")
    by_presence = browser.run(
        "const sort = document.getElementById('sort');"
        "return [...sort.options].find((option) => option.text === 'has vocals').value;"
    )
    wanted = browser.run(
        "return unbraid.data.rows.filter((row) => row.stems[2])"
        ".sort((a, b) => b.stems[2].p - a.stems[2].p).map((row) => row.name);"
    )
    check(choose("sort", by_presence) == [*wanted, "broken"], f"it sorts by has vocals: {wanted}")
    choose("sort", "1")
    browser.click(".row a")
    browser.wait("document.getElementById('play')", "a row leads to the page of its track")
    check_quiet(browser, "the index")

    # The same for ten thousand tracks.
    text = page.read_text()
    found = re.search(r'(<script type="application/json" id="data">)(.*?)(</script>)', text, re.S)
    data = json.loads(found[2])
    rows = json.dumps(data["rows"])
    data["rows"] = [row for _ in range(3334) for row in json.loads(rows)]
    for n, row in enumerate(data["rows"]):
        row["name"] += f" {n}"
        for part in row["stems"]:
            part["a"] = n % 997 / 1000
    many = json.dumps(data).replace("<", "\\u003c")
    page.write_text(text[: found.start(2)] + many + text[found.end(2) :])
    browser.open(page.as_uri())
    browser.wait("window.unbraid", "the index of 10,002 tracks is ready")
    check(browser.run("return document.querySelectorAll('.row').length;") < 80, "few rows are drawn")
    took = browser.run(
        "const start = performance.now();"
        "const sort = document.getElementById('sort'); sort.value = '4';"
        "sort.dispatchEvent(new Event('input'));"
        "const stem = document.getElementById('stem'); stem.value = '2';"
        "stem.dispatchEvent(new Event('input'));"
        "document.getElementById('list').scrollTop = 1e5;"
        "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
        "return performance.now() - start;"
    )
    check(took < 1000, f"sorting, filtering and scrolling 10,002 tracks takes {took:.0f} ms")
    rows = browser.run("return document.querySelectorAll('.row').length;")
    check(0 < rows < 80, "few rows are drawn after it too")
    check_quiet(browser, "the large index")


def take_pictures(browser, folder, pictures):
    pictures.mkdir(parents=True, exist_ok=True)
    pages = {"track": folder / "separated/song/song.report.html", "index": folder / "batch/index.html"}
    for name, page in pages.items():
        for width, height in [(1440, 900), (390, 844)]:
            for dark in [False, True]:
                browser.open(page.as_uri())
                browser.wait("window.unbraid", "the page is ready")
                if name == "track":
                    browser.run("unbraid.seek(8.2); unbraid.setSolo(3, true);")
                look = f"{name}-{width}-{'dark' if dark else 'light'}"
                browser.look(width, height, dark, pictures / f"{look}.png")
                wide = browser.run(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth;"
                )
                check(wide <= 0, f"{look} fits its window")


def main():
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        make_song(folder)
        separate(PROGRAM, folder, "--report", "--cues", "song.flac")
        check_song(browser, folder)
        check_beside(browser, folder)
        check_hostile(browser, folder)
        check_index(browser, folder)
        if len(sys.argv) > 2:
            take_pictures(browser, folder, Path(sys.argv[2]))


if __name__ == "__main__":
    if not is_here():
        print("skipped: Chromium and chromedriver are not on this machine")
        sys.exit(0)
    PROGRAM = str(Path(sys.argv[1]).resolve())
    main()
