// What patients say, change, look up and withdraw on the page.
import assert from 'node:assert/strict';
import { visit, NARROW, shown, check, read, decide, give, alarm } from './browser.mjs';
import { homeVisit, booking } from './sandbox.mjs';

// Cases by their name; each returns the page that it leaves.
export const consentCases = {
  async 'confirms, agrees to all and is told until when and how to withdraw'() {
    const page = await visit(booking().address.url);
    await shown(page, 'start');
    assert.match(await page.locator('#visit').textContent(), /オンライン診療等/);
    assert.match(await page.locator('#appointment').textContent(), /^\d+年\d+月\d+日$/);
    await check(page, 'reception-start');
    await page.getByRole('button', { name: '資格を確認して、情報の提供に同意する' }).click();
    await shown(page, 'choose');
    await check(page, 'reception-choose');
    await page.getByRole('button', { name: 'すべてに同意する' }).click();
    await page.getByRole('button', { name: '確認へ進む' }).click();
    await shown(page, 'review');
    await check(page, 'reception-review');
    await give(page);
    await page.locator('#wallet').waitFor();
    assert.match(await page.locator('#wallet-title').textContent(), /試験環境/);
    await check(page, 'reception-wallet');
    await read(page, 'TP01');
    await shown(page, 'done');
    assert.equal(await page.locator('#done-list dt').count(), 6);
    assert.match(await page.locator('#done-list').textContent(), /同意しました（\d+年\d+月\d+日の終わりまで）/);
    assert.match(await page.locator('#done-withdraw').textContent(), /取り消すには/);
    assert.match(await page.locator('#done-receipt').textContent(), /^[0-9a-f]{32}-\d+$/);
    await check(page, 'reception-done');
    return page;
  },

  async 'refuses some kinds, sees them, changes them and withdraws all'() {
    const page = await visit(homeVisit().address.url);
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await page.getByRole('button', { name: '確認へ進む' }).click();
    await alarm(page, /「同意する」か「同意しない」を選んでください/);
    await check(page, 'reception-missing');
    await decide(page, (name) => name === 'お薬の情報');
    await give(page);
    await read(page, 'TP02');
    await shown(page, 'done');
    const done = await page.locator('#done-list').textContent();
    assert.match(done, /お薬の情報同意しました（取り消すまで）/);
    assert.match(done, /手術の情報同意していません/);

    await page.getByRole('button', { name: 'はじめの画面へ' }).click();
    await page.getByRole('button', { name: '同意した内容を見る・変える' }).click();
    await read(page, 'TP02');
    await shown(page, 'list');
    assert.match(await page.locator('#list-list').textContent(), /お薬の情報（訪問診療等）同意しています/);
    await check(page, 'reception-list');
    await page.getByRole('button', { name: '同意の内容を変える' }).click();
    await shown(page, 'choose');
    assert.ok(await page.locator('input[name=CONSENT_KIND_DRUG][value=DECISION_AGREED]').isChecked());
    assert.ok(await page.locator('input[name=CONSENT_KIND_SURGERY][value=DECISION_DECLINED]').isChecked());
    await check(page, 'reception-change');
    await decide(page, (name) => name === '健診の結果');
    await check(page, 'reception-change-review');
    await give(page);
    await read(page, 'TP02');
    await shown(page, 'done');
    assert.match(await page.locator('#done-list').textContent(), /お薬の情報同意していません/);

    await page.getByRole('button', { name: 'はじめの画面へ' }).click();
    await page.getByRole('button', { name: '同意をすべて取り消す' }).click();
    await shown(page, 'withdraw');
    await check(page, 'reception-withdraw');
    await page.getByRole('button', { name: 'カードで本人確認をして取り消す' }).click();
    await read(page, 'TP02');
    await shown(page, 'done');
    assert.match(await page.locator('#done-title').textContent(), /取り消しました/);
    assert.match(await page.locator('#done-list').textContent(), /^健診の結果訪問診療等の同意を取り消しました$/);
    await check(page, 'reception-withdrawn');
    await page.getByRole('button', { name: 'はじめの画面へ' }).click();
    await page.getByRole('button', { name: '同意した内容を見る・変える' }).click();
    await read(page, 'TP02');
    await shown(page, 'list');
    assert.match(await page.locator('#list-list').textContent(), /健診の結果（訪問診療等）取り消しました/);
    await check(page, 'reception-list-withdrawn');
    return page;
  },

  async 'sees who looked at the records, at 320 pixels too, and not again without the card'() {
    const page = await visit(homeVisit().address.url, { width: NARROW });
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, () => true);
    await give(page);
    await read(page, 'TP08');
    await shown(page, 'done');
    await page.getByRole('button', { name: 'はじめの画面へ' }).click();
    await page.getByRole('button', { name: 'だれが情報を見たかを確かめる' }).click();
    await read(page, 'TP08');
    await shown(page, 'accesses');
    assert.match(await page.locator('#accesses-list dt').first().textContent(), /^\d+年\d+月\d+日 \d+時\d+分$/);
    assert.match(await page.locator('#accesses-list dd').first().textContent(), /：あなたが、同意する・しないを登録しました$/);
    assert.ok(await page.locator('#accesses-more').isHidden());
    assert.ok(await page.locator('#accesses-hidden').isHidden());
    await check(page, 'reception-320-accesses');
    await page.goBack();
    await shown(page, 'start');
    await page.goForward();
    await shown(page, 'start');
    assert.ok(await page.locator('#screen-accesses').isHidden());
    return page;
  },

  async 'takes a double click once'() {
    const page = await visit(homeVisit().address.url);
    let asked = 0;
    page.on('request', (request) => { asked += request.url().endsWith('/GiveConsents') ? 1 : 0; });
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, () => true);
    await page.evaluate(() => { for (let i = 0; i < 5; ++i) document.getElementById('give').click(); });
    await page.locator('#wallet').waitFor();
    assert.equal(await page.locator('dialog').count(), 1);
    await read(page, 'TP06');
    await shown(page, 'done');
    assert.equal(asked, 1);
    return page;
  },

  async 'goes back to what was chosen, and never to what was done'() {
    const page = await visit(homeVisit().address.url);
    await shown(page, 'start');
    await page.getByRole('button', { name: '資格を確認して' }).click();
    await decide(page, (name) => name === '手術の情報');
    await page.goBack();
    await shown(page, 'choose');
    assert.ok(await page.locator('input[name=CONSENT_KIND_SURGERY][value=DECISION_AGREED]').isChecked());
    await page.goForward();
    await shown(page, 'review');
    await give(page);
    await page.locator('#wallet').waitFor();
    await page.click('#wallet-stop');
    assert.ok(await page.locator('#alert').isHidden());
    await give(page);
    await read(page, 'TP09');
    await shown(page, 'done');
    await page.goBack();
    await shown(page, 'choose');
    await page.goForward();
    await shown(page, 'start');
    await page.reload();
    await shown(page, 'start');
    return page;
  },

  async 'fits a screen of 320 pixels and the keyboard alone'() {
    const page = await visit(homeVisit().address.url, { width: NARROW });
    await shown(page, 'start');
    await check(page, 'reception-320-start');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shown(page, 'choose');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await check(page, 'reception-320-choose');
    for (let i = 0; i < 7; ++i) await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shown(page, 'review');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#wallet').waitFor();
    await check(page, 'reception-320-wallet');
    await read(page, 'TP10');
    await shown(page, 'done');
    await check(page, 'reception-320-done');
    return page;
  },

  async 'takes HTML in a name for text'() {
    const url = homeVisit().address.url;
    const page = await visit(url);
    await page.route('**/OpenReception', async (route) => {
      const response = await route.fetch();
      const opened = { ...(await response.json()), facilityName: '<img src=x onerror="document.title=1"><b>診療所</b>' };
      await route.fulfill({ response, json: opened });
    });
    await page.reload();
    await shown(page, 'start');
    assert.equal(await page.locator('#facility').textContent(), '<img src=x onerror="document.title=1"><b>診療所</b>');
    assert.equal(await page.locator('#facility *').count(), 0);
    return page;
  },
};
