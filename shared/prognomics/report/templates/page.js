"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const button = (text, act, more = {}) => {
    const made = make("button", { type: "button", ...more }, text);
    made.addEventListener("click", act);
    return made;
  };
  const looks = JSON.parse(document.getElementById("looks").textContent);
  const visible = (element) => element.getClientRects().length > 0;

  // Files out of the page
  const save = (name, content, type) => {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  const svgText = (svg) => {  // with its light look, on white
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    for (const shape of all("path, text", copy)) {
      const look = looks[`${shape.tagName} ${shape.getAttribute("class")}`] || {};
      for (const [name, value] of Object.entries(look)) shape.setAttribute(name, value);
    }
    all(".cursor", copy).forEach((shape) => shape.remove());
    const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "#fff" })) ground.setAttribute(name, value);
    copy.prepend(ground);
    return new XMLSerializer().serializeToString(copy);
  };
  const savePng = (svg, name) => {  // 300 dpi
    const picture = new Image(), scale = 300 / 96, { width, height } = svg.viewBox.baseVal;
    picture.onload = () => {
      const canvas = make("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(name, blob));
    };
    picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svgText(svg));
  };
  const tsv = (rows) => rows.map((row) => row.map((v) => String(v ?? "NA").replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n") + "\n";
  const tableRows = (table) => {  // numbers in full where the cell has them
    const heads = all("thead tr:last-child > *", table);
    const widths = heads.map((_, i) => Math.max(1, ...all("tbody tr", table).map((row) =>
      row.children.length === heads.length && row.children[i].title ? row.children[i].title.split("; ").filter((v) => !isNaN(v)).length : 1)));
    const drawn = heads.map((head) => head.matches(".strip"));
    const expand = (values, i) => Array.from({ length: widths[i] }, (_, n) => values[n] ?? "");
    const names = heads.flatMap((head, i) => drawn[i] ? [] : expand([head.innerText, "95% CI low", "95% CI high"], i));
    const rows = all("tbody tr", table).map((row) => row.children.length !== heads.length ? [row.innerText] :
      [...row.children].flatMap((cell, i) => {
        const full = (cell.title || "").split("; ").filter((v) => v !== "" && !isNaN(v));
        return drawn[i] ? [] : expand(full.length ? full : [cell.innerText], i);
      }));
    return [names, ...rows];
  };
  const curveRows = (groups) => {
    const rows = [["group", "months", "n_risk", "event_free", "ci_low", "ci_high"]];
    for (const group of groups) for (const [i, t] of group.t.entries()) {
      const at = valueAt(group, t);
      rows.push([group.name, t, group.n[i], at.s, at.lo, at.hi]);
    }
    return rows;
  };
  const legends = all(".legends > div");  // of the figures of the first screen
  const below = (element) => !element.closest(".first") ? element :
    element.matches("figure") ? legends[0] : legends[legends.length - 1];
  const named = (element) => (element.id || "table") + ".";
  for (const figure of all("figure")) {
    const svgs = all("svg.fig", figure);
    if (!svgs.length) continue;
    const shown = () => svgs.find(visible) || svgs[0], several = figure.matches(".panels");
    const bar = make("p", { class: "acts" });
    if (!several) bar.append(button("SVG", () => save(named(figure) + "svg", svgText(shown()), "image/svg+xml")),
      button("PNG, 300 dpi", () => savePng(shown(), named(figure) + "png")));
    const data = all('script[type="application/json"]', figure).map((s) => JSON.parse(s.textContent));
    if (data.length === 1) bar.append(button("Data (TSV)", () => save(named(figure) + "tsv", tsv(curveRows(data[0])), "text/tab-separated-values")));
    if (bar.children.length) below(figure).append(bar);
  }
  for (const block of all(".table")) {
    const table = block.querySelector("table");
    if (table) below(block).append(make("p", { class: "acts" },
      button("Data (TSV)", () => save(named(block) + "tsv", tsv(tableRows(table)), "text/tab-separated-values"))));
  }

  // Values of curves at a month
  const valueAt = (group, month) => {
    let i = -1;
    while (i + 1 < group.e.length && group.e[i + 1] <= month) i += 1;
    const risk = group.t.findIndex((t) => t >= month);
    const known = i < 0 ? { s: 1, lo: 1, hi: 1 } : { s: group.s[i], lo: group.lo[i], hi: group.hi[i] };
    return { ...known, n: risk < 0 ? 0 : group.n[risk] };
  };
  const percent = (value) => value == null ? "–" : `${Math.round(100 * value)}%`;
  const tip = make("div", { id: "tip", role: "status", hidden: "" });
  document.body.append(tip);
  const follow = (svg, groups) => {
    const at = (name) => parseFloat(svg.dataset[name]);
    const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
    cursor.setAttribute("class", "cursor");
    svg.append(cursor);
    let month = 0;
    const show = (value, x, y) => {
      month = Math.min(Math.max(Math.round(value), 0), at("longest"));
      cursor.setAttribute("d", `M${at("left") + at("across") * month / at("longest")} ${at("top")}V${at("bottom")}`);
      tip.replaceChildren(make("b", {}, `${month} months`), ...groups.map((group) => {
        const v = valueAt(group, month);
        return make("div", { class: group.look }, make("b", {}, group.name),
          ` ${percent(v.s)} (95% CI ${percent(v.lo)} to ${percent(v.hi)}), ${v.n} at risk`);
      }));
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 4))}px`;
      tip.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - box.height - 4))}px`;
    };
    const hide = () => { tip.hidden = true; cursor.removeAttribute("d"); };
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
      const inside = x >= at("left") && x <= at("left") + at("across");
      if (inside) show((x - at("left")) / at("across") * at("longest"), event.clientX, event.clientY); else hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -month, End: at("longest") - month }[event.key];
      if (event.key === "Escape") hide();
      if (step === undefined) return;
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      show(month + step, box.left + box.width / 2, box.top + box.height / 3);
    });
  };
  for (const script of all('figure script[type="application/json"]')) {
    const groups = JSON.parse(script.textContent);
    for (const svg of all("svg.fig", script.parentElement)) follow(svg, groups);
  }

  // What is drawn: groups and bands of Figure 1, panels, rows of forests; nothing is estimated again
  const switches = (title, entries) => make("fieldset", { class: "switches" }, make("legend", {}, title), ...entries.map(([text, act]) => {
    const box = make("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => act(box.checked));
    return make("label", {}, box, ` ${text}`);
  }));
  const toggle = (elements) => (on) => elements.forEach((element) => { element.hidden = !on; element.style.display = on ? "" : "none"; });
  const first = document.querySelector(".first figure.km");
  if (first) {
    const groups = JSON.parse(first.querySelector("script").textContent);
    const entries = groups.length > 1 ? groups.map((g) => [g.name, toggle(all(`svg .${g.look}:not(text)`, first))]) : [];
    below(first).append(switches("Drawn", [...entries, ["95% CI", toggle(all("svg .band", first))]]));
  }
  for (const figure of all("figure.panels")) {
    const cards = all(".card", figure);
    const text = (card) => card.querySelector(".ct").innerText.split(/\n|, n =/).slice(0, 2).join(": ");
    if (cards.length > 1) figure.querySelector(".ft").after(switches("Drawn", cards.map((card) => [text(card), toggle([card])])));
  }
  const matrix = document.querySelector("#analyses table.forest");
  if (matrix) {
    let group = null;
    const parts = new Map();
    for (const row of all("tbody tr", matrix)) {
      if (row.matches(".grouped")) { group = row.innerText.trim(); parts.set(group, [row]); }
      else if (parts.has(group) && !row.matches(".primary")) parts.get(group).push(row);
    }
    const adjusted = all("tbody tr:not(.grouped):not(.primary)", matrix).filter((row) => /adjusted for/i.test(row.innerText));
    const entries = parts.size > 1 ? [...parts].map(([name, rows]) => [name, toggle(rows)]) : [];
    if (adjusted.length) entries.push(["Adjusted models", toggle(adjusted)]);
    if (entries.length) matrix.closest(".table").before(switches("Shown", entries));
  }

  // All genes of a screen
  for (const box of all(".genes")) genes(box);
  function genes(box) {
    const data = JSON.parse(box.querySelector("script.gene-data").textContent), perPage = 25;
    const column = (i) => data.rows.map((row) => row[i]);
    let order = data.rows.map((_, i) => i), page = 0, sorted = 3, down = false, found = order;
    const search = make("input", { type: "search", id: "gene-search", autocomplete: "off" });
    const body = make("tbody"), count = make("span", { role: "status" });
    const heads = ["Gene", "HR (95% CI)", "p", "q"].map((text, i) => {
      const key = [0, 1, 3, 4][i];
      const head = make("th", { scope: "col", class: i ? "n" : "" }, button(text, () => {
        down = sorted === key ? !down : false; sorted = key; draw(true);
      }, { class: "sort" }));
      head.dataset.key = key;
      return head;
    });
    const number = (v) => v == null ? "–" : v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2);
    const raised = (n) => String(n).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    const small = (p) => {
      if (p == null) return "–";
      if (p >= 0.001) return p > 0.99 ? ">0.99" : p.toFixed(p < 0.0995 ? 3 : 2);
      const [digits, power] = p.toExponential(1).split("e");
      return `${digits} × 10${raised(+power)}`;
    };
    const hr = (beta, se) => beta == null ? "–" : `${number(Math.exp(beta))} (${number(Math.exp(beta - 1.959964 * se))}–${number(Math.exp(beta + 1.959964 * se))})`;
    const svg = box.querySelector("svg.volcano");
    const marks = document.createElementNS("http://www.w3.org/2000/svg", "g");
    if (svg) svg.append(marks);
    const draw = (fresh) => {
      const words = search.value.toUpperCase().split(/[\s,;]+/).filter(Boolean);
      const names = column(0), values = column(sorted);
      if (fresh) {
        page = 0;
        found = order.filter((i) => !words.length || words.some((word) => names[i].toUpperCase().includes(word)));
        const rank = (v) => v == null ? Infinity : v;
        found = [...found].sort((a, b) => sorted === 0 ? names[a].localeCompare(names[b]) : rank(values[a]) - rank(values[b]));
        if (down) found.reverse();
      }
      const part = found.slice(page * perPage, (page + 1) * perPage);
      body.replaceChildren(...part.map((i) => {
        const [name, beta, se, p, q] = data.rows[i];
        const row = make("tr", data.markers.includes(name) ? { class: "primary" } : {}, make("th", { scope: "row" }, name));
        row.append(make("td", { class: "n" }, hr(beta, se)), make("td", { class: "n" }, small(p)), make("td", { class: "n" }, small(q)));
        return row;
      }));
      count.textContent = `${found.length.toLocaleString("en")} of ${data.rows.length.toLocaleString("en")} genes; ` +
        `${found.length ? page * perPage + 1 : 0} to ${Math.min((page + 1) * perPage, found.length)}`;
      for (const head of heads) head.toggleAttribute("aria-sort", false);
      const head = heads.find((h) => +h.dataset.key === sorted);
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      marks.replaceChildren(...(words.length && svg ? found.slice(0, 50).map(mark).filter(Boolean) : []));
    };
    const mark = (i) => {
      const [name, beta, , p] = data.rows[i], d = svg.dataset;
      if (beta == null || p == null) return null;
      const x = +d.left + +d.across * (Math.max(-d.limit, Math.min(d.limit, beta)) / d.limit + 1) / 2;
      const y = +d.bottom - (d.bottom - d.top) * Math.min(-Math.log10(p), d.highest) / d.highest;
      const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [key, value] of Object.entries({ cx: x, cy: y, r: 5, class: "hit" })) ring.setAttribute(key, value);
      ring.append(document.createElementNS("http://www.w3.org/2000/svg", "title"));
      ring.firstChild.textContent = name;
      return ring;
    };
    const turn = (by) => () => { page = Math.max(0, Math.min(page + by, Math.ceil(found.length / perPage) - 1)); draw(false); };
    const save_all = () => save("genes.tsv", tsv([["gene", "log_hr", "se", "p", "q"], ...data.rows]), "text/tab-separated-values");
    search.addEventListener("input", () => draw(true));
    const table = make("table", {}, make("caption", {}, "All genes of the screen"), make("thead", {}, make("tr", {}, ...heads)), body);
    box.append(make("div", { class: "gene-tools" }, make("label", { for: "gene-search" }, "Genes"), search, button("Previous", turn(-1)), button("Next", turn(1)), button("Data (TSV)", save_all), count),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "All genes of the screen" }, table));
    draw(true);
  }
})();
