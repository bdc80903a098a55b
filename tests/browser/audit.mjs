// Opens a page in Chromium and prints what is wrong with it as JSON: console errors, requests, width, accessibility; and
// what its script does on request: values of curves, files, switches, genes.
// node audit.mjs MODULES PAGE [CHROMIUM]; MODULES is a node_modules folder with playwright-core, and axe-core if it is there.
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [modules, page, browser = "/usr/bin/chromium"] = process.argv.slice(2);
const { chromium } = createRequire(join(resolve(modules), "x.js"))("playwright-core");
const axe = join(resolve(modules), "axe-core", "axe.min.js");
const made = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const found = { errors: [], requests: [], dialogs: 0, widths: {}, cut: {}, violations: null, script: {} };
const open = async (width, colorScheme, javaScriptEnabled = true) => {
  const context = await made.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
  const tab = await context.newPage();
  tab.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  tab.on("pageerror", (error) => found.errors.push(String(error)));
  tab.on("dialog", (dialog) => { found.dialogs += 1; dialog.dismiss(); });
  tab.on("request", (request) => /^(file|data|blob):/.test(request.url()) || found.requests.push(request.url()));
  await tab.goto("file://" + resolve(page));
  return tab;
};
for (const [width, scheme] of [[320, "light"], [390, "dark"], [768, "light"], [1280, "light"], [1400, "dark"]]) {
  const tab = await open(width, scheme);
  await tab.evaluate(() => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
  await tab.evaluate(() => Promise.all([...document.images].map((i) => i.decode())));
  found.widths[width] = await tab.evaluate(() => document.documentElement.scrollWidth);
  found.cut[width] = await tab.evaluate(() =>
    [...document.querySelectorAll("main p, main li, h1, h2, h3, h4, h5, figcaption, .table-note, svg.fig, main button")]
      .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll"))
      .map((e) => e.outerHTML.slice(0, 80)));
  if (existsSync(axe) && width !== 768) {
    const session = await tab.context().newCDPSession(tab);
    await session.send("Page.setBypassCSP", { enabled: true });
    await tab.evaluate(readFileSync(axe, "utf8"));
    const result = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    found.violations ??= [];
    found.violations.push(...result.violations.map((v) =>
      ({ width, scheme, id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)) })));
  }
  await tab.context().close();
}

const tab = await open(1280, "light");
const figure = tab.locator(".first figure.km svg.wide");
if (await figure.count()) {
  await figure.focus();
  for (const key of ["End", "Home", "ArrowRight", "ArrowRight"]) await tab.keyboard.press(key);
  found.script.month = await tab.locator("#tip").innerText();
  await tab.keyboard.press("Escape");
  found.script.hidden = await tab.locator("#tip").isHidden();
  for (const name of ["SVG", "PNG, 300 dpi", "Data (TSV)"]) {
    const waiting = tab.waitForEvent("download");
    await tab.locator(".legends > div").first().locator("button", { hasText: name }).click();
    const file = await waiting;
    const bytes = readFileSync(await file.path());
    found.script[name] = name.startsWith("PNG") ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : bytes.toString("utf8");
  }
  const band = tab.locator(".first figure.km svg.wide .band").first();
  const shown = await band.isVisible();
  await tab.locator(".legends .switches label", { hasText: "95% CI" }).click();
  found.script.band = [shown, await band.isVisible()];
}
const genes = tab.locator(".genes");
if (await genes.count()) {
  const rows = async () => (await genes.locator("tbody tr").allInnerTexts()).map((text) => text.split("\t")[0]);
  found.script.genes = await rows();
  await genes.locator("input[type=search]").fill(found.script.genes[1]);
  found.script.searched = await rows();
  await genes.locator("input[type=search]").fill("");
  await genes.locator("th button").first().click();
  found.script.sorted = await rows();
}
const plain = await open(1280, "light", false);
found.plain = await plain.locator("body").evaluate((body) => body.innerText.length);
await plain.emulateMedia({ media: "print" });
found.printed = await plain.locator("main details").evaluateAll((folds) =>
  folds.filter((f) => !f.matches(".more") && f.lastElementChild.getBoundingClientRect().height < 1).length);
await made.close();
console.log(JSON.stringify(found));
