"""A headless Chromium, driven over the WebDriver protocol (W3C) with the standard library alone."""

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request


def is_here() -> bool:
    """Whether Chromium and its driver are on this machine."""
    return bool(shutil.which("chromedriver")) and bool(
        shutil.which("chromium") or shutil.which("google-chrome")
    )


class Browser:
    """One window; `with Browser() as browser:` closes it."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

    def __enter__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.address = f"http://127.0.0.1:{line.split()[-1].rstrip('.')}"
                break
        options = {
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio"],
            "perfLoggingPrefs": {"enableNetwork": True},
        }
        wanted = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + answer["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        """Runs the body of an async function and returns what it returns."""
        wrapped = (
            "const done = arguments[arguments.length - 1];"
            "(async (...given) => {" + script + "})(...arguments)"
            ".then((value) => done({ value }), (error) => done({ error: `${error.stack}` }));"
        )
        answer = self.ask(
            "POST", self.session + "/execute/async", {"script": wrapped, "args": list(arguments)}
        )
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def wait(self, script, what, seconds=20):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({script});"):
            if time.monotonic() > end:
                raise AssertionError(f"did not happen: {what}")
            time.sleep(0.05)

    def find(self, selector):
        found = self.ask(
            "POST", self.session + "/element", {"using": "css selector", "value": selector}
        )
        return found[self.ELEMENT]

    def click(self, selector, x=0.5, y=0.5):
        """Clicks with the pointer on a place in an element, as shares of its size."""
        element = self.find(selector)
        box = self.run(
            "given[0].scrollIntoView({ block: 'center' });"
            "const box = given[0].getBoundingClientRect();"
            "return [box.left, box.top, box.width, box.height];",
            {self.ELEMENT: element},
        )
        move = {
            "type": "pointerMove", "duration": 0,
            "x": round(box[0] + x * box[2]), "y": round(box[1] + y * box[3]),
        }
        moves = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        pointer = {"type": "pointer", "id": "mouse", "actions": moves}
        self.ask("POST", self.session + "/actions", {"actions": [pointer]})

    def press(self, *keys):
        """Presses keys together, the last one shortest."""
        actions = [{"type": "keyDown", "value": key} for key in keys]
        actions += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.ask(
            "POST", self.session + "/actions",
            {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]},
        )

    def choose_files(self, selector, paths):
        element = self.find(selector)
        self.ask(
            "POST", f"{self.session}/element/{element}/value", {"text": "\n".join(map(str, paths))}
        )

    def look(self, width, height, dark, path, whole=False):
        """Takes a picture of the page."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=width < 600)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        time.sleep(0.5)
        answer = self.command("Page.captureScreenshot", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def command(self, name, **parameters):
        """Sends one command of the DevTools protocol."""
        return self.ask(
            "POST", self.session + "/goog/cdp/execute", {"cmd": name, "params": parameters}
        )

    def complaints(self):
        """What the console was told as warnings and errors since the last call."""
        entries = self.ask("POST", self.session + "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """All addresses that were asked for since the last call."""
        entries = self.ask("POST", self.session + "/se/log", {"type": "performance"})
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
