// Opens a page in Chromium and prints what is wrong with it as JSON: console errors, requests, width, accessibility.
// node audit.mjs MODULES PAGE [CHROMIUM]; MODULES is a node_modules folder with playwright-core, and axe-core if it is there.
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [modules, page, browser = "/usr/bin/chromium"] = process.argv.slice(2);
const { chromium } = createRequire(join(resolve(modules), "x.js"))("playwright-core");
const axe = join(resolve(modules), "axe-core", "axe.min.js");
const made = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const found = { errors: [], requests: [], dialogs: 0, widths: {}, cut: {}, violations: null };
for (const width of [400, 1400]) {
  const tab = await made.newPage({ viewport: { width, height: 900 }, javaScriptEnabled: true });
  tab.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  tab.on("pageerror", (error) => found.errors.push(String(error)));
  tab.on("dialog", (dialog) => { found.dialogs += 1; dialog.dismiss(); });
  tab.on("request", (request) => /^(file|data):/.test(request.url()) || found.requests.push(request.url()));
  await tab.goto("file://" + resolve(page));
  await tab.evaluate(() => Promise.all([...document.images].map((i) => i.decode())));
  found.widths[width] = await tab.evaluate(() => document.documentElement.scrollWidth);
  found.cut[width] = await tab.evaluate(() =>
    [...document.querySelectorAll("main p, main li, h1, h2, h3, h4, figcaption, .table-note")]
      .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll"))
      .map((e) => e.textContent.slice(0, 60)));
  if (existsSync(axe)) {
    const session = await tab.context().newCDPSession(tab);
    await session.send("Page.setBypassCSP", { enabled: true });
    await tab.evaluate(readFileSync(axe, "utf8"));
    const result = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    found.violations ??= [];
    found.violations.push(...result.violations.map((v) =>
      ({ width, id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)) })));
  }
  await tab.close();
}
await made.close();
console.log(JSON.stringify(found));
