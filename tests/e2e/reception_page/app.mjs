// An app of the reception, which calls without a page.
import { createHash, createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { folder, tls } from './sandbox.mjs';

// App calls as docs/home_and_online_care.md tells makers of apps, with a key of its own.
export class App {
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(id, origin) {
    this.id = id;
    this.origin = origin;
  }
  publicKey() { return this.#keys.publicKey.export({ type: 'spki', format: 'pem' }); }

  async call(method, message, session = '') {
    const where = `/kakunin.v1.ReceptionService/${method}`;
    const body = JSON.stringify(message);
    const seconds = Math.floor(Date.now() / 1000);
    const digest = createHash('sha256').update(body).digest('hex');
    const text = ['kakunin reception app v1', this.id, this.origin, where, seconds, session, digest].join('\n');
    const signature = sign('sha256', Buffer.from(text), this.#keys.privateKey).toString('base64');
    const headers = { 'Content-Type': 'application/json', Authorization: `Kakunin-App ${this.id}.${seconds}.${signature}` };
    if (session) headers['Kakunin-Session'] = session;
    const answer = await new Promise((resolve, reject) => {
      // A connection of its own: one that the server closed while a command ran would not be noticed.
      const request = https.request(this.origin + where, { method: 'POST', headers, ca: readFileSync(tls('server-ca.pem')), agent: false }, (response) => {
        let said = '';
        response.on('data', (chunk) => { said += chunk; });
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(said) }));
      });
      request.on('error', reject);
      request.end(body);
    });
    if (answer.status !== 200) throw new Error(answer.body.message);
    return answer.body;
  }
}

export function signedByCard(card, begun) {
  const at = (ending) => readFileSync(path.join(folder, 'jpki', 'cards', `${card}.${ending}`));
  return {
    challengeId: begun.challengeId,
    certificate: new X509Certificate(at('pem')).raw.toString('base64'),
    signature: sign('sha256', Buffer.from(begun.toBeSigned, 'base64'), createPrivateKey(at('key'))).toString('base64'),
    holderVerification: 'HOLDER_VERIFICATION_PIN',
  };
}
