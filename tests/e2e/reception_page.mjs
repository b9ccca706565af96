// reception_page.mjs BINARY FOLDER: brings a sandbox up in FOLDER and drives the reception at home in
// Chromium against it, as patients do: with cards good and bad, twice, backwards and on a narrow phone.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { browser } from './reception_page/browser.mjs';
import { cardCases } from './reception_page/card_cases.mjs';
import { clockCases } from './reception_page/clock_cases.mjs';
import { consentCases } from './reception_page/consent_cases.mjs';
import { linkCases } from './reception_page/link_cases.mjs';
import { folder, takeDown } from './reception_page/sandbox.mjs';

const cases = { ...consentCases, ...linkCases, ...cardCases, ...clockCases };

let failed = 0;
try {
  for (const [name, run] of Object.entries(cases)) {
    const began = Date.now();
    try {
      const page = await run();
      assert.deepEqual(page.faults, []);
      await page.context().close();
      console.log(`ok ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
  await takeDown();
}
// No log of all this names a patient: names, kana and numbers as the register of residents has them.
const canaries = [...new Set(readFileSync(path.join(folder, 'nation', 'resident_identities.csv'), 'utf8').split('\n').slice(1)
  .flatMap((row) => row.split(',').slice(0, 3)).filter((cell) => /[^ -~]{2}|\d{12}/.test(cell)))];
assert.ok(canaries.length > 200);
for (const log of [...readdirSync(path.join(folder, 'log')).map((name) => path.join(folder, 'log', name)), path.join(folder, 'pg', 'data', 'server.log')]) {
  const text = readFileSync(log, 'utf8');
  const found = canaries.filter((one) => text.includes(one)).length;
  if (found) {
    failed += 1;
    console.log(`FAILED ${log} names patients ${found} times`);
  }
}
console.log(failed ? `${failed} failed` : 'reception_page: all passed');
process.exit(failed ? 1 : 0);
