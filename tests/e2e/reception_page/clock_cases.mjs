// What ends by itself. They come last: the clock goes on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { visit, shown, read, decide, give } from './browser.mjs';
import { binary, folder, environment, kakunin, bookingWeek, settled, booking } from './sandbox.mjs';

// Cases by their name; each returns the page that it leaves.
export const clockCases = {
  async 'closes a booking when its day is over'() {
    const page = await visit(booking().address.url);
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, () => true);
    kakunin('dev', 'clock', 'advance', '24h', '--config', path.join(folder, 'config.toml'));
    await settled();
    await give(page);
    // The session has ended, too; the link tells no more than any other that does not work.
    await page.locator('#alert:not([hidden]), #screen-closed:not([hidden])').first().waitFor();
    await page.reload();
    await shown(page, 'closed');
    return page;
  },

  // domain.md 4: consent at booking, viewing until the day of the appointment is over.
  async 'opens a booking of Thursday to the facility from the consent on Monday until 24:00'() {
    const clock = (...words) => JSON.parse(kakunin('dev', 'clock', ...words, '--config', path.join(folder, 'config.toml'), '--json'));
    const now = () => Date.parse(clock('show').now);
    const [monday, thursday] = bookingWeek();
    const midnight = Date.parse(`${thursday}T00:00:00+09:00`) + 24 * 3600_000;
    // What a clerk is told on the command line: the reason for which nothing was, or the answer.
    const told = (...words) => {
      try {
        return JSON.parse(kakunin('call', ...words, '--form-of-care', 'online-care', '--appointment-date', thursday, '--json'));
      } catch (error) {
        return { reason: JSON.parse(error.stdout).error.reason };
      }
    };
    const eligibility = () => told('confirm-number', '--insurer', '06139992', '--symbol', '100', '--number', '2001', '--branch', '01',
      '--birth-date', '1980-04-01', '--document', 'none', '--day', thursday);
    const drugs = (handle) => told('records', '--kind', 'drugs', '--role', 'doctor', '--handle', handle);

    clock('set', `${monday}T10:00:00`);
    await settled();
    // Cards are judged by CRLs of that day, which come, and are read again, within seconds.
    const card = (name) => path.join(folder, 'jpki', 'cards', name);
    for (let i = 0; ; ++i) {
      const desks = spawnSync(binary, ['call', 'confirm-card', '--card-certificate', card('TP01.pem'), '--card-key', card('TP01.key'),
        '--verification', 'face'], { env: environment });
      if (desks.status === 0) break;
      assert.ok(i < 60, `cards are not accepted on Monday: ${desks.stderr}`);
      await settled();
    }
    const link = booking(thursday);
    assert.equal(eligibility().reason, 'NO_CONSENT');
    const page = await visit(link.address.url);
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, (name) => name === 'お薬の情報');
    await give(page);
    await read(page, 'TP01');
    await shown(page, 'done');
    const [, month, day] = thursday.split('-').map(Number);
    assert.match(await page.locator('#done-list').textContent(), new RegExp(`お薬の情報同意しました（\\d+年${month}月${day}日の終わりまで）`));
    const answer = eligibility();
    assert.equal(answer.validity, 'VALIDITY_VALID', JSON.stringify(answer));
    assert.equal(drugs(answer.patient_handle).reason, undefined);
    assert.equal(told('records', '--kind', 'health-checks', '--role', 'doctor', '--handle', answer.patient_handle).reason, 'CONSENT_DECLINED');

    // First to where there is time left for the CRLs of that day to come.
    clock('advance', `${midnight - 1800_000 - now()}ms`);
    await settled();  // Until then it is Monday for the server, whose CRLs are good.
    for (let i = 0; drugs(answer.patient_handle).reason === 'REVOCATION_UNKNOWN'; ++i) {
      assert.ok(i < 120, 'the CRLs of Thursday do not come');
      await settled();
    }
    // The last second itself is held in process (home_care_scenario_test).
    clock('advance', `${midnight - 10_000 - now()}ms`);
    for (let i = 0; ; ++i) {
      await settled();
      const last = [eligibility(), drugs(answer.patient_handle)];
      if (last.every((one) => one.reason === undefined)) break;
      // On a busy machine the seconds may be over before they were used: then they are begun anew.
      assert.ok(now() >= midnight, `refused before midnight: ${JSON.stringify(last)}`);
      assert.ok(i < 20, 'the last seconds are always over');
      clock('set', `${thursday}T23:59:50`);
    }
    for (const instant of [midnight, midnight + 1000]) {
      clock('set', new Date(instant).toISOString());
      await settled();
      assert.equal(eligibility().reason, 'CONSENT_EXPIRED');
      assert.match(drugs(answer.patient_handle).reason, /^(CONSENT_EXPIRED|PATIENT_HANDLE_REFUSED)$/);
    }
    clock('set', 'machine');
    return page;
  },
};
