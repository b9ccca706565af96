// Where a card reader connects: the one interface, readCard.
//
// A real reader (an app around this page that talks to the card over NFC) sets, before the patient
// acts,
//
//   globalThis.kakuninCardReader = {
//     // Reads the card once. `toBeSigned` (Uint8Array) is what the server gave for this one act.
//     // Asks the holder for the four-digit PIN of the user authentication certificate, lets the card
//     // sign `toBeSigned` (SHA-256 with RSA, PKCS #1 v1.5) and returns
//     //   { certificate: Uint8Array (DER), signature: Uint8Array }.
//     // Throws a CardReaderError, or any Error whose message the patient can read.
//     async read({ toBeSigned }) { ... },
//   };
//
// The reader proves nothing by itself: the server verifies challenge, certificate and signature as it
// does those of a facility's terminal. In a sandbox, and there alone, the server has a stand-in
// (/sandbox/wallet.js), which is used when no real reader is there.

export class CardReaderError extends Error {}

// CardReadingStopped: the patient put the card away; nothing is to be said.
export class CardReadingStopped extends CardReaderError {}

const NO_READER = 'この端末ではカードを読み取れません。カードを読み取れるスマートフォンなどで、もう一度URLを開いてください。';

async function reader() {
  if (globalThis.kakuninCardReader) return globalThis.kakuninCardReader;
  try {
    return (await import('/sandbox/wallet.js')).sandboxWallet;
  } catch {
    throw new CardReaderError(NO_READER);
  }
}

const toBase64 = (octets) => btoa(String.fromCharCode(...octets));
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// readCard answers a challenge of the server (BeginReceptionActResponse) with a CardProof.
export async function readCard(challenge) {
  const read = await (await reader()).read({ toBeSigned: fromBase64(challenge.toBeSigned) });
  return {
    challengeId: challenge.challengeId,
    certificate: toBase64(read.certificate),
    signature: toBase64(read.signature),
    holderVerification: 'HOLDER_VERIFICATION_PIN',
  };
}
