// The reception at home: screens, and what leads from one to the next. The link's token stands behind
// # in the address, where browsers keep it to themselves.

import { Reception, ReceptionError } from './api.js';
import { CardReadingStopped, readCard } from './card_reader.js';
import { accessText, instantText } from './accesses.js';
import { KINDS, dayText, fillAnswers, formName, kindName, notCountingText, standingName, untilText } from './consents.js';

const SCREENS = ['loading', 'closed', 'start', 'choose', 'review', 'done', 'list', 'accesses', 'withdraw'];
const byId = (id) => document.getElementById(id);

const reception = new Reception();
let visit = null;
let choices = null;  // Map of kind to decision, once all are made
let listedCard = null;  // certificate of the card by whose consents the choice began

// --- screens -----------------------------------------------------------------------------------

function draw(screen) {
  for (const one of SCREENS) byId(`screen-${one}`).hidden = one !== screen;
  byId('alert').hidden = true;
  const title = byId(`${screen}-title`);
  document.title = `${title.textContent} - マイナ在宅受付`;
  title.focus();
  window.scrollTo(0, 0);
}

// What an earlier screen needs may be gone when the browser goes back to it.
function stands(screen) {
  if (!visit) return 'closed';
  return screen === 'review' && !choices ? 'start' : screen;
}

function go(screen, { replace = false } = {}) {
  const state = { screen };
  if (replace) history.replaceState(state, '');
  else history.pushState(state, '');
  draw(screen);
}

window.addEventListener('popstate', (event) => {
  document.querySelector('dialog')?.close('stop');
  const screen = stands(event.state?.screen ?? 'start');
  if (!['list', 'done', 'accesses'].includes(screen)) draw(screen);
  // What was shown after a card act is not shown again without one.
  else go('start', { replace: true });
});

function say(message) {
  const alert = byId('alert');
  alert.textContent = message;
  alert.hidden = !message;
  if (message) alert.scrollIntoView();
}

// act runs one act of the patient; the page takes no second one meanwhile.
let busy = false;
async function act(run) {
  if (busy) return;
  busy = true;
  const buttons = [...document.querySelectorAll('main button')];
  for (const button of buttons) button.disabled = true;
  say('');
  try {
    await run();
  } catch (error) {
    if (error instanceof CardReadingStopped) return;
    if (error instanceof ReceptionError && error.reason === 'RECEPTION_CLOSED') {
      visit = null;
      byId('visit').hidden = true;
      draw('closed');
      return;
    }
    say(error.message);
  } finally {
    busy = false;
    for (const button of buttons) button.disabled = false;
  }
}

// identified asks the server for a challenge of one kind of act and lets the card sign it.
const identified = async (kind) => readCard(await reception.begin(kind));

// --- what is shown -----------------------------------------------------------------------------

function showVisit() {
  byId('facility').textContent = visit.facilityName;
  byId('form-of-care').textContent = formName(visit.formOfCare);
  const day = visit.appointmentDate;
  byId('appointment-row').hidden = !day;
  byId('appointment-note').hidden = !day;
  if (day) byId('appointment').textContent = dayText(day);
  byId('visit').hidden = false;
  const until = day
    ? `同意は、登録したときから予約日（${dayText(day)}）の終わりまで続きます。`
    : '同意は、登録したときから、取り消すまで続きます。';
  byId('choose-until').textContent = until;
  byId('review-until').textContent = until;
}

function buildKinds() {
  byId('kinds').replaceChildren(...KINDS.map(({ kind, name, about }) => {
    const fieldset = document.createElement('fieldset');
    fieldset.append(Object.assign(document.createElement('legend'), { textContent: name }),
      Object.assign(document.createElement('p'), { textContent: about }));
    const choice = Object.assign(document.createElement('div'), { className: 'choice' });
    for (const [decision, text] of [['DECISION_AGREED', '同意する'], ['DECISION_DECLINED', '同意しない']]) {
      const label = document.createElement('label');
      const input = Object.assign(document.createElement('input'), { type: 'radio', name: kind, value: decision });
      label.append(input, ` ${text}`);
      choice.append(label);
    }
    fieldset.append(choice);
    return fieldset;
  }));
}

function choose(chosen) {
  for (const { kind } of KINDS) {
    for (const input of document.getElementsByName(kind)) input.checked = chosen?.get(kind) === input.value;
  }
  for (const fieldset of document.querySelectorAll('#kinds fieldset')) fieldset.classList.remove('missing');
  byId('assisted').checked = false;
}

function chosenKinds() {
  const chosen = new Map();
  for (const { kind } of KINDS) {
    const input = document.querySelector(`input[name="${kind}"]:checked`);
    if (input) chosen.set(kind, input.value);
  }
  return chosen;
}

const decisionText = (decision) => (decision === 'DECISION_AGREED' ? '同意する' : '同意しない');

const OUTCOMES = {
  RECEPTION_OUTCOME_TAKEN: ['登録しました', '次の内容で登録しました。'],
  RECEPTION_OUTCOME_NOT_REGISTERED: ['登録できませんでした', 'このカードの健康保険証としての登録を確かめています。しばらく待ってから、もう一度行ってください。何度行ってもできないときは、医療機関・薬局にご相談ください。'],
  RECEPTION_OUTCOME_CARD_IN_GRACE: ['同意は登録できませんでした', 'カードの電子証明書の有効期限が切れているため、同意を登録できません。お住まいの市区町村の窓口で更新してください。'],
  RECEPTION_OUTCOME_IDENTITY_IN_QUESTION: ['同意は登録できませんでした', '登録の内容を確認しているため、いまは同意を登録できません。加入している医療保険にお問い合わせください。'],
};

const NOT_REGISTERED = OUTCOMES.RECEPTION_OUTCOME_NOT_REGISTERED[1];

function showGiven(answer) {
  const [title, text] = OUTCOMES[answer.outcome] ?? OUTCOMES.RECEPTION_OUTCOME_TAKEN;
  byId('done-title').textContent = title;
  byId('done-text').textContent = text;
  if (answer.outcome === 'RECEPTION_OUTCOME_CARD_IN_GRACE' && answer.consents.length) {
    byId('done-text').textContent += '「同意しない」とした情報は、そのとおりに登録しました。';
  }
  byId('done-receipt').textContent = answer.auditId;
  fillAnswers(byId('done-list'), answer.consents.map((one) => [
    kindName(one.kind),
    one.decision === 'DECISION_AGREED' ? `同意しました（${untilText(one.endTime)}）` : '同意していません',
    one.decision === 'DECISION_AGREED',
  ]));
  const agreed = answer.consents.some((one) => one.decision === 'DECISION_AGREED');
  const taken = answer.outcome === 'RECEPTION_OUTCOME_TAKEN';
  if (taken && !agreed) {
    const until = visit.appointmentDate ? '予約日の終わりまで' : '取り消すまで';
    byId('done-text').textContent += `どの情報も見せません。保険の資格だけは、${until}確認できます。`;
  }
  byId('done-withdraw').hidden = !taken;
  go('done', { replace: true });
}

function showList(answer) {
  const none = answer.registered ? 'この医療機関・薬局への同意はありません。' : NOT_REGISTERED;
  byId('list-text').textContent = answer.consents.length ? '' : none;
  fillAnswers(byId('list-list'), answer.consents.map((one) => {
    const where = one.appointmentDate ? `${formName(one.formOfCare)} 予約日 ${dayText(one.appointmentDate)}` : formName(one.formOfCare);
    const running = one.standing === 'CONSENT_STANDING_RUNNING';
    if (running && one.notCountingReason) return [`${kindName(one.kind)}（${where}）`, notCountingText(one.notCountingReason), false];
    return [`${kindName(one.kind)}（${where}）`, running ? `${standingName(one.standing)}（${untilText(one.endTime)}）` : standingName(one.standing), running];
  }));
  // The link's own consents are what can be changed here.
  const own = answer.consents.filter((one) => one.formOfCare === visit.formOfCare
    && JSON.stringify(one.appointmentDate ?? null) === JSON.stringify(visit.appointmentDate ?? null));
  choices = null;
  choose(new Map(own.map((one) => [one.kind,
    one.standing === 'CONSENT_STANDING_RUNNING' ? 'DECISION_AGREED' : 'DECISION_DECLINED'])));
  go('list');
}

function showAccesses(answer) {
  const none = answer.registered
    ? 'この1年に、あなたの情報を見た医療機関・薬局はありません。'
    : 'このカードの健康保険証としての登録を確かめています。いまは、記録を確かめることができません。';
  byId('accesses-text').textContent = answer.accesses.length ? 'この1年の記録です。新しいものから並んでいます。' : none;
  byId('accesses-hidden').hidden = !answer.facilityNamesHidden;
  byId('accesses-more').hidden = !answer.more;
  const told = answer.accesses.map((one) => [
    instantText(one.time),
    [one.facilityName || '医療機関・薬局', accessText(one)].join('：'),
  ]);
  // What a patient withdrew at once is a row for every form of care.
  const again = ([time, text], i) => answer.accesses[i].ownAct && i > 0
    && told[i - 1][0] === time && told[i - 1][1] === text;
  fillAnswers(byId('accesses-list'), told.filter((row, i) => !again(row, i)));
  go('accesses');
}

function showWithdrawn(answer) {
  byId('done-title').textContent = answer.registered ? '取り消しました' : '取り消せませんでした';
  const nothing = answer.registered
    ? '見せている情報はありません。訪問診療・オンライン診療などで、カードなしで保険の資格を確認することもできません。'
    : NOT_REGISTERED;
  byId('done-text').textContent = answer.withdrawn.length
    ? '次の同意を取り消しました。この医療機関・薬局は、これからこの情報を見ることができません。' : nothing;
  byId('done-receipt').textContent = answer.auditId;
  fillAnswers(byId('done-list'), answer.withdrawn.map((one) => [kindName(one.kind), `${formName(one.formOfCare)}の同意を取り消しました`]));
  byId('done-withdraw').hidden = true;
  go('done', { replace: true });
}

// --- the patient's acts ------------------------------------------------------------------------

byId('enter-consent').addEventListener('click', () => {
  choices = null;
  listedCard = null;
  choose(null);
  go('choose');
});
byId('enter-list').addEventListener('click', () => act(async () => {
  const card = await identified('RECEPTION_ACT_LIST_CONSENTS');
  showList(await reception.list(card));
  listedCard = card.certificate;
}));
byId('enter-accesses').addEventListener('click', () => act(async () => {
  showAccesses(await reception.accesses(await identified('RECEPTION_ACT_LIST_ACCESSES')));
}));
byId('enter-withdraw').addEventListener('click', () => go('withdraw'));
byId('change').addEventListener('click', () => go('choose'));

byId('agree-all').addEventListener('click', () => {
  for (const input of document.querySelectorAll('#kinds input[value="DECISION_AGREED"]')) input.checked = true;
});

byId('choose-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const chosen = chosenKinds();
  const missing = KINDS.filter(({ kind }) => !chosen.has(kind));
  for (const { kind } of KINDS) {
    document.getElementsByName(kind)[0].closest('fieldset').classList.toggle('missing', !chosen.has(kind));
  }
  if (missing.length) {
    say(`「同意する」か「同意しない」を選んでください：${missing.map(({ name }) => name).join('、')}`);
    document.getElementsByName(missing[0].kind)[0].focus();
    return;
  }
  choices = chosen;
  fillAnswers(byId('review-list'), KINDS.map(({ kind, name }) => [name, decisionText(chosen.get(kind)), chosen.get(kind) === 'DECISION_AGREED']));
  go('review');
});

byId('give').addEventListener('click', () => act(async () => {
  const card = await identified('RECEPTION_ACT_GIVE_CONSENTS');
  if (listedCard && listedCard !== card.certificate) {
    // What was chosen began with what somebody else had consented to.
    listedCard = null;
    choices = null;
    choose(null);
    go('start');
    say('はじめに読み取ったカードと違うカードです。選んだ内容は消しました。はじめから手続きをしてください。');
    return;
  }
  const request = {
    card,
    decisions: [...choices].map(([kind, decision]) => ({ kind, decision })),
    requestId: crypto.randomUUID(),
    assisted: byId('assisted').checked,
  };
  let answer;
  try {
    answer = await reception.give(request);
  } catch (error) {
    // The answer may have been lost on its way: the same request once more is answered alike.
    if (error.reason !== 'NO_ANSWER') throw error;
    answer = await reception.give(request);
  }
  choices = null;
  showGiven(answer);
}));

byId('withdraw').addEventListener('click', () => act(async () => {
  showWithdrawn(await reception.withdraw(await identified('RECEPTION_ACT_WITHDRAW_CONSENTS')));
}));

for (const button of document.querySelectorAll('button.back')) button.addEventListener('click', () => history.back());
for (const button of document.querySelectorAll('button.to-start')) button.addEventListener('click', () => go('start'));

// --- the beginning -----------------------------------------------------------------------------

async function open() {
  const token = location.hash.slice(1);
  try {
    visit = await reception.open(token);
  } catch (error) {
    draw('closed');
    if (error.reason !== 'RECEPTION_CLOSED') say(error.message);
    return;
  }
  showVisit();
  go('start', { replace: true });
}

window.addEventListener('hashchange', () => location.reload());
buildKinds();
open();
