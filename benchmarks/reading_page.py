"""How long the reading page takes from the choice of a film to its answer, in Debian's chromium.

    python benchmarks/reading_page.py RUN CLASSIFIER --film film.png [--corpus CORPUS] [--rounds 20]

The baseline is one second, which the page promises for models of 128 px on two cores. Wall times
mean little on a shared machine: `server_process_seconds` is what the server's processes worked for
one film.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import sync_playwright

PROMISE = 1.0
PATIENCE = 600_000
SECONDS = """() => new Promise((done) => {
    const status = document.getElementById("status");
    const began = performance.now();
    const watch = new MutationObserver(() => {
        if (!status.textContent.startsWith("The film was read")) return;
        watch.disconnect();
        done((performance.now() - began) / 1000);
    });
    watch.observe(status, { childList: true, characterData: true, subtree: true });
    document.getElementById("file").dispatchEvent(new Event("change"));
})"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("models", nargs="+", type=Path)
    options.add_argument("--film", type=Path, required=True)
    options.add_argument("--corpus", type=Path)
    options.add_argument("--rounds", type=int, default=20)
    asked = options.parse_args()
    words = [*asked.models, *(["--corpus", asked.corpus] if asked.corpus else [])]
    command = [sys.executable, "-m", "radtex", "serve", *map(str, words), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = re.sub("/#.*", "", server.stdout.readline().strip()).rstrip("/")
            while not is_ready(address):
                time.sleep(0.5)
            seconds, worked = measured(
                address, asked.film, asked.rounds, psutil.Process(server.pid)
            )
        finally:
            server.kill()
    median = statistics.median(seconds)
    print(
        json.dumps(
            {
                "name": "reading page: first answer",
                "baseline": PROMISE,
                "measured": round(median, 3),
                "unit": "s",
                "ratio": round(PROMISE / median, 2),
                "slowest": round(max(seconds), 3),
                "fastest": round(min(seconds), 3),
                "server_process_seconds": round(worked, 3),
                "rounds": len(seconds),
                "load_average": psutil.getloadavg()[0],
                "cores": psutil.cpu_count(),
            }
        )
    )


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def measured(
    address: str, film: Path, rounds: int, server: psutil.Process
) -> tuple[list[float], float]:
    """Seconds of each round, and what the server's processes worked per film."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.get_by_text("Ready. Choose a film.").wait_for()
        page.locator("#file").set_input_files(film)
        page.locator("#status", has_text="The film was read").wait_for()
        before = worked_by(server)
        seconds = [page.evaluate(SECONDS) for _ in range(rounds)]
        worked = (worked_by(server) - before) / rounds
        browser.close()
    return seconds, worked


def worked_by(server: psutil.Process) -> float:
    times = [each.cpu_times() for each in (server, *server.children())]
    return sum(each.user + each.system for each in times)


if __name__ == "__main__":
    main()
