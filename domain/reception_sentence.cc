#include "domain/reception_sentence.h"

namespace kakunin {

std::string_view ReceptionSentence(Reason reason) {
  switch (reason) {
    case Reason::kReceptionAppRefused:
    case Reason::kReceptionClosed:
    case Reason::kReceptionNotOpened:
    case Reason::kReceptionLimit:
      return FactsOf(reason).sentence;
    case Reason::kInvalidFields:
      return "入力に足りないところがあります。前の画面に戻って、もう一度確かめてください。";
    case Reason::kChallengeRefused:
      return "本人確認の時間が過ぎたか、すでに使われています。もう一度カードを読み取ってください。";
    case Reason::kCardExpired:
      return "カードの電子証明書の有効期限が切れています。お住まいの市区町村の窓口で更新してくださ"
             "い。";
    case Reason::kCardRevoked:
      return "このカードの電子証明書は使えなくなっています。お住まいの市区町村の窓口にご相談くださ"
             "い。";
    case Reason::kCardEligibilityOnly:
      return "カードの電子証明書の有効期限が切れているため、この手続きはできません。お住まいの市区"
             "町"
             "村の窓口で更新してください。";
    case Reason::kCardRefused:
      return "カードを確認できませんでした。もう一度読み取ってください。それでもできないときは、医"
             "療"
             "機関・薬局にご相談ください。";
    case Reason::kHolderVerificationNotAllowed:
      return "4桁の暗証番号で本人確認をしてください。";
    case Reason::kIdentityInQuestion:
      return "登録の内容を確認しているため、この手続きはできません。加入している医療保険にお問い合"
             "わ"
             "せください。";
    default:
      return "ただいま手続きができません。しばらく待ってから、もう一度行ってください。";
  }
}

}  // namespace kakunin
