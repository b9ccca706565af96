// What consents are called, and how they are shown.

export const KINDS = [
  { kind: 'CONSENT_KIND_DRUG', name: 'お薬の情報', about: '処方・調剤されたお薬の名前や量など' },
  { kind: 'CONSENT_KIND_TREATMENT', name: '診療の情報', about: '受診した日、受けた診療など（手術をのぞく）' },
  { kind: 'CONSENT_KIND_SURGERY', name: '手術の情報', about: '受けた手術の名前や日付など' },
  { kind: 'CONSENT_KIND_HEALTH_CHECK', name: '健診の結果', about: '特定健診・後期高齢者健診の結果' },
  { kind: 'CONSENT_KIND_LIMIT_CERTIFICATE', name: '限度額の情報', about: 'ひと月の支払いの上限を決める区分' },
  { kind: 'CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE', name: '特定疾病の受療証の情報', about: '人工透析など、長く続く治療の受療証' },
];

const FORMS = {
  FORM_OF_CARE_OUTPATIENT: '外来（窓口）',
  FORM_OF_CARE_HOME_VISIT: '訪問診療等',
  FORM_OF_CARE_ONLINE_CARE: 'オンライン診療等',
};
const STANDINGS = {
  CONSENT_STANDING_RUNNING: '同意しています',
  CONSENT_STANDING_DECLINED: '同意していません',
  CONSENT_STANDING_EXPIRED: '期限が終わりました',
  CONSENT_STANDING_REVOKED_BY_FACILITY: '医療機関・薬局が取り消しました',
  CONSENT_STANDING_REVOKED_BY_PATIENT: '取り消しました',
  CONSENT_STANDING_CHANGE_OF_USE: '利用の変更により終わりました',
};

export const kindName = (kind) => KINDS.find((one) => one.kind === kind)?.name ?? '';
export const formName = (form) => FORMS[form] ?? '';
export const standingName = (standing) => STANDINGS[standing] ?? '';

// notCountingText says why nothing is shown by a consent that runs.
export function notCountingText(reason) {
  switch (reason) {
    case 'REVOCATION_UNKNOWN':
      return '同意していますが、カードの状態をいま確かめられないため、見せていません';
    case 'CONSENT_CERTIFICATE_REVOKED':
      return '同意したときのカードが使えなくなったため、見せていません。いまのカードでもう一度同意すると、見せられます';
    default:
      return '同意したときのカードを確かめられないため、見せていません。いまのカードでもう一度同意すると、見せられます';
  }
}

export const dayText = (day) => `${day.year}年${day.month}月${day.day}日`;

const JAPAN = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', hourCycle: 'h23',
});
export function inJapan(instant) {
  return Object.fromEntries(JAPAN.formatToParts(instant).map((part) => [part.type, part.value]));
}

// untilText says until when, of the first instant at which it no longer holds; none: without end.
export function untilText(endTime) {
  if (!endTime) return '取り消すまで';
  const end = new Date(endTime);
  const at = inJapan(end);
  if (at.hour === '0' && at.minute === '00') {
    const last = inJapan(new Date(end.getTime() - 1000));
    return `${last.year}年${last.month}月${last.day}日の終わりまで`;
  }
  return `${at.year}年${at.month}月${at.day}日 ${at.hour}時${Number(at.minute)}分まで`;
}

// fillAnswers writes [term, text, agreed] into a <dl>; where `agreed` is told, a mark shows it at a glance.
export function fillAnswers(list, answers) {
  list.replaceChildren(...answers.map(([term, text, agreed]) => {
    const row = document.createElement('div');
    const answer = Object.assign(document.createElement('dd'), { textContent: text });
    if (agreed !== undefined) answer.className = agreed ? 'agreed' : 'declined';
    row.append(Object.assign(document.createElement('dt'), { textContent: term }), answer);
    return row;
  }));
}
