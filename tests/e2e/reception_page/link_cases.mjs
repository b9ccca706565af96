// Links: by an app, revoked, renewed, and drawn as a QR code.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, signedByCard } from './app.mjs';
import { browser, visit, shown, check, decide, give } from './browser.mjs';
import { folder, kakunin, asAdministrator, asOperator, homeVisit } from './sandbox.mjs';

// Cases by their name; each returns the page that it leaves.
export const linkCases = {
  async 'uses an app that the facility named, until it is revoked'() {
    const { url } = homeVisit().address;
    const { origin, hash } = new URL(url);
    const app = new App('phone-app', origin);
    const open = () => app.call('OpenReception', { token: hash.slice(1) });
    await assert.rejects(open(), /RECEPTION_APP_REFUSED/);
    const key = path.join(folder, 'app.pub');
    writeFileSync(key, app.publicKey());
    asOperator('app', 'register', '--app', 'phone-app', '--name', '見本アプリ', '--app-key', key, '--commit');
    await assert.rejects(open(), /RECEPTION_CLOSED/);
    assert.match(kakunin('call', 'apps', 'name', '--app', 'phone-app'), /見本アプリ/);
    const { session, facilityName } = await open();
    assert.equal(facilityName, '見本クリニック');
    const begun = await app.call('BeginReceptionAct', { act: 'RECEPTION_ACT_LIST_ACCESSES' }, session);
    const answer = await app.call('ListOwnAccesses', { card: signedByCard('TP08', begun) }, session);
    assert.equal(answer.accesses[0].facilityName, '見本クリニック');
    assert.match(asOperator('app', 'list'), /見本アプリ/);
    asOperator('app', 'revoke', '--app', 'phone-app', '--commit');
    await assert.rejects(app.call('BeginReceptionAct', { act: 'RECEPTION_ACT_LIST_ACCESSES' }, session), /RECEPTION_APP_REFUSED/);
    const page = await visit(url);
    await shown(page, 'start');
    return page;
  },

  async 'says nothing but that a revoked or unknown link does not work'() {
    const link = homeVisit();
    const page = await visit(link.address.url);
    await shown(page, 'start');
    asAdministrator('revoke', '--link', link.link.linkId ?? link.link.link_id);
    await page.getByRole('button', { name: '同意した内容を見る・変える' }).click();
    await shown(page, 'closed');
    await check(page, 'reception-closed');
    assert.ok(await page.locator('#visit').isHidden());
    const unknown = await visit(link.address.url.replace(/#.*/, `#${'0'.repeat(32)}`));
    await shown(unknown, 'closed');
    await unknown.context().close();
    return page;
  },

  async 'follows a link that was renewed at its new address alone'() {
    const link = homeVisit();
    const old = await visit(link.address.url);
    await shown(old, 'start');
    const renewed = asAdministrator('renew', '--link', link.link.linkId ?? link.link.link_id);
    await old.getByRole('button', { name: '資格を確認して' }).click();
    await decide(old, () => true);
    await give(old);
    await shown(old, 'closed');
    await check(old, 'reception-renewed-old');
    await old.reload();
    await shown(old, 'closed');
    await old.context().close();
    const page = await visit(renewed.address.url);
    await shown(page, 'start');
    assert.ok(await page.locator('#visit').isVisible());
    await check(page, 'reception-renewed-new');
    return page;
  },

  async 'is found by its QR code, as PNG and as SVG'() {
    const [png, svg, drawn] = ['qr.png', 'qr.svg', 'qr-drawn.png'].map((name) => path.join(folder, name));
    const made = asAdministrator('create', '--form-of-care', 'home-visit', '--qr-png', png, '--qr-svg', svg);
    const readCode = (file) => execFileSync('zbarimg', ['--quiet', '--nodbus', '--raw', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' }).trim();
    assert.equal(readCode(png), made.address.url);
    // What a browser makes of the SVG is what a phone sees on a screen.
    const context = await browser.newContext({ viewport: { width: 300, height: 300 } });
    const shownCode = await context.newPage();
    await shownCode.setContent(`<body style="margin:0">${readFileSync(svg, 'utf8')}</body>`);
    await shownCode.screenshot({ path: drawn });
    assert.equal(readCode(drawn), made.address.url);
    await context.close();
    const page = await visit(readCode(png));
    await shown(page, 'start');
    return page;
  },
};
