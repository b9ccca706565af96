// The sandbox's stand-in for a phone's card reader and the card in it: synthetic cards, whose keys
// the sandbox's server holds. It is served in a sandbox alone, and says what it is.

import { CardReaderError, CardReadingStopped } from '/card_reader.js';

const toBase64 = (octets) => btoa(String.fromCharCode(...octets));
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function askForCard() {
  const cards = await (await fetch('/sandbox/cards')).json();
  const select = element('select', { id: 'wallet-card' }, cards.map((card) => element('option', { value: card, textContent: card })));
  const pin = element('input', { id: 'wallet-pin', type: 'password', inputMode: 'numeric', autocomplete: 'off', maxLength: 4 });
  const dialog = element('dialog', { id: 'wallet' }, [
    element('h2', { id: 'wallet-title', textContent: '【試験環境】模擬カードリーダー' }),
    element('form', { method: 'dialog' }, [
      element('p', { textContent: '本物のカードは使いません。架空のカードを選び、暗証番号（どのカードも1234）を入れてください。' }),
      element('label', { textContent: '架空のカード' }, [select]),
      element('label', { textContent: '4桁の暗証番号' }, [pin]),
      element('button', { id: 'wallet-sign', type: 'submit', value: 'sign', className: 'primary', textContent: 'カードを読み取る' }),
      element('button', { id: 'wallet-stop', type: 'submit', value: 'stop', formNoValidate: true, textContent: 'やめる' }),
    ]),
  ]);
  dialog.setAttribute('aria-labelledby', 'wallet-title');
  document.body.append(dialog);
  try {
    const value = await new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue));
      dialog.showModal();
      pin.focus();
    });
    return value === 'sign' ? { card: select.value, pin: pin.value } : null;
  } finally {
    dialog.remove();
  }
}

export const sandboxWallet = {
  async read({ toBeSigned }) {
    const chosen = await askForCard();
    if (!chosen) throw new CardReadingStopped('');
    const response = await fetch('/sandbox/sign', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...chosen, toBeSigned: toBase64(toBeSigned) }),
    });
    const signed = await response.json();
    switch (signed.refused) {
      case undefined:
        return { certificate: fromBase64(signed.certificate), signature: fromBase64(signed.signature) };
      case 'PIN_WRONG':
        throw new CardReaderError(`暗証番号が違います。あと${signed.left}回まちがえると、カードが使えなくなります。`);
      case 'PIN_LOCKED':
        throw new CardReaderError('暗証番号を3回まちがえたため、カードが使えなくなりました。お住まいの市区町村の窓口で、暗証番号を設定し直してください。');
      default:
        throw new CardReaderError('カードを読み取れませんでした。もう一度行ってください。');
    }
  },
};
