"""What a person waits for: the start, the first picture, a step, and what watching costs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import requests
import socketio
from measure import row, unpack
from playwright.sync_api import Page, sync_playwright

from opscope.engine import dtypes
from opscope.engine.formats.writer import save_graph_def
from opscope.engine.graph import Graph
from opscope.server.protocol import NAMESPACE

STEPS = 120
LOOP_TURNS = 4_000

# From the key to the end of the frame in which the status tells of the new step. Where the status
# changes outside a frame, the next frame shows it; where it changes within one, that one does.
# Which of them, the page's own requests for frames tell: a loop of ours would ask for frames that
# nobody sees, and Chromium holds back what the server answers until such a frame is over.
LISTEN = """() => {
  const status = document.querySelector('[role=status]');
  window.latencies = [];
  let pressed = null, inFrame = false;
  const after = (call) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = call;
    channel.port2.postMessage(null);
  };
  const request = requestAnimationFrame;
  window.requestAnimationFrame = (draw) => request((now) => {
    inFrame = true;
    after(() => { inFrame = false; });
    draw(now);
  });
  addEventListener('keydown', (event) => { if (event.key === 'F10') pressed = event.timeStamp; },
    { capture: true });
  new MutationObserver(() => {
    if (pressed === null) return;
    const start = pressed;
    pressed = null;
    const done = () => {
      window.latencies.push(performance.now() - start);
      dispatchEvent(new Event('shown'));
    };
    if (inFrame) after(done);
    else request(() => after(done));
  }).observe(status, { childList: true, characterData: true, subtree: true });
}"""

SHOWN = """(count) => new Promise((resolve) => {
  if (window.latencies.length > count) resolve();
  else addEventListener('shown', resolve, { once: true });
}).then(() => undefined)"""

# From the click to the first frame in which the graph's nodes are drawn.
OPEN = """(name) => new Promise((resolve) => {
  const button = [...document.querySelectorAll('button, a')].find((e) =>
    (e.getAttribute('aria-label') ?? e.textContent).includes(name));
  const start = performance.now();
  button.click();
  const look = () => {
    if (document.querySelector('[aria-label="Graph nodes"] [role=treeitem]')) {
      requestAnimationFrame(() => resolve(performance.now() - start));
    } else requestAnimationFrame(look);
  };
  look();
})"""


class Server:
    """`opscope` in a process of its own, and how long it took to answer."""

    def __init__(self, data: Path, *programs: str) -> None:
        start = perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "opscope.server.cli", "--port", "0", "--no-browser",
             "--data", str(data), *programs],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        found = None
        while found is None:
            line = self._process.stdout.readline()
            assert line, "the server did not start"
            found = re.search(r"http://\S+", line)
        self.address = found[0]
        requests.get(self.address.partition("#")[0], timeout=10).raise_for_status()
        self.seconds = perf_counter() - start

    def close(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(2)
        self._process.wait(20)


def browser_path() -> str | None:
    """The browser to drive, as the tests choose it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("OPSCOPE_BROWSER") or next(filter(None, map(shutil.which, names)), None)


def launch(page: Page, fetches: str, targets: str, feeds: dict[str, Any]) -> None:
    """Fill in the dialog and start."""
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog", name="Run")
    dialog.get_by_label("Fetches").fill(fetches)
    dialog.get_by_label("Targets").fill(targets)
    dialog.get_by_label("Targets").press("Tab")
    for name, value in feeds.items():
        dialog.get_by_label(f"Feed {name}").fill(json.dumps(value.tolist()))
    dialog.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("status").get_by_text("Paused before step 0").wait_for()


def finish(page: Page) -> None:
    """Run on to the end."""
    page.keyboard.press("F8")
    page.get_by_role("status").get_by_text("Finished").wait_for(timeout=120_000)


def step_latency(page: Page, case: Path, name: str, target: str) -> None:
    """Print the latency of `Step over` in the training step of a case."""
    step = json.loads((case / "case.json").read_text())["steps"][1]
    with np.load(case / "feeds.npz") as file:
        feeds = {tensor.partition(":")[0]: file[key] for tensor, key in step["feeds"].items()}
    launch(page, "", "init", {})
    finish(page)
    fetches = ", ".join(fetch["name"] for fetch in step["fetches"])
    launch(page, fetches, ", ".join(step["targets"]), feeds)
    page.evaluate(LISTEN)
    for number in range(STEPS):
        page.keyboard.press("F10")
        page.evaluate(SHOWN, number)
    taken = np.array(page.evaluate("window.latencies")[STEPS // 4 :])
    text = f"{np.median(taken):.1f} / {np.percentile(taken, 95):.1f} ms"
    row(f"Step over, {name}: median / 95th percentile", text, target)


def loop_graph(path: Path) -> None:
    """A loop that counts to a large number: many steps, each next to nothing."""
    graph = Graph()
    number = {"T": dtypes.int32}

    def constant(name: str, value: int) -> Any:
        attrs = {"dtype": dtypes.int32, "value": np.array(value, np.int32)}
        return graph.add(name, "Const", attrs=attrs).output()

    def enter(name: str, source: Any, constant: bool) -> Any:
        attrs = {**number, "frame_name": b"loop", "is_constant": constant}
        return graph.add(name, "Enter", [source], attrs=attrs).output()

    start = enter("enter", constant("zero", 0), False)
    limit = enter("limit", constant("turns", LOOP_TURNS), True)
    one = enter("one", constant("step", 1), True)
    merge = graph.add("merge", "Merge", [start], attrs={**number, "N": 2})
    less = graph.add("less", "Less", [merge.output(), limit], attrs=number)
    cond = graph.add("cond", "LoopCond", [less.output()])
    switch = graph.add("switch", "Switch", [merge.output(), cond.output()], attrs=number)
    add = graph.add("add", "AddV2", [switch.output(1), one], attrs=number)
    back = graph.add("next", "NextIteration", [add.output()], attrs=number)
    merge.inputs = (*merge.inputs, back.output())
    graph.add("exit", "Exit", [switch.output(0)], attrs=number)
    save_graph_def(graph, path)


def run_seconds(server: Server) -> float:
    """How long the loop takes in the worker, from its first step to its last."""
    http = requests.Session()
    address, _, fragment = server.address.partition("#")
    http.get(address, timeout=10)
    client = socketio.Client(http_session=http)
    base = address.partition("/?")[0]
    client.connect(base, namespaces=[NAMESPACE], transports=["websocket"])

    def ask(name: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = client.call(name, body, namespace=NAMESPACE, timeout=60)
        assert answer["ok"], answer
        return answer

    ask("initialize", {"protocol": 1})
    ask("attach", {"session": fragment.rpartition("/")[2], "seq": 0})
    run = ask("launch", {"fetches": ["exit:0"], "stopOnEntry": False, "speed": None})["run"]
    steps = run
    while steps["state"] in ("running", "paused"):
        client.sleep(0.05)
        steps = next(r for r in ask("runs", {})["runs"] if r["id"] == run["id"])
    last = ask("steps", {"run": run["id"], "first": steps["steps"] - 1})
    client.disconnect()
    return float(np.frombuffer(last["data"], "<i8", 1)[0]) / 1e9


def run(folder: Path) -> None:
    """Print the figures."""
    print("\nServer and page")
    starts: list[float] = []
    for number in range(3):
        server = Server(folder / f"start{number}")
        starts.append(server.seconds)
        server.close()
    row("from opscope to a page that answers, median of 3", f"{np.median(starts):.2f} s", "< 2 s")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for name, target in (("scale_mlp_1k", "16 / 33 ms"), ("scale_resnet50", "30 / 60 ms")):
            case = unpack(name, folder)
            server = Server(folder / f"data_{name}", str(case / "graph.pb"))
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(server.address)
            page.get_by_role("tree", name="Graph nodes").get_by_role("treeitem").first.wait_for()
            step_latency(page, case, name, target)
            if name == "scale_resnet50":
                page.goto(server.address.partition("#")[0].partition("?")[0])
                page.get_by_role("button", name="graph").first.wait_for()
                opened = page.evaluate(OPEN, "graph")
                row("click to the picture of scale_resnet50", f"{opened:.0f} ms", "< 1000 ms")
            page.close()
            server.close()
        loop_graph(folder / "loop.pb")
        server = Server(folder / "loop", str(folder / "loop.pb"))
        alone = [run_seconds(server) for _ in range(9)]
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.address)
        page.get_by_role("tree", name="Graph nodes").get_by_role("treeitem").first.wait_for()
        watched = [run_seconds(server) for _ in range(9)]
        ratio = float(np.median(watched) / np.median(alone))
        row("a run with a browser watching / without one", f"{ratio:.2f}", "at most 1.2")
        server.close()
        browser.close()
