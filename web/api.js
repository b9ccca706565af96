// The client of kakunin.v1.ReceptionService: JSON over HTTP in the shape of the Connect protocol.

const SERVICE = '/kakunin.v1.ReceptionService/';

// ReceptionError is a refusal: `reason` as in docs/errors.md, the message for the patient.
export class ReceptionError extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

const NO_ANSWER = 'つながりませんでした。通信の状態を確かめて、もう一度行ってください。';

export class Reception {
  #csrf = '';

  async open(token) {
    const opened = await this.#call('OpenReception', { token });
    this.#csrf = opened.csrfToken;
    return opened;
  }
  begin(act) { return this.#call('BeginReceptionAct', { act }); }
  give(request) { return this.#call('GiveConsents', request); }
  list(card) { return this.#call('ListOwnConsents', { card }); }
  accesses(card) { return this.#call('ListOwnAccesses', { card }); }
  withdraw(card) { return this.#call('WithdrawConsents', { card }); }

  async #call(method, message) {
    let response;
    let body;
    try {
      response = await fetch(SERVICE + method, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json', 'Kakunin-Csrf': this.#csrf },
        body: JSON.stringify(message),
      });
      body = await response.json();
    } catch {
      throw new ReceptionError('NO_ANSWER', NO_ANSWER);
    }
    if (response.ok) return body;
    const sentence = (body.details ?? []).find((one) => one.type === 'google.rpc.LocalizedMessage');
    throw new ReceptionError(body.message ?? '', sentence?.debug?.message ?? NO_ANSWER);
  }
}
