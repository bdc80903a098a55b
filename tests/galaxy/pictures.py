"""Take pictures of forms, results and the workflow in a running Galaxy, to be looked at.

    pictures.py SERVER.json FOLDER      after the tests of tools and workflows; needs playwright and Chromium

Asserts nothing: what confuses in a form shows to an eye only.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from server import request

PREFIX = "prognomics_"
RESULTS = {"kaplan_meier_plot": "Kaplan-Meier plot", "hazard_ratios": "Hazard ratios", "forest_plot": "Forest plot"}
WIDE, TALL = (1500, 950), (1500, 2400)
SETTLED_MS = 4000
NODE = ".workflow-node"


def sign_in(page: Page, server: dict) -> None:
    page.goto(f"{server['url']}/login/start")
    page.locator("input[name=login]").fill(server["user"])
    page.locator("input[name=password]").fill(server["password"])
    page.locator("button[name=login]").click()
    page.wait_for_timeout(SETTLED_MS)


def shoot(page: Page, address: str, target: Path, size: tuple[int, int], wait_for: str = "") -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    if wait_for:
        page.wait_for_selector(wait_for, timeout=60000)
    page.wait_for_timeout(SETTLED_MS)
    page.wait_for_function("!/Loading /.test(document.querySelector('#center')?.innerText)", timeout=60000)
    page.screenshot(path=str(target))
    print(target.name)


def result(server: dict, label: str) -> str | None:
    """The newest finished dataset whose name has a label, before what the dataset is about."""
    found = request(f"{server['url']}/api/datasets?limit=500&q=state&qv=ok", server["user_key"])
    return next((d["id"] for d in found if re.search(rf": {label}( \(.*\))?$", d["name"])), None)


def tools(server: dict) -> list[str]:
    """The ids of the suite's tools, as the panel lists them."""
    found = request(f"{server['url']}/api/tools?in_panel=false", server["user_key"])
    return sorted(t["id"] for t in found if t["id"].startswith(PREFIX))


def main(server_file: str, folder: str) -> None:
    server, target = json.loads(Path(server_file).read_text()), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        sign_in(page, server)
        for tool in tools(server):
            address = f"{server['url']}/?tool_id={tool}"
            shoot(page, address, target / f"form_{tool.removeprefix(PREFIX)}.png", TALL, "text=Tool Parameters")
        for name, label in RESULTS.items():
            dataset = result(server, label)
            if dataset:
                shoot(page, f"{server['url']}/datasets/{dataset}/preview", target / f"result_{name}.png", WIDE)
        invocations = request(
            f"{server['url']}/api/invocations?limit=1&include_nested_invocations=false", server["user_key"]
        )
        if invocations:
            workflow = invocations[0]["workflow_id"]
            address = f"{server['url']}/workflows/invocations/{invocations[0]['id']}"
            shoot(page, address, target / "workflow_finished.png", WIDE)
            history = invocations[0]["history_id"]
            shoot(page, f"{server['url']}/histories/view?id={history}", target / "history.png", TALL)
            stored = request(f"{server['url']}/api/workflows/{workflow}?instance=true", server["user_key"])["id"]
            shoot(page, f"{server['url']}/workflows/edit?id={stored}", target / "workflow.png", (2400, 1300), NODE)
            shoot(page, f"{server['url']}/workflows/run?id={stored}", target / "workflow_form.png", TALL)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
