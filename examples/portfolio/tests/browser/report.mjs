// Opens HTML reports in Chromium, and holds what they show against the other reports of the same run.
//
//   node report.mjs PROGRAM [FOLDER]
//
// PROGRAM is a build of `portfolio`; pictures go to FOLDER, or to a temporary one. Needs playwright-core beside this file
// (`npm install`), and Chromium: /usr/bin/chromium, or what the variable CHROMIUM names.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [program, folder] = process.argv.slice(2);
const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

const giveUp = (why) => {
  console.error(`error: ${why}`);
  process.exit(1);
};
if (!program || !existsSync(program)) giveUp("expected the path of a build of `portfolio` as the first argument");
if (!existsSync(chromiumPath)) giveUp(`there is no Chromium at ${chromiumPath}; the variable CHROMIUM can name another place`);
const { chromium } = await import("playwright-core").catch(() =>
  giveUp("playwright-core cannot be found beside this file: run `npm install` there"));

const work = mkdtempSync(join(tmpdir(), "portfolio-report-"));
const pictures = folder ? resolve(folder) : join(work, "pictures");
mkdirSync(pictures, { recursive: true });

// Checks

let passed = 0;
let failed = 0;
const check = async (what, run) => {
  try {
    const more = await run();
    passed += 1;
    console.log(`ok    ${what}${more ? `: ${more}` : ""}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${what}\n      ${String(error?.message ?? error).replaceAll("\n", "\n      ")}`);
  }
};

// Reports

const actions = ["request_relationship", "recreate_and_cancel", "switch", "wait_until_term_end", "cancel_then_move"];
const verdicts = ["allowed", "conditional", "denied", "not_covered", "undetermined"];
const facts = ["channel", "service", "cloud", "partner", "relationship", "customer", "market", "term", "auto_renew", "status", "transfer"];
const letters = { allowed: "a", conditional: "c", denied: "d", not_covered: "n", undetermined: "u" };
// Names of the policy are written for people, as the program does.
const words = (word) => word.replaceAll("_", " ")
  .replace(/\b(csp|us)\b/g, (name) => name.toUpperCase())
  .replace(/\b(azure|germany|china)\b/g, (name) => name[0].toUpperCase() + name.slice(1));

// The cells of a CSV file, row by row, by the names of their columns.
const readCsv = (path) => {
  const rows = [[""]];
  let quoted = false;
  const text = readFileSync(path, "utf8");
  for (let at = 0; at < text.length; at += 1) {
    const row = rows.at(-1);
    if (quoted && text[at] === '"' && text[at + 1] === '"') row[row.length - 1] += text[++at];
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text[at] === ",") row.push("");
    else if (!quoted && text[at] === "\n") rows.push([""]);
    else row[row.length - 1] += text[at];
  }
  const [names, ...cells] = rows.filter((row) => row.length > 1);
  // What begins like a formula has an apostrophe before it, and control characters are escaped.
  const plain = (cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, "").replaceAll("\\r", "\r")
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)));
  return cells.map((row) => Object.fromEntries(names.map((name, at) => [name, plain(row[at])])));
};

// Runs the program; what it decided and refused, with the page, in the page's order.
const report = (name, ...args) => {
  const path = (kind) => join(work, `${name}.${kind}`);
  const outputs = ["html", "jsonl", "csv"].flatMap((kind) => ["--output", path(kind)]);
  const run = spawnSync(program, ["--as-of", "2026-11-24", ...outputs, ...args], { encoding: "utf8" });
  assert.ok(run.status === 0 || run.status === 1, `${program} ended with ${run.status ?? run.error}: ${run.stderr}`);
  const records = readFileSync(path("jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const decisions = records.filter((record) => record.verdicts);
  const cells = readCsv(path("csv")).filter((row) => !row.error);
  assert.equal(cells.length, decisions.length);
  const rows = decisions.map((decision, at) => ({
    id: decision.id,
    name: cells[at].name || decision.id,
    customer: cells[at].customer_name,
    verdicts: decision.verdicts,
    facts: Object.fromEntries(facts.map((fact) => [fact, words(cells[at][fact]).replaceAll(", ", " or ")])),
    endsOn: cells[at].ends_on,
  }));
  // By customer, in the order of their names' bytes.
  const bytes = (row) => Buffer.from(row.customer);
  rows.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  return { html: path("html"), rows, refused: records.filter((record) => record.error) };
};

// Generated input

const write = (name, text) => {
  const path = join(work, name);
  writeFileSync(path, text);
  return path;
};

const hostile = [
  "<script>window.ran = 1</script>",
  "</script><script>window.ran = 1</script>",
  "</style><script>window.ran = 1</script>",
  '<img src="x" onerror="window.ran = 1">',
  "</summary></details></th></tr></tbody></table><h1>out</h1>",
  "<!-- <b>never closed",
  "\"quotes\" 'apostrophes' `backticks`",
  '" onmouseover="window.ran = 1',
  "&lt;b&gt; &amp;amp; &#60;i&#62;",
  "{{ 7 * 7 }} ${7 * 7} {% if true %}",
  "=HYPERLINK(\"https://example.org\")",
  "👩‍👩‍👧‍👦 ⛷️ 🇨🇭 emoji",
  "right to left, overridden: \u202Egpj.exe",
  "an isolate that closes another: \u2069\u2069 and \u2066 opens one",
  "מנוי ראשי",
  "الاشتراك الرئيسي (2026)",
  `long ${"word".repeat(500)}`,
  `many words ${"and more ".repeat(300)}.`,
  "control \u0000\u0007\u0008\u001b[31m\u007f\u0085 characters",
  "two\r\nlines and a\ttab",
];
// As the page shows it: control characters as their pictures.
const shown = (text) =>
  text.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replaceAll("\u007f", "\u2421").replace(/[\u0080-\u009f]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);

const hostileReport = () => {
  const customer = (at) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
  const subscriptions = hostile.map((name, at) => ({
    id: `${at} ${name}`,
    friendlyName: name,
    offerId: "CFQ7TTC0LCHC:0002:CFQ7TTC0K9WX",
    billingType: "license",
    status: name,
    creationDate: "2026-11-20T09:00:00Z",
    effectiveStartDate: "2026-11-20T09:00:00Z",
    commitmentEndDate: "2027-11-19T00:00:00Z",
    links: { self: { uri: `/customers/${customer(at)}/subscriptions/${at}` } },
  }));
  const customers = hostile.map((name, at) => ({ id: customer(at), companyProfile: { companyName: name } }));
  const refused = hostile.map((name) => JSON.stringify({ id: name, channel: name })).join("\n");
  return report("hostile",
    "--customers", write("hostile-customers.json", JSON.stringify({ items: customers })),
    write("hostile-subscriptions.json", JSON.stringify({ items: subscriptions })),
    write("hostile-refused.jsonl", refused));
};

const largeReport = () => {
  let state = 1;
  const random = (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  const one = (...of) => of[random(of.length)];
  const customers = Array.from({ length: 200 }, (_, at) => ({
    id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    companyProfile: { companyName: `Customer ${String(at).padStart(3, "0")} & Sons` },
    relationshipToPartner: one("reseller", "none"),
  }));
  const offers = [
    { offerId: "CFQ7TTC0LCHC:0002:CFQ7TTC0K9WX", billingType: "license", productType: { id: "OnlineServicesNCE" } },
    { offerId: "91fd106f-4b2c-4938-95ac-f54f74e9a239", billingType: "license" },
    { offerId: "MS-AZR-0145P", billingType: "usage" },
    { offerId: "DZH318Z0BPS6:0001:DZH318Z0BMJX", billingType: "usage" },
    { offerId: "DZH318Z08XYZ:0001:DZH318Z08XYZ", billingType: "license", productType: { id: "AzureReservation" } },
    { offerId: "DG7GMGF0XYZA:0001:DG7GMGF0XYZA", billingType: "license", productType: { id: "Software" } },
  ];
  const subscriptions = Array.from({ length: 10_000 }, (_, at) => {
    const day = `2026-${String(1 + random(11)).padStart(2, "0")}-${String(1 + random(23)).padStart(2, "0")}`;
    return {
      id: `10000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      friendlyName: `Microsoft 365 Business Premium, office ${at}`,
      ...one(...offers),
      status: one("active", "active", "suspended", "deleted"),
      autoRenewEnabled: one(true, false),
      creationDate: `${day}T09:14:22.4981230Z`,
      effectiveStartDate: `${day}T09:14:22.4981230Z`,
      commitmentEndDate: `2027-${day.slice(5)}T00:00:00Z`,
      links: { self: { uri: `/customers/${one(...customers).id}/subscriptions/${at}` } },
    };
  });
  const channels = ["direct", "advisor", "open", "enterprise_agreement", "other_csp_partner", "former_csp_partner", ""];
  const supplied = subscriptions.map(({ id }) =>
    [id, one(...channels), one("direct_bill", "indirect_reseller", ""), one("end_customer", ""), one("same", "other", "")].join());
  return report("large",
    "--customers", write("large-customers.json", JSON.stringify({ items: customers })),
    "--facts", write("large-facts.csv", ["id,channel,partner,customer,market", ...supplied].join("\n")),
    write("large-subscriptions.json", JSON.stringify({ items: subscriptions })));
};

// Pages

const launch = (...args) => chromium.launch({
  executablePath: chromiumPath,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", ...args,
  ],
});
const browser = await launch().catch((error) => giveUp(`Chromium does not start: ${error.message}`));

// Opens a report, runs, and asserts that the page loaded nothing else and complained of nothing.
const onPage = async ({ html }, options, run) => {
  const context = await (options.browser ?? browser).newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? "light",
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  });
  const page = await context.newPage();
  const url = pathToFileURL(html).href;
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) wrong.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  try {
    await page.goto(url);
    const result = await run(page);
    assert.deepEqual(wrong, []);
    return result;
  } finally {
    await context.close();
  }
};

// The rows in sight, by id.
const visible = (page) => page.evaluate(() =>
  Array.from(document.querySelectorAll("#subscriptions tr[data-v]")).filter((row) => row.checkVisibility())
    .map((row) => row.querySelector("th code").textContent));
const count = (page) => page.locator("output").textContent();
const fill = (page, field, value) => page.locator(`form [name=${field}]`).fill(value);
const choose = (page, field, label) => page.locator(`form [name=${field}]`).selectOption({ label });

// Whether a subscription has all words of a text, in what the other reports tell of it.
const hasWords = (row, text) => {
  const told = [row.id, row.name, row.customer, ...Object.values(row.facts)].join("\n").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => told.includes(word));
};

const assertRows = async (page, { rows }, fits, what) => {
  const expected = rows.filter(fits).map((row) => shown(row.id));
  assert.deepEqual(await visible(page), expected, what);
  const number = (of) => of.toLocaleString("en");
  assert.equal(await count(page), `${number(expected.length)} of ${number(rows.length)} subscriptions`, what);
  return expected.length;
};

// Runs in the page: what a list of reasons says.
const readReasons = (list) => {
  const said = {};
  let term;
  for (const part of list.children) {
    if (part.localName === "dt") said[(term = part.textContent)] = [];
    else said[term].push(part);
  }
  const ids = (name) => (said[name] ?? []).map((part) => part.querySelector("code")?.textContent).filter(Boolean);
  const words = (name) => said[name]?.[0].textContent.split(", ") ?? [];
  return {
    rules: ids("because"),
    silent: said.because?.[0].textContent === "the documents are silent",
    requirements: (said.requires ?? []).map((part) => part.querySelector("b").textContent),
    advice: ids("know"),
    possible: words("possible"),
    depends_on: words("turns on"),
  };
};
const expectedReasons = ({ verdict, rules = [], requirements = [], advice = [], possible = [], depends_on = [] }) => ({
  rules,
  silent: verdict === "not_covered" && rules.length === 0,
  requirements: requirements.map(words),
  advice,
  possible: possible.map(words),
  depends_on: depends_on.map(words),
});

// Runs in the page: the least contrast of a text with what is behind it, and where.
const leastContrast = () => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const part = at.localName === "details" && at !== element ? "::details-content" : undefined;
      for (const style of [part && getComputedStyle(at, part), getComputedStyle(at)]) {
        const color = style && rgba(style.backgroundColor);
        if (color && color[3] === 255) return color;
      }
    }
    return rgba("white");
  };
  const least = { ratio: Infinity };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, option, .fills, svg title, svg desc")) continue;
    const style = getComputedStyle(element);
    const background = behind(element);
    const color = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const key = `${color} on ${background}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const [light, dark] = [luminance(rgba(color)), luminance(background)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least.ratio) Object.assign(least, { ratio, text: texts.currentNode.data.trim().slice(0, 40), key });
  }
  return { ...least, pairs: seen.size };
};

// Opens all details of the first rows.
const openSome = (page, rows) => page.evaluate((most) => {
  const some = Array.from(document.querySelectorAll("#subscriptions tr[data-v]")).slice(0, most);
  for (const details of some.flatMap((row) => Array.from(row.querySelectorAll("details")))) details.open = true;
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
}, rows);

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The sample

const sample = report("sample");

await check("sample: opens without a complaint, and asks for nothing but itself", () => onPage(sample, {}, async (page) => {
  await page.waitForTimeout(300);
  return `${Math.round(statSync(sample.html).size / 1024)} KiB`;
}));

await check("sample: all subscriptions stand under their customers", () => onPage(sample, {}, async (page) => {
  const found = await page.evaluate(() => Array.from(document.querySelectorAll("#subscriptions tbody"), (body) => {
    const customer = body.querySelector("[scope=rowgroup] bdi").textContent;
    return Array.from(body.querySelectorAll("tr[data-v]"), (row) => ({
      id: row.querySelector("th code").textContent,
      name: row.querySelector("th bdi").textContent,
      customer,
      verdicts: Array.from(row.querySelectorAll("td summary"), (summary) => summary.textContent),
      letters: row.dataset.v,
    }));
  }).flat());
  assert.deepEqual(found, sample.rows.map(({ id, name, customer, verdicts }) => ({
    id,
    name,
    customer,
    verdicts: actions.map((action) => words(verdicts[action].verdict)),
    letters: actions.map((action) => letters[verdicts[action].verdict]).join(""),
  })));
  return `${found.length} subscriptions`;
}));

await check("sample: the numbers are those of the decisions", () => onPage(sample, {}, async (page) => {
  const number = (text) => Number(text.replaceAll(",", ""));
  const table = await page.locator(".bars tbody tr").evaluateAll((rows) =>
    rows.map((row) => Array.from(row.querySelectorAll(".number"), (cell) => cell.textContent)));
  const having = (action, verdict) => sample.rows.filter((row) => row.verdicts[action].verdict === verdict).length;
  assert.deepEqual(table.map((row) => row.map(number)), actions.map((action) => verdicts.map((verdict) => having(action, verdict))));

  // As wide as the numbers say.
  const widths = await page.locator(".bars svg").evaluateAll((bars) => bars.map((bar) =>
    Array.from(bar.querySelectorAll("rect"), (part) => [part.getAttribute("class"), parseFloat(part.getAttribute("width"))])));
  for (const [at, action] of actions.entries()) {
    const expected = verdicts.filter((verdict) => having(action, verdict))
      .map((verdict) => [letters[verdict], having(action, verdict) / sample.rows.length * 100]);
    assert.deepEqual(widths[at].map(([letter]) => letter), expected.map(([letter]) => letter));
    expected.forEach(([, width], part) => assert.ok(Math.abs(widths[at][part][1] - width) < 0.01));
  }

  const best = (row) => ["allowed", "conditional", "undetermined"].findIndex((verdict) =>
    actions.some((action) => row.verdicts[action].verdict === verdict));
  const ways = await page.locator(".ways .count").evaluateAll((counts) => counts.map((one) => parseInt(one.textContent, 10)));
  assert.deepEqual(ways, [0, 1, 2, -1].map((way) => sample.rows.filter((row) => best(row) === way).length));

  const months = await page.locator(".timeline tbody tr").evaluateAll((rows) =>
    rows.map((row) => [row.children[0].textContent, Number(row.children[2].textContent)]));
  const ending = (month) =>
    sample.rows.filter(({ endsOn, facts }) => endsOn >= "2026-11-24" && endsOn.startsWith(month) && facts.term !== "none").length;
  assert.equal(months.length, 12);
  assert.deepEqual(months, months.map(([month]) => [month, ending(month)]));
  assert.equal(months[0][0], "2026-11");
}));

await check("sample: the text filter gives the rows that have all words", () => onPage(sample, {}, async (page) => {
  const { id, customer, name } = sample.rows[3];
  const queries = [
    id.slice(0, 8), id.toUpperCase(), customer, customer.toUpperCase(), name, "enterprise agreement", "AZURE reservation", "syndication partner",
    ` ${customer.split(" ")[0]}   marketplace `, "no such text",
  ];
  const told = [];
  for (const query of queries) {
    await fill(page, "text", query);
    told.push(await assertRows(page, sample, (row) => hasWords(row, query), query));
  }
  assert.ok(told.slice(0, -1).every((rows) => rows > 0), String(told));
  assert.equal(told.at(-1), 0);
  assert.equal(await page.locator("#subscriptions tbody:visible").count(), 0, "customers without rows are hidden");
  await fill(page, "text", "");
  await assertRows(page, sample, () => true, "emptied");
  return `${queries.length} texts`;
}));

await check("sample: the text filter finds origins and dates too", () => onPage(sample, {}, async (page) => {
  await fill(page, "text", "supplied");
  assert.notEqual((await visible(page)).length, 0);
  const { id, endsOn } = sample.rows.find((row) => row.endsOn > "2026-12" && row.facts.term !== "none");
  await fill(page, "text", endsOn);
  assert.ok((await visible(page)).includes(id));
}));

await check("sample: the customer filter gives the customer's rows", () => onPage(sample, {}, async (page) => {
  const options = await page.locator("form [name=customer] option").allTextContents();
  const customers = [...new Set(sample.rows.map((row) => row.customer))];
  assert.deepEqual(options, ["any", ...customers]);
  for (const customer of customers) {
    await choose(page, "customer", customer);
    await assertRows(page, sample, (row) => row.customer === customer, customer);
  }
  return `${customers.length} customers`;
}));

await check("sample: the filter by action and verdict gives the rows that have it", () => onPage(sample, {}, async (page) => {
  for (const action of ["any", ...actions]) {
    await choose(page, "action", words(action));
    for (const verdict of ["any", ...verdicts]) {
      await choose(page, "verdict", words(verdict));
      const fits = (row) => verdict === "any" ||
        actions.some((of) => (action === "any" || action === of) && row.verdicts[of].verdict === verdict);
      await assertRows(page, sample, fits, `${action}: ${verdict}`);
    }
  }
  return `${(actions.length + 1) * (verdicts.length + 1)} pairs`;
}));

await check("sample: filters add up, Enter sends nothing, and reset brings all back", () => onPage(sample, {}, async (page) => {
  const { customer } = sample.rows[0];
  await choose(page, "customer", customer);
  await choose(page, "action", "switch");
  await choose(page, "verdict", "denied");
  await fill(page, "text", "license");
  const fits = (row) => row.customer === customer && row.verdicts.switch.verdict === "denied" &&
    hasWords(row, "license");
  const some = await assertRows(page, sample, fits, "all together");
  assert.ok(some > 0 && some < sample.rows.length);
  await page.locator("form [name=text]").press("Enter");
  await assertRows(page, sample, fits, "after Enter");
  await page.getByRole("button", { name: "Reset" }).click();
  await page.waitForTimeout(50);
  await assertRows(page, sample, () => true, "after reset");
  assert.equal(await page.locator("form [name=text]").inputValue(), "");
  assert.equal(await page.locator("output").getAttribute("aria-live"), "polite");
}));

await check("sample: every verdict opens by keyboard to its rules, every subscription to its facts", () => onPage(sample, {}, async (page) => {
  await page.getByRole("button", { name: "Reset" }).focus();
  const key = (at) => (at % 2 ? "Enter" : "Space");
  let pressed = 0;
  for (const row of sample.rows) {
    await page.keyboard.press("Tab");
    const summary = page.locator("summary:focus");
    assert.equal(await summary.count(), 1, `Tab leads to the facts of ${row.id}`);
    assert.ok(await summary.evaluate((focused) => parseFloat(getComputedStyle(focused).outlineWidth) > 0), "focus is in sight");
    await page.keyboard.press(key(pressed++));
    const told = await summary.evaluate((focused) => {
      const { parentElement: details } = focused;
      const list = details.querySelector("dl");
      const of = (dt) => ({
        fact: dt.textContent,
        value: dt.nextElementSibling.firstChild.nodeType === Node.TEXT_NODE ? dt.nextElementSibling.firstChild.data.trim() : "",
        origin: dt.nextElementSibling.querySelector("i").textContent,
        inSight: dt.nextElementSibling.querySelector("i").getBoundingClientRect().height > 10,
      });
      return { id: focused.closest("tr").querySelector("code").textContent, facts: Array.from(list.querySelectorAll("dt"), of) };
    });
    assert.equal(told.id, row.id);
    assert.deepEqual(told.facts.map(({ fact, value }) => [fact, value]), facts.map((fact) => [words(fact), row.facts[fact]]), row.id);
    for (const { origin, inSight } of told.facts) assert.ok(origin && inSight, `${row.id}: ${origin} is in sight`);
    if (row.endsOn > "2026-11-24" && row.facts.term !== "none") {
      assert.ok((await summary.locator("..").textContent()).includes(`term ends ${row.endsOn}`), row.id);
    }

    for (const action of actions) {
      await page.keyboard.press("Tab");
      await page.keyboard.press(key(pressed++));
      await page.waitForFunction(() => document.activeElement.parentElement.querySelector("dl"));
      const opened = await page.evaluate(() => {
        const details = document.activeElement.parentElement;
        return {
          id: details.closest("tr").querySelector("code").textContent,
          column: details.closest("td").cellIndex - 1,
          inSight: details.querySelector("dl").getBoundingClientRect().height > 10,
          heading: details.querySelector("p").textContent.toLowerCase(),
        };
      });
      const { id, verdicts: { [action]: expected } } = row;
      const heading = `${words(action)}: ${words(expected.verdict)}`;
      assert.deepEqual(opened, { id, column: actions.indexOf(action), inSight: true, heading });
      const reasons = await page.locator("details:has(> summary:focus) > dl").evaluate(readReasons);
      assert.deepEqual(reasons, expectedReasons(expected), `${id}: ${action}`);
    }
  }
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.open), false, "the same key closes");
  return `${pressed} keys pressed`;
}));

await check("sample: without JavaScript there are all rows, and each verdict leads to its rules", () =>
  onPage(sample, { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator("form").isVisible(), false, "no controls that do nothing");
    assert.deepEqual(await visible(page), sample.rows.map((row) => row.id));
    const entries = new Map();
    for (const entry of await page.locator("article").all()) {
      const heading = (await entry.locator("h4 b").textContent()).toLowerCase();
      entries.set(await entry.getAttribute("id"), { heading, ...await entry.locator("dl").evaluate(readReasons) });
    }
    const links = await page.locator("#subscriptions td a").evaluateAll((all) => all.map((link) => [link.hash.slice(1), link.textContent]));
    const expected = sample.rows.flatMap(({ verdicts }) => actions.map((action) =>
      ({ heading: `${words(action)}: ${words(verdicts[action].verdict)}`, ...expectedReasons(verdicts[action]) })));
    assert.deepEqual(links.map(([id]) => entries.get(id)), expected);
    for (const [id, text] of links) assert.equal(text, id.replace("-", " "));
    await page.locator("#subscriptions td summary").first().click();
    await page.locator("#subscriptions td a").first().click();
    assert.equal(await page.locator("article:target").count(), 1);
    return `${links.length} links`;
  }));

await check("sample: reasons count the subscriptions that have them", () => onPage(sample, {}, async (page) => {
  const told = await page.locator("article").evaluateAll((entries) =>
    entries.map((entry) => [entry.id, parseInt(entry.querySelector("h4 small").textContent, 10)]));
  const links = await page.locator("#subscriptions td a").evaluateAll((all) => all.map((link) => link.hash.slice(1)));
  assert.deepEqual(told, told.map(([id]) => [id, links.filter((link) => link === id).length]));
  return `${told.length} entries for ${links.length} verdicts`;
}));

// All reports: accessibility, colours, widths, print

const hostileNames = hostileReport();

for (const [name, of] of [["sample", sample], ["hostile names", hostileNames]]) {
  for (const width of [1280, 1000, 768, 390]) {
    await check(`${name}: nothing overflows at ${width} pixels, closed or open`, () => onPage(of, { width }, async (page) => {
      assert.equal(await overflow(page), 0, "closed");
      await openSome(page, 40);
      await page.setViewportSize({ width, height: 20_000 });
      assert.equal(await overflow(page), 0, "open");
      // Text ends where its cell does.
      const clipped = await page.evaluate(() => Array.from(document.querySelectorAll("main *"))
        .filter((element) => element.checkVisibility() && !element.closest("svg, select, thead") && element.getBoundingClientRect().right > innerWidth)
        .map((element) => element.outerHTML.slice(0, 80)));
      assert.deepEqual(clipped, []);
    }));
  }

  await check(`${name}: labels, headings, tables, pictures and ids are in order`, () => onPage(of, {}, async (page) => {
    await openSome(page, 40);
    const found = await page.evaluate(() => {
      const all = (selector) => Array.from(document.querySelectorAll(selector));
      const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.localName[1]));
      const ids = all("[id]").map((element) => element.id);
      const named = (element) => {
        const by = element.getAttribute("aria-labelledby");
        return Boolean(element.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent.trim()));
      };
      return {
        language: document.documentElement.lang,
        title: document.title !== "",
        unlabelled: all("input, select, textarea").filter((control) => !control.labels.length && !named(control)).length,
        namelessButtons: all("button, summary, a").filter((control) => !control.textContent.trim()).length,
        firstLevels: levels.filter((level) => level === 1).length,
        skipped: levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1).length,
        empty: all("h1, h2, h3, h4").filter((heading) => !heading.textContent.trim()).length,
        unscoped: all("th:not([scope])").length,
        headless: all("table").filter((table) => !table.querySelector("thead th[scope=col]")).length,
        captionless: all("table").filter((table) => !table.caption?.textContent.trim() && !named(table)).length,
        namelessPictures: all("[role=img]").filter((picture) => !picture.querySelector(":scope > title")?.textContent.trim() && !named(picture)).length,
        undescribed: all("[role=img]").filter((picture) => !picture.querySelector(":scope > desc")?.textContent.trim()).length,
        pictures: all("[role=img]").length,
        otherPictures: all("svg").filter((picture) => !picture.closest("[role=img], [aria-hidden=true]")).length,
        repeated: ids.filter((id, at) => ids.indexOf(id) !== at),
        dangling: all("a[href]").filter((link) => !link.hash || !document.getElementById(link.hash.slice(1))).length,
        landmarks: ["header", "nav", "main"].map((landmark) => all(`body > ${landmark}, header > ${landmark}`).length),
        handlers: all("*").filter((element) => element.getAttributeNames().some((attribute) => attribute.startsWith("on"))).length,
        linked: all("img, iframe, object, embed, link:not([href='data:,']), script[src]").length,
      };
    });
    assert.deepEqual(found, {
      language: "en", title: true, unlabelled: 0, namelessButtons: 0, firstLevels: 1, skipped: 0, empty: 0, unscoped: 0, headless: 0,
      captionless: 0, namelessPictures: 0, undescribed: 0, pictures: 6, otherPictures: 0, repeated: [], dangling: 0,
      landmarks: [1, 1, 1], handlers: 0, linked: 0,
    });
  }));

  for (const colorScheme of ["light", "dark"]) {
    await check(`${name}: text has a contrast of 4.5 and more, ${colorScheme}`, () => onPage(of, { colorScheme, height: 12_000 }, async (page) => {
      await openSome(page, 40);
      const { ratio, text, key, pairs } = await page.evaluate(leastContrast);
      assert.ok(pairs >= 5, `${pairs} pairs of colours were seen, expected text, muted text and links, on paper and on panels`);
      assert.ok(ratio >= 4.5, `${ratio.toFixed(2)}: "${text}", ${key}`);
      return `${pairs} pairs of colours, the least ${ratio.toFixed(2)}`;
    }));
  }

  await check(`${name}: prints without controls, with the numbers of reasons and the reasons`, () => onPage(of, { width: 688, colorScheme: "dark" }, async (page) => {
    await openSome(page, 2);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await page.locator("form").isVisible(), false);
    assert.equal(await page.locator("nav").isVisible(), false);
    const inSight = await page.evaluate(() => ({
      links: Array.from(document.querySelectorAll("#subscriptions td a")).filter((link) => link.getBoundingClientRect().height > 0).length,
      facts: Array.from(document.querySelectorAll("#subscriptions th dd")).every((fact) => fact.getBoundingClientRect().height > 0),
      clones: Array.from(document.querySelectorAll("#subscriptions td dl")).filter((list) => list.getBoundingClientRect().height > 0).length,
      reasons: Array.from(document.querySelectorAll("article dl")).every((list) => list.getBoundingClientRect().height > 10),
      paper: getComputedStyle(document.body).color,
    }));
    assert.deepEqual(inSight, { links: of.rows.length * actions.length, facts: true, clones: 0, reasons: true, paper: "rgb(30, 34, 38)" });
    assert.equal(await overflow(page), 0);
    const pdf = await page.pdf({ format: "A4", printBackground: false, preferCSSPageSize: true, path: join(pictures, `${name.replace(" ", "-")}.pdf`) });
    return `${Math.round(pdf.length / 1024)} KiB of PDF`;
  }));
}

await check("sample: the first Tab skips to the subscriptions", () => onPage(sample, {}, async (page) => {
  await page.keyboard.press("Tab");
  const skip = page.locator("a.skip:focus");
  assert.equal(await skip.count(), 1);
  assert.ok((await skip.boundingBox()).x >= 0, "it is in sight");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "subscriptions");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.name), "text");
}));

await check("sample: a screen reader finds rows, headers and cells, at every width", async () => {
  // Rows out of sight are in the tree of a reader that is there.
  const reader = await launch("--force-renderer-accessibility");
  try {
    for (const width of [1280, 390]) {
      await onPage(sample, { browser: reader, width }, async (page) => {
        const session = await page.context().newCDPSession(page);
        const { nodes } = await session.send("Accessibility.getFullAXTree");
        const byId = new Map(nodes.map((node) => [node.nodeId, node]));
        const table = nodes.find((node) => node.role?.value === "table" && node.name?.value === "Subscriptions");
        const roles = {};
        const walk = (node) => {
          if (!node.ignored) roles[node.role.value] = (roles[node.role.value] ?? 0) + 1;
          node.childIds.forEach((id) => byId.has(id) && walk(byId.get(id)));
        };
        walk(table);
        const customers = new Set(sample.rows.map((row) => row.customer)).size;
        const all = sample.rows.length;
        const { row, rowheader, columnheader, cell, DisclosureTriangle: summaries } = roles;
        assert.deepEqual({ row, rowheader, columnheader, cell, summaries }, {
          row: 1 + customers + all,
          rowheader: customers + all,
          columnheader: 1 + actions.length,
          cell: all * actions.length,
          summaries: all * (1 + actions.length),
        });
      });
    }
  } finally {
    await reader.close();
  }
});

// Hostile names

await check("hostile names: they appear as text, and nothing of them runs", () => onPage(hostileNames, {}, async (page) => {
  await openSome(page, 40);
  const found = await page.evaluate(() => {
    const texts = (selector) => Array.from(document.querySelectorAll(selector), (element) => element.textContent);
    return {
      names: texts("#subscriptions tr[data-v] bdi"),
      ids: texts("#subscriptions tr[data-v] th > div > code"),
      customers: texts("#subscriptions [scope=rowgroup] bdi"),
      options: texts("form [name=customer] option"),
      next: texts(".next th bdi"),
      refused: texts("#refused th code"),
      errors: texts("#refused td:last-child"),
      noticed: texts("#subscriptions th dl + dl").join("\n"),
      ran: window.ran,
      title: document.title,
      scripts: document.scripts.length,
      styles: document.querySelectorAll("style").length,
      bold: document.querySelectorAll("bdi b, bdi i, bdi script, bdi img, h1 ~ h1").length,
    };
  });
  const byCustomer = hostileNames.rows;
  assert.deepEqual(found.names, byCustomer.map((row) => shown(row.name)));
  assert.deepEqual([...found.names].sort(), hostile.map(shown).sort());
  assert.deepEqual(found.ids, byCustomer.map((row) => shown(row.id)));
  assert.deepEqual(found.customers, byCustomer.map((row) => shown(row.customer)));
  assert.deepEqual(found.options, ["any", ...found.customers]);
  assert.ok(found.next.every((name) => found.names.includes(name)));
  assert.deepEqual(found.refused, hostileNames.refused.map((refused) => shown(refused.id)));
  assert.deepEqual(found.errors, hostileNames.refused.map((refused) => shown(refused.error).replaceAll("`", "")));
  assert.ok(found.noticed.includes("which is not documented"));
  assert.deepEqual([found.ran, found.title, found.scripts, found.styles, found.bold], [undefined, "Portfolio as of 2026-11-24 00:00 UTC", 1, 1, 0]);
  return `${hostile.length} names, ${found.errors.length} errors`;
}));

await check("hostile names: they can be looked for and chosen", () => onPage(hostileNames, {}, async (page) => {
  for (const [at, row] of hostileNames.rows.entries()) {
    await page.locator("form [name=customer]").selectOption({ index: at + 1 });
    await assertRows(page, hostileNames, (other) => other === row, row.name);
  }
  await page.locator("form [name=customer]").selectOption({ index: 0 });
  await fill(page, "text", "<script>window.ran");
  await assertRows(page, hostileNames, (row) => row.name.includes("<script>window.ran"), "<script>");
}));

await check("hostile names: a name cannot turn the text beside it", () => onPage(hostileNames, {}, async (page) => {
  // Each is alone in a block or isolated, and ends at its end.
  const loose = await page.locator("bdi").evaluateAll((names) => names.filter((name) => {
    const { display, unicodeBidi } = getComputedStyle(name);
    return display !== "block" && unicodeBidi !== "isolate";
  }).length);
  assert.equal(loose, 0);
}));

// Ten thousand rows

await check("10,000 rows: opens, filters and opens reasons in time", async () => {
  const large = largeReport();
  const size = statSync(large.html).size;
  assert.equal(large.rows.length, 10_000);
  assert.ok(size < 15e6, `${size} bytes`);
  const began = performance.now();
  return onPage(large, {}, async (page) => {
    const load = performance.now() - began;
    // Sets a field, and waits for the next frame: of the script alone, and until all is shown.
    const filter = (field, value) => page.evaluate(async ([field, value]) => {
      const form = document.querySelector("form");
      form.elements[field].value = value;
      const began = performance.now();
      form.elements[field].dispatchEvent(new Event("input", { bubbles: true }));
      const script = performance.now() - began;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      return { script, shown: performance.now() - began };
    }, [field, value]);
    const focusing = performance.now();
    await page.locator("form [name=text]").focus();
    const focus = performance.now() - focusing;
    const times = [];
    const step = async (field, value, fits) => {
      times.push(await filter(field, value));
      const expected = large.rows.filter(fits).length;
      assert.equal(await count(page), `${expected.toLocaleString("en")} of 10,000 subscriptions`, `${field}: ${value}`);
    };
    for (const text of ["office 77", "enterprise agreement"]) await step("text", text, (row) => hasWords(row, text));
    await step("text", "", () => true);
    await step("action", "4", () => true);
    await step("verdict", "a", (row) => row.verdicts.cancel_then_move.verdict === "allowed");
    await step("action", "", (row) => actions.some((action) => row.verdicts[action].verdict === "allowed"));
    await step("verdict", "", () => true);
    await step("customer", "17", (row) => row.customer === "Customer 017 & Sons");
    await step("customer", "", () => true);
    assert.deepEqual(await visible(page), large.rows.map((row) => row.id));

    const last = page.locator("#subscriptions td summary").last();
    await last.scrollIntoViewIfNeeded();
    await last.click();
    await page.waitForFunction(() => Array.from(document.querySelectorAll("#subscriptions td details")).at(-1).querySelector("dl"));

    const most = (of) => Math.max(...times.map((time) => time[of]));
    assert.ok(most("shown") < 1000, `${most("shown")} ms to filter`);
    const ms = (time) => `${Math.round(time)} ms`;
    return `${(size / 1e6).toFixed(1)} MB, loaded in ${ms(load)}; read for the text filter in ${ms(focus)}; ` +
      `filtered in at most ${ms(most("script"))}, shown in at most ${ms(most("shown"))}`;
  });
});

// Pictures

for (const width of [1280, 390]) {
  for (const colorScheme of ["light", "dark"]) {
    await check(`pictures at ${width} pixels, ${colorScheme}`, () => onPage(sample, { width, colorScheme }, async (page) => {
      const path = (name) => join(pictures, `${name}-${width}-${colorScheme}.png`);
      const top = (selector) => page.evaluate((of) => Math.round(document.querySelector(of).getBoundingClientRect().top + scrollY), selector);
      // As high as what is to be seen: rows out of sight are not drawn.
      const picture = async (name, from, height) => {
        await page.setViewportSize({ width, height: from + height });
        await page.screenshot({ path: path(name), clip: { x: 0, y: from, width, height } });
      };
      await picture("overview", 0, await top("#subscriptions"));
      await openSome(page, 2);
      await picture("subscriptions", await top("#subscriptions"), width > 900 ? 1500 : 2400);
      await page.setViewportSize({ width, height: await top("#reasons") + 1500 });
      await picture("reasons", await top("#reasons"), 1200);
    }));
  }
}

await browser.close();
if (folder && !failed) rmSync(work, { recursive: true });
console.log(`pictures are in ${pictures}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
