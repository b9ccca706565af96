// How looks at a patient's records are told.

import { inJapan, kindName } from './consents.js';

const OPERATIONS = {
  ACCESS_OPERATION_GET_DRUG_HISTORY: 'お薬の情報',
  ACCESS_OPERATION_GET_TREATMENT_HISTORY: '診療・手術の情報',
  ACCESS_OPERATION_GET_HEALTH_CHECKS: '健診の結果',
  ACCESS_OPERATION_GET_CERTIFICATES: '限度額・特定疾病の情報',
  ACCESS_OPERATION_LIST_CONSENTS: '同意の一覧',
  ACCESS_OPERATION_REVOKE_CONSENT: '同意の取り消し',
  ACCESS_OPERATION_CHECK_CONSENT_END: '同意が終わったかどうか',
  ACCESS_OPERATION_EXPLAIN_DECISION: '情報を見られた、見られなかった理由',
  ACCESS_OPERATION_SEARCH_PATIENT: 'あなたを検索し、健康保険の資格',
  ACCESS_OPERATION_OPEN_EMERGENCY_VIEW: '救急の閲覧の手続きをし、健康保険の資格',
  ACCESS_OPERATION_LIST_PATIENT_ACCESS: '情報を見た記録（窓口であなたが確かめたもの）',
};

// Without a consent given by card.
const SITUATIONS = {
  SITUATION_DISASTER: '災害時の特別な取扱いとして、',
  SITUATION_SYSTEM_FAILURE: 'システム障害時の特別な取扱いとして、',
  SITUATION_EMERGENCY: '救急の特別な取扱いとして、',
};

const OWN_ACTS = {
  ACCESS_OPERATION_LIST_CONSENTS: '同意の一覧を確かめました',
  ACCESS_OPERATION_REVOKE_CONSENT: '同意を取り消しました',
};

// accessText says what was looked at, and whether anything was shown; or what the patient did.
export function accessText({ operation, shown, kindsShown, ownAct, situation, rehearsal }) {
  if (ownAct) {
    return shown ? `あなたが、${OWN_ACTS[operation] ?? '同意する・しないを登録しました'}`
      : 'あなたが手続きをしようとしましたが、できませんでした';
  }
  const kinds = kindsShown.map(kindName).join('、');
  const what = kinds || (OPERATIONS[operation] ?? '健康保険の資格');
  const why = `${rehearsal ? '訓練で、' : ''}${SITUATIONS[situation] ?? ''}`;
  return shown ? `${why}${what}を見ました` : `${why}${what}を見ようとしましたが、見ていません`;
}

export function instantText(time) {
  const at = inJapan(new Date(time));
  return `${at.year}年${at.month}月${at.day}日 ${at.hour}時${Number(at.minute)}分`;
}
