"use strict";
(() => {
  const table = document.getElementById("table");
  const form = document.getElementById("controls");
  const count = document.getElementById("count");
  const body = table.tBodies[0];
  const columns = ["outcome", "severity", "check", "subject", "message", "due"];
  const ranks = {
    outcome: ["fail", "unknown", "exempt", "pass", "not-applicable"],
    severity: ["critical", "high", "medium", "low", "info"],
  };
  // Read once: looking at the page for every key that is pressed would be slow at ten thousand findings.
  const rows = Array.from(body.rows, (row, place) => {
    const text = (index) => row.cells[index].textContent;
    return {
      row, place,
      outcome: row.cells[0].firstElementChild.textContent,
      severity: text(1), check: text(2), subject: text(3), message: text(4), due: text(5),
      clock: row.dataset.clock, waived: row.dataset.waived, baseline: row.dataset.baseline,
      text: row.textContent.toLowerCase(),
    };
  });
  let sorted = { key: "", descending: false };

  const wanted = () => Object.fromEntries(Array.from(new FormData(form)).filter(([, value]) => value !== ""));

  const filter = () => {
    const { text, ...exact } = wanted();
    const words = (text || "").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of rows) {
      const fits = Object.entries(exact).every(([key, value]) => one[key] === value)
        && words.every((word) => one.text.includes(word));
      if (one.row.hidden === fits) one.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === rows.length ? `${shown} findings` : `${shown} of ${rows.length} findings`;
  };

  const keep = () => {
    const state = new URLSearchParams(wanted());
    if (sorted.key) state.set("sort", (sorted.descending ? "-" : "") + sorted.key);
    history.replaceState(null, "", "#" + (state.size ? "?" + state : ""));
  };

  const sort = (key, descending) => {
    sorted = { key, descending };
    const rank = ranks[key];
    const value = rank ? (one) => rank.indexOf(one[key]) : (one) => one[key];
    const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
    const all = rows.slice().sort((a, b) => (descending ? order(b, a) : order(a, b)) || a.place - b.place);
    const part = document.createDocumentFragment();
    part.append(...all.map((one) => one.row));
    body.append(part);
    for (const head of table.tHead.rows[0].cells) {
      if (head.dataset.key === key) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filter(); keep(); }, 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { filter(); keep(); }));
  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!head) return;
    sort(head.dataset.key, sorted.key === head.dataset.key && !sorted.descending);
    keep();
  });

  // A link to a finding opens it, whatever hides it.
  const open = () => {
    if (!location.hash.startsWith("#f-")) return;
    const row = document.getElementById(location.hash.slice(1));
    if (!row) return;
    row.hidden = false;
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", open);

  // Paper shows everything; afterwards the page is as it was.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = opened.concat(Array.from(document.querySelectorAll("details:not([open])")));
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
  });

  if (location.hash.startsWith("#?")) {
    const state = new URLSearchParams(location.hash.slice(2));
    for (const [key, value] of state) {
      const field = form.elements.namedItem(key);
      if (field) field.value = value;
    }
    const key = (state.get("sort") || "").replace(/^-/, "");
    if (columns.includes(key)) sort(key, state.get("sort").startsWith("-"));
  }
  document.body.classList.add("scripted");
  filter();
  open();
})();
