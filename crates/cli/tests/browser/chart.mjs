// A chart in a real browser, light and dark: node chart.mjs BROWSER CHART.svg...
// Every text must be inside the chart, have enough contrast, and overlap no other text.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [executablePath, ...charts] = process.argv.slice(2);
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const browser = await chromium.launch({ executablePath, args });
const problems = [];
let texts = 0;

/** What is wrong with the chart on the page. Runs in the browser. */
function inspect() {
  const luminance = (color) => {
    const channels = color.match(/[\d.]+/g).slice(0, 3).map((channel) => channel / 255);
    const linear = channels.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const svg = document.querySelector('svg');
  const paper = getComputedStyle(svg.querySelector('.paper')).fill;
  const { width, height } = svg.viewBox.baseVal;
  const found = [];
  const texts = [...svg.querySelectorAll('text')].map((element) => {
    const box = element.getBBox();
    const text = element.textContent;
    if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height) {
      found.push(`off the paper: ${text}`);
    }
    if (contrast(getComputedStyle(element).fill, paper) < 4.5) {
      found.push(`hard to read: ${text}`);
    }
    return { box, text };
  });
  texts.forEach((one, at) => texts.slice(at + 1).forEach((other) => {
    const across = Math.min(one.box.x + one.box.width, other.box.x + other.box.width) - Math.max(one.box.x, other.box.x);
    const down = Math.min(one.box.y + one.box.height, other.box.y + other.box.height) - Math.max(one.box.y, other.box.y);
    // Boxes have some room above and below their letters.
    if (across > 1 && down > 4) {
      found.push(`covered: ${one.text} / ${other.text}`);
    }
  }));
  return { paper, count: texts.length, found };
}

for (const chart of charts) {
  const papers = [];
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1120, height: 900 } });
    page.on('console', (message) => problems.push(`${chart}: ${message.text()}`));
    await page.setContent(`<body style="margin:0">${readFileSync(chart, 'utf8')}</body>`);
    const { paper, count, found } = await page.evaluate(inspect);
    problems.push(...found.map((problem) => `${chart}, ${colorScheme}: ${problem}`));
    papers.push(paper);
    texts += count;
    await page.close();
  }
  if (papers[0] === papers[1]) {
    problems.push(`${chart}: light and dark are the same`);
  }
}
await browser.close();
if (texts === 0) {
  problems.push('no text was seen');
}
console.log(`${charts.length} charts, ${texts} texts, ${problems.length} problems`);
problems.forEach((problem) => console.log(problem));
process.exit(problems.length > 0 ? 1 : 0);
