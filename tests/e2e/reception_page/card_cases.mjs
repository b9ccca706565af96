// Cards that are refused, and what is said of each.
import assert from 'node:assert/strict';
import { visit, shown, read, decide, give, alarm } from './browser.mjs';
import { homeVisit } from './sandbox.mjs';

// Cases by their name; each returns the page that it leaves.
export const cardCases = {
  async 'locks the card after three wrong PINs'() {
    const page = await visit(homeVisit().address.url);
    await shown(page, 'start');
    for (const text of [/あと2回/, /あと1回/, /3回まちがえたため/, /3回まちがえたため/]) {
      await page.getByRole('button', { name: '同意した内容を見る・変える' }).click();
      await read(page, 'TP04', text.source.includes('あと') ? '0000' : '1111');
      await alarm(page, text);
    }
    // The right one comes too late.
    await page.getByRole('button', { name: '同意した内容を見る・変える' }).click();
    await read(page, 'TP04', '1234');
    await alarm(page, /3回まちがえたため/);
    return page;
  },

  async 'refuses expired and revoked cards, each in words of its own'() {
    const page = await visit(homeVisit().address.url);
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, () => true);
    for (const [card, text] of [['TP19', /有効期限が切れています/], ['TP20', /使えなくなっています/]]) {
      await give(page);
      await read(page, card);
      await alarm(page, text);
    }
    // In its grace a card confirms at the desk, and consents to nothing.
    await give(page);
    await read(page, 'TP18');
    await shown(page, 'done');
    assert.match(await page.locator('#done-text').textContent(), /有効期限が切れているため/);
    assert.equal(await page.locator('#done-list dt').count(), 0);
    return page;
  },
};
