// Reports in a real browser, light and dark, wide and narrow: node report.mjs BROWSER PROGRAM [PICTURES]
// The page must agree with the other reports of the same run, and be easy to read.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, program, pictures] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'report-'));
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const browser = await chromium.launch({ executablePath, args });
const letters = { allowed: 'a', conditional: 'c', denied: 'd', not_covered: 'n', undetermined: 'u' };
const words = (word) => word.replaceAll('_', ' ');
let passed = 0;
let failed = 0;

const check = async (what, run) => {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`${what}: ${error?.message ?? error}`);
  }
};

const write = (name, content) => {
  const path = join(work, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

/** Runs the program, in a terminal if it is to decide the sample; returns the page and the decisions. */
const report = (name, ...files) => {
  const [html, jsonl] = ['html', 'jsonl'].map((form) => join(work, `${name}.${form}`));
  const all = [program, 'report', '--as-of', '2026-11-24', '-o', html, '-o', jsonl, ...files];
  const [command, ...rest] = files.some((file) => file.endsWith('.json'))
    ? all
    : ['script', '-qec', all.map((one) => `'${one}'`).join(' '), '/dev/null'];
  const run = spawnSync(command, rest, { encoding: 'utf8' });
  assert.ok(run.status < 2, `${all}: ${run.error ?? run.stdout + run.stderr}`);
  const records = readFileSync(jsonl, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const decisions = Object.fromEntries(records.filter((of) => of.verdicts).map((of) => [of.id, of]));
  return { html, decisions, refused: records.filter((of) => of.error) };
};

/** Opens a report, and asserts that the page loads nothing else and has no complaint. */
const onPage = async ({ html }, { width = 1280, colorScheme = 'light', javaScriptEnabled = true }, run) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
  const page = await context.newPage();
  const url = pathToFileURL(html).href;
  const wrong = [];
  page.on('console', (message) => wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('dialog', (dialog) => dialog.dismiss().then(() => wrong.push(dialog.message())));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url) wrong.push(request.url());
  });
  await page.goto(url);
  await run(page);
  await context.close();
  assert.deepEqual(wrong, []);
};

const visible = (page) => page.evaluate(() => Array.from(document.querySelectorAll('#subscriptions tr[data-v]'))
  .filter((row) => row.checkVisibility()).map((row) => row.querySelector('th code').textContent));
const openSome = (page, rows) => page.evaluate((rows) => {
  for (const row of Array.from(document.querySelectorAll('#subscriptions tr[data-v]')).slice(0, rows)) {
    row.querySelectorAll('details').forEach((details) => { details.open = true; });
  }
  document.querySelectorAll('details.more').forEach((details) => { details.open = true; });
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
}, rows);

/** What is hard to read: texts that do not stand out from what is behind them. Runs in the browser. */
const unreadable = () => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
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
      const part = at.localName === 'details' && at !== element ? '::details-content' : undefined;
      for (const style of [part && getComputedStyle(at, part), getComputedStyle(at)]) {
        const color = style && rgba(style.backgroundColor);
        if (color && color[3] === 255) return color;
      }
    }
    return rgba('white');
  };
  const seen = new Map();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest('script, option')) continue;
    const [color, paper] = [rgba(getComputedStyle(element).color), behind(element)];
    const [dark, light] = [luminance(color), luminance(paper)].sort((a, b) => a - b);
    seen.set(`${color} on ${paper}`, { text: text.slice(0, 40), ratio: (light + 0.05) / (dark + 0.05) });
  }
  return { pairs: seen.size, found: Array.from(seen.values()).filter(({ ratio }) => ratio < 4.5) };
};

// Hostile names.
const hostile = [
  '<script>window.ran = 1</script>', '</style></script><script>window.ran = 1</script>', '<img src="x" onerror="window.ran = 1">',
  '</details></th></tr></tbody></table><h1>out</h1>', '" onmouseover="window.ran = 1', '&lt;b&gt; &amp;amp;', '{{ 7 * 7 }} ${7 * 7}',
  'right to left: \u202Egpj.exe', 'مكتبة النور', `long ${'word'.repeat(300)}`, 'control \u0000\u001b[31m\u0085', 'two\r\nlines',
];
const hostileItems = hostile.map((name, at) => ({
  id: `${at} ${name}`, friendlyName: name, customerId: name, offerId: 'CFQ7TTC0LCHC:0002:CFQ7TTC0K9WX', billingType: 'license', status: name,
  creationDate: '2026-11-20T09:00:00Z', effectiveStartDate: '2026-11-20T09:00:00Z', commitmentEndDate: '2027-11-19T00:00:00Z',
}));
const largeItems = Array.from({ length: 10_000 }, (_, at) => ({
  id: `large-${at}`, friendlyName: `Office ${at}`, customerId: `customer-${at % 200}`, billingType: 'license',
  offerId: at % 3 ? 'CFQ7TTC0LCHC:0002:CFQ7TTC0K9WX' : 'MS-AZR-0145P', status: ['active', 'suspended', 'deleted'][at % 7 % 3],
}));

const sample = report('sample', '--partner', 'direct_bill', '--compare', '2024-06-01');
const hostileReport = report('hostile', write('hostile.json', hostileItems), write('refused.jsonl', hostile.map((id) => JSON.stringify({ id, channel: id })).join('\n')));
const large = report('large', write('large.json', largeItems));

await check('the sample shows what the records say', () => onPage(sample, {}, async (page) => {
  const rows = await page.locator('#subscriptions tr[data-v]').evaluateAll((all) => all.map((row) => ({
    id: row.querySelector('th code').textContent,
    letters: row.dataset.v,
    verdicts: Array.from(row.querySelectorAll('td summary span'), (span) => span.firstChild.data.trim()),
    was: Array.from(row.querySelectorAll('td summary span'), (span) => span.querySelector('small')?.textContent ?? ''),
    facts: Array.from(row.querySelectorAll('th dl:first-of-type dt'), (dt) => [dt.textContent, dt.nextElementSibling.querySelector('i').textContent]),
  })));
  assert.equal(rows.length, 40);
  for (const { id, letters: found, verdicts, was, facts } of rows) {
    const record = sample.decisions[id];
    const expected = Object.values(record.verdicts).map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, expected.map(words), id);
    assert.equal(found, expected.map((verdict) => letters[verdict]).join(''), id);
    assert.deepEqual(was, Object.keys(record.verdicts).map((action) => {
      const then = record.then?.verdicts[action];
      return then ? `was ${words(then.verdict)}` : '';
    }), id);
    const origin = (of) => (typeof of === 'string' ? of : of.rule ? `rule ${of.rule}` : `unknown: ${words(of.unknown)}`);
    assert.deepEqual(facts, Object.entries(record.origins).map(([fact, of]) => [words(fact), origin(of)]), id);
  }
  // Counts, and charts in proportion to them.
  const table = await page.locator('.bars tbody tr').evaluateAll((all) => all.map((row) => ({
    counts: Array.from(row.querySelectorAll('.number'), (cell) => Number(cell.textContent)),
    parts: Array.from(row.querySelectorAll('.bar i'), (part) => Number(part.style.flexGrow)),
  })));
  const decisions = Object.values(sample.decisions);
  for (const [at, action] of Object.keys(decisions[0].verdicts).entries()) {
    const counts = Object.keys(letters).map((verdict) => decisions.filter((of) => of.verdicts[action].verdict === verdict).length);
    assert.deepEqual(table[at].counts, counts, action);
    assert.deepEqual(table[at].parts, counts.filter(Boolean), action);
  }
  const customers = await page.locator('#customers tbody tr').evaluateAll((all) => all.map((row) => row.querySelector('a').hash));
  for (const hash of customers) assert.equal(await page.locator(hash).count(), 1);
  assert.equal(customers.length, 4);
}));

await check('filters', () => onPage(sample, {}, async (page) => {
  const all = await visible(page);
  const count = () => page.locator('output').textContent();
  const field = (name) => page.locator(`form [name=${name}]`);
  await field('text').fill('azure RESERVATION');
  const some = await visible(page);
  assert.ok(some.length > 0 && some.length < all.length);
  assert.equal(await count(), `${some.length} of 40 subscriptions`);
  await field('text').fill('no such text');
  assert.equal(await page.locator('#subscriptions tbody:visible').count(), 0);
  await field('text').fill('');
  for (const [verdict, letter] of Object.entries(letters)) {
    await field('action').selectOption({ label: 'switch' });
    await field('verdict').selectOption({ label: words(verdict) });
    const expected = all.filter((id) => sample.decisions[id].verdicts.switch.verdict === verdict);
    assert.deepEqual(await visible(page), expected, letter);
  }
  await field('customer').selectOption({ index: 1 });
  await field('text').press('Enter');
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.waitForTimeout(50);
  assert.deepEqual(await visible(page), all);
}));

await check('every verdict opens by keyboard', () => onPage(sample, {}, async (page) => {
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('a.skip:focus').count(), 1);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Reset' }).focus();
  for (const id of (await visible(page)).slice(0, 8)) {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.closest('tr').querySelector('code').textContent), id);
    for (const { verdict, rules = [], advice = [] } of Object.values(sample.decisions[id].verdicts)) {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.waitForFunction(() => document.activeElement.parentElement.querySelector('dl'));
      const opened = await page.evaluate(() => {
        const details = document.activeElement.parentElement;
        const ids = (lead) => {
          const found = [];
          for (let at = Array.from(details.querySelectorAll('dt')).find((dt) => dt.textContent === lead)?.nextElementSibling; at?.localName === 'dd'; at = at.nextElementSibling) {
            found.push(at.querySelector('code')?.textContent);
          }
          return found.filter(Boolean);
        };
        return { heading: details.querySelector('p').textContent, height: details.querySelector('dl').getBoundingClientRect().height, because: ids('because'), advice: ids('advice') };
      });
      assert.ok(opened.heading.endsWith(`: ${words(verdict)}`), opened.heading);
      assert.ok(opened.height > 10, 'it is in sight');
      assert.deepEqual([opened.because, opened.advice], [rules, advice], id);
      // The links of the reasons are also tab stops.
      const links = await page.evaluate(() => document.activeElement.parentElement.querySelectorAll('dl a').length);
      for (let link = 0; link < links; link += 1) await page.keyboard.press('Tab');
    }
  }
}));

await check('without JavaScript all can be read', () => onPage(sample, { javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator('form').isVisible(), false);
  assert.equal(await page.locator('#subscriptions tr[data-v]').count(), 40);
  await page.locator('#subscriptions td summary').first().click();
  await page.locator('#subscriptions td a').first().click();
  assert.equal(await page.locator('article:target').count(), 1);
}));

for (const [name, of] of Object.entries({ sample, hostile: hostileReport })) {
  for (const width of [1280, 768, 390]) {
    await check(`${name}: nothing is too wide at ${width} pixels`, () => onPage(of, { width }, async (page) => {
      await openSome(page, 40);
      await page.setViewportSize({ width, height: 20_000 });
      const wide = await page.evaluate(() => Array.from(document.querySelectorAll('body *'))
        .filter((of) => of.checkVisibility() && !of.closest('thead, select, .skip') && of.getBoundingClientRect().right > innerWidth + 1)
        .map((of) => of.outerHTML.slice(0, 90)));
      assert.deepEqual(wide.slice(0, 3), []);
    }));
  }
  for (const colorScheme of ['light', 'dark']) {
    await check(`${name}: texts stand out, ${colorScheme}`, () => onPage(of, { colorScheme }, async (page) => {
      await openSome(page, 40);
      const { pairs, found } = await page.evaluate(unreadable);
      assert.ok(pairs >= 5, `${pairs} pairs of colors`);
      assert.deepEqual(found, []);
    }));
  }
  await check(`${name}: headings, labels, tables and ids are in order`, () => onPage(of, {}, async (page) => {
    const found = await page.evaluate(() => {
      const all = (selector) => Array.from(document.querySelectorAll(selector));
      const ids = all('[id]').map((element) => element.id);
      const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.localName[1]));
      return {
        language: document.documentElement.lang,
        repeated: ids.filter((id, at) => ids.indexOf(id) !== at),
        dangling: all("a[href^='#']").filter((link) => !document.getElementById(link.hash.slice(1))).length,
        skipped: levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1).length,
        unscoped: all('th:not([scope])').length,
        unlabelled: all('input, select').filter((control) => !control.labels.length).length,
        nameless: all('table').filter((table) => !table.caption && !document.getElementById(table.getAttribute('aria-labelledby'))).length,
        handlers: all('*').filter((element) => element.getAttributeNames().some((name) => name.startsWith('on'))).length,
      };
    });
    assert.deepEqual(found, { language: 'en', repeated: [], dangling: 0, skipped: 0, unscoped: 0, unlabelled: 0, nameless: 0, handlers: 0 });
  }));
  await check(`${name}: prints with all reasons and without controls`, () => onPage(of, { width: 688 }, async (page) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(await page.locator('form').isVisible(), false);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    assert.ok(await page.evaluate(() => Array.from(document.querySelectorAll('article dl, #subscriptions th dd')).every((of) => of.getBoundingClientRect().height > 0)));
  }));
}

await check('hostile names are text', () => onPage(hostileReport, {}, async (page) => {
  await openSome(page, 40);
  const found = await page.evaluate(() => ({
    ran: window.ran,
    rows: document.querySelectorAll('#subscriptions tr[data-v]').length,
    refused: document.querySelectorAll('#invalid tbody tr').length,
    headings: document.querySelectorAll('h1').length,
    elements: document.querySelectorAll('bdi > :not(code), script, img').length,
  }));
  assert.deepEqual(found, { ran: undefined, rows: hostile.length, refused: hostileReport.refused.length, headings: 1, elements: 1 });
  const names = await page.locator('#subscriptions tr[data-v] th > div > bdi').allTextContents();
  assert.ok(names.includes('<script>window.ran = 1</script>') && names.includes('{{ 7 * 7 }} ${7 * 7}'));
  assert.ok(names.every((name) => !/[\u0000-\u001f\u0085\u202e]/.test(name)));
}));

await check('10,000 rows are filtered in time', () => onPage(large, {}, async (page) => {
  await page.locator('form [name=text]').focus();
  const times = await page.evaluate(async () => {
    const { text } = document.querySelector('form').elements;
    const times = [];
    for (const value of ['office 77', 'suspended', '']) {
      const began = performance.now();
      text.value = value;
      text.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - began);
    }
    return times;
  });
  assert.equal((await visible(page)).length, 10_000);
  assert.ok(Math.max(...times) < 2000, String(times));
}));

if (pictures) {
  mkdirSync(pictures, { recursive: true });
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      await onPage(sample, { width, colorScheme }, async (page) => {
        await openSome(page, 1);
        await page.setViewportSize({ width, height: width > 900 ? 7000 : 12_000 });
        await page.screenshot({ path: join(pictures, `${width}-${colorScheme}.png`) });
      });
    }
  }
}

await browser.close();
console.log(`reports: ${passed} checks passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
