// Chromium as a patient's phone: opening a link, holding each screen to WCAG, and the steps that the
// cases have in common.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './sandbox.mjs';

const pictures = process.env.KAKUNIN_SCREENSHOTS;
const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

export const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

// visit opens a link on a phone of its own.
export async function visit(url, { width = 390 } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'ja-JP', viewport: { width, height: 800 } });
  const page = await context.newPage();
  // What a machine that stands still for seconds does is not what is held here.
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  // What the policy forbids is told on the console.
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return Object.assign(page, { faults });
}

// The narrowest phone that there is (WCAG 1.4.10).
export const NARROW = 320;

export const shown = (page, screen) => page.locator(`#screen-${screen}:not([hidden])`).waitFor();

// check holds a screen to WCAG's rules and to the width of its window, and at 320 pixels once more.
export async function check(page, name) {
  await checkAtItsWidth(page, name);
  const { width, height } = page.viewportSize();
  if (width === NARROW) return;
  await page.setViewportSize({ width: NARROW, height });
  await checkAtItsWidth(page, name.replace('reception-', 'reception-320-'));
  await page.setViewportSize({ width, height });
}

async function checkAtItsWidth(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  }));
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target)}`), [], name);
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(width[0] <= width[1], `${name} is ${width[0]} wide on ${width[1]}`);
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

// read lets the wallet read a card.
export async function read(page, card, pin = '1234') {
  await page.locator('#wallet').waitFor();
  await page.selectOption('#wallet-card', card);
  await page.fill('#wallet-pin', pin);
  await page.keyboard.press('Enter');
}

export async function decide(page, agreed) {
  for (const fieldset of await page.locator('#kinds fieldset').all()) {
    const name = await fieldset.locator('legend').textContent();
    await fieldset.getByLabel(agreed(name) ? '同意する' : '同意しない', { exact: true }).check();
  }
  await page.getByRole('button', { name: '確認へ進む' }).click();
  await shown(page, 'review');
}

export const give = (page) => page.getByRole('button', { name: 'カードで本人確認をして登録する' }).click();
export const alarm = async (page, text) => {
  await page.locator('#alert:not([hidden])').waitFor();
  assert.match(await page.locator('#alert').textContent(), text);
};
