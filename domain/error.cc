#include "domain/error.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/cord.h"

namespace kakunin {
namespace {

using enum absl::StatusCode;

constexpr ReasonFacts kReasons[] = {
    {Reason::kInvalidFields, kInvalidArgument, "INVALID_FIELDS",
     "入力に不備があります。示された項目を直して、もう一度送信してください。", false},
    {Reason::kRequestIdReused, kInvalidArgument, "REQUEST_ID_REUSED",
     "同じ要求番号が別の内容で使われています。新しい要求番号で送信してください。", false},
    {Reason::kNoCertificate, kUnauthenticated, "NO_CERTIFICATE",
     "端末の電子証明書が確認できません。証明書の設定を確かめてください。", false},
    {Reason::kProxyHeaderRefused, kPermissionDenied, "PROXY_HEADER_REFUSED",
     "この接続では代理証明書の指定を受け付けません。接続の設定を確かめてください。", false},
    {Reason::kCertificateNotRegistered, kPermissionDenied, "CERTIFICATE_NOT_REGISTERED",
     "この電子証明書は登録されていません。運用担当に登録を依頼してください。", false},
    {Reason::kCertificateExpired, kPermissionDenied, "CERTIFICATE_EXPIRED",
     "端末の電子証明書が有効期間外です。証明書を更新してください。", false},
    {Reason::kCertificateNamesDiffer, kPermissionDenied, "CERTIFICATE_NAMES_DIFFER",
     "電子証明書の名義が登録と一致しません。運用担当に連絡してください。", false},
    {Reason::kTerminalRevoked, kPermissionDenied, "TERMINAL_REVOKED",
     "この端末の利用は停止されています。運用担当に連絡してください。", false},
    {Reason::kTerminalSuspended, kPermissionDenied, "TERMINAL_SUSPENDED",
     "この端末の利用は一時停止されています。再開について運用担当に連絡してください。", false},
    {Reason::kFacilityInactive, kPermissionDenied, "FACILITY_INACTIVE",
     "この医療機関等の利用は停止されています。運用担当に連絡してください。", false},
    {Reason::kInsurerInactive, kPermissionDenied, "INSURER_INACTIVE",
     "この保険者の利用は停止されています。運用担当に連絡してください。", false},
    {Reason::kOperatorInactive, kPermissionDenied, "OPERATOR_INACTIVE",
     "この運用者の利用は停止されています。責任者に連絡してください。", false},
    {Reason::kReviewerInactive, kPermissionDenied, "REVIEWER_INACTIVE",
     "この審査支払機関の利用は停止されています。運用担当に連絡してください。", false},
    {Reason::kWrongKindOfCaller, kPermissionDenied, "WRONG_KIND_OF_CALLER",
     "この電子証明書ではこの機能を利用できません。正しい証明書で接続してください。", false},
    {Reason::kFacilityCodeDiffers, kPermissionDenied, "FACILITY_CODE_DIFFERS",
     "医療機関等コードが端末の電子証明書と一致しません。コードを確かめてください。", false},
    {Reason::kFormOfCareNotInService, kPermissionDenied, "FORM_OF_CARE_NOT_IN_SERVICE",
     "この診療形態はまだ利用できません。外来として確認してください。", false},
    {Reason::kTerminalKindNotAllowed, kPermissionDenied, "TERMINAL_KIND_NOT_ALLOWED",
     "この種類の端末ではこの操作はできません。受付の端末を使ってください。", false},
    {Reason::kHolderVerificationNotAllowed, kPermissionDenied, "HOLDER_VERIFICATION_NOT_ALLOWED",
     "この本人確認方法は利用できません。この診療形態で利用できる方法で確認してください。", false},
    {Reason::kNotInService, kPermissionDenied, "NOT_IN_SERVICE",
     "この情報またはこの診療形態は、その時点では提供が始まっていません。提供開始日を確かめてくださ"
     "い。",
     false},
    {Reason::kTerminalRestricted, kPermissionDenied, "TERMINAL_RESTRICTED",
     "この端末では資格確認だけができます。資格確認限定型でない端末を使ってください。", false},
    {Reason::kRoleNotAllowed, kPermissionDenied, "ROLE_NOT_ALLOWED",
     "この利用者の権限ではこの操作はできません。権限のある利用者が行ってください。", false},
    {Reason::kFacilityTypeNotAllowed, kPermissionDenied, "FACILITY_TYPE_NOT_ALLOWED",
     "この種類の医療機関等ではこの情報を閲覧できません。患者に別の方法で確かめてください。", false},
    {Reason::kRoleNotProven, kPermissionDenied, "ROLE_NOT_PROVEN",
     "この操作にはログインが必要です。利用者名とパスワードでログインしてから、もう一度行ってくださ"
     "い。",
     false},
    {Reason::kRecordKindNotUsed, kPermissionDenied, "RECORD_KIND_NOT_USED",
     "この医療機関等はこの種類の情報を利用しない設定です。利用するときは管理者が設定を変えてくださ"
     "い。",
     false},
    {Reason::kEPrescriptionNotUsed, kPermissionDenied, "E_PRESCRIPTION_NOT_USED",
     "この医療機関等は電子処方箋を利用しない設定です。処方・調剤の情報を付けずに照会してください。",
     false},
    {Reason::kOperationTestNotOffered, kPermissionDenied, "OPERATION_TEST_NOT_OFFERED",
     "運用テスト中は、この操作は利用できません。運用開始の後にもう一度行ってください。", false},
    {Reason::kLogInRefused, kUnauthenticated, "LOG_IN_REFUSED",
     "ログインできません。利用者名とパスワードを確かめてください。5回続けて誤ったときなど利用が止ま"
     "っている場合は、管理者に依頼してください。",
     false},
    {Reason::kPasswordWrong, kPermissionDenied, "PASSWORD_WRONG",
     "今のパスワードが違います。確かめて入力し、5回続けて誤って止まったときは、管理者に依頼してくだ"
     "さい。",
     false},
    {Reason::kSessionUnknown, kUnauthenticated, "SESSION_UNKNOWN",
     "ログインの情報を確認できません。もう一度ログインしてください。", false},
    {Reason::kSessionEnded, kUnauthenticated, "SESSION_ENDED",
     "ログアウトされています。もう一度ログインしてください。", false},
    {Reason::kSessionExpired, kUnauthenticated, "SESSION_EXPIRED",
     "ログインの有効時間が過ぎました。もう一度ログインしてください。", false},
    {Reason::kSessionOfAnotherTerminal, kPermissionDenied, "SESSION_OF_ANOTHER_TERMINAL",
     "別の端末でのログインです。この端末でログインしてください。", false},
    {Reason::kSessionContradicted, kPermissionDenied, "SESSION_CONTRADICTED",
     "指定された利用者または権限がログイン中の利用者と異なります。指定を外すか、その利用者でログイ"
     "ンし"
     "てください。",
     false},
    {Reason::kSessionNotYetKnown, kUnavailable, "SESSION_NOT_YET_KNOWN",
     "ログインが行き渡るのを待っています。少し待ってから、もう一度行ってください。", true},
    {Reason::kPasswordChangeNeeded, kPermissionDenied, "PASSWORD_CHANGE_NEEDED",
     "一回限りのパスワードでログインしています。先にパスワードを変更してください。", false},
    {Reason::kAccountNotFound, kNotFound, "ACCOUNT_NOT_FOUND",
     "該当する利用者がいません。一覧で利用者名を確かめてください。", false},
    {Reason::kAccountExists, kAlreadyExists, "ACCOUNT_EXISTS",
     "この利用者名は既に使われています。別の利用者名にしてください。", false},
    {Reason::kAccountDisabled, kFailedPrecondition, "ACCOUNT_DISABLED",
     "この利用者は廃止されています。別の利用者名で新しく登録してください。", false},
    {Reason::kAccountIsOwn, kFailedPrecondition, "ACCOUNT_IS_OWN",
     "自分のアカウントにはこの操作はできません。別の管理者に依頼してください。", false},
    {Reason::kSettingsChangedMeanwhile, kFailedPrecondition, "SETTINGS_CHANGED_MEANWHILE",
     "設定がその間に変更されています。今の設定を確かめて、もう一度変更してください。", false},
    {Reason::kPatientHandleRefused, kPermissionDenied, "PATIENT_HANDLE_REFUSED",
     "患者ハンドルを受け付けられません。もう一度資格確認を行い、新しい患者ハンドルを使ってください"
     "。",
     false},
    {Reason::kNoConsent, kPermissionDenied, "NO_CONSENT",
     "この患者の有効な同意がありません。カードで本人確認を行い、閲覧の同意を得てください。", false},
    {Reason::kConsentDeclined, kPermissionDenied, "CONSENT_DECLINED",
     "患者は閲覧に同意していません。同意するときは、カードで手続きをやり直してください。", false},
    {Reason::kConsentExpired, kPermissionDenied, "CONSENT_EXPIRED",
     "同意の有効期間が終わりました。カードで本人確認を行い、もう一度同意を得てください。", false},
    {Reason::kConsentRevoked, kPermissionDenied, "CONSENT_REVOKED",
     "同意は取り消されています。カードで本人確認を行い、もう一度同意を得てください。", false},
    {Reason::kConsentCertificateRevoked, kPermissionDenied, "CONSENT_CERTIFICATE_REVOKED",
     "同意に使われた電子証明書はその後に失効しました。有効なカードでもう一度同意を得てください。",
     false},
    {Reason::kConsentCertificateLapsed, kPermissionDenied, "CONSENT_CERTIFICATE_LAPSED",
     "同意に使われた電子証明書は更新または期限切れとなりました。今のカードでもう一度同意を得てくだ"
     "さい。",
     false},
    {Reason::kConsentCertificateUntraceable, kPermissionDenied, "CONSENT_CERTIFICATE_UNTRACEABLE",
     "同意に使われた電子証明書の失効を、もう確かめられません。カードでもう一度同意を得てください。",
     false},
    {Reason::kCardEligibilityOnly, kPermissionDenied, "CARD_ELIGIBILITY_ONLY",
     "電子証明書の期限が切れたカードでは、資格だけを確認できます。市区町村での更新を案内してくださ"
     "い。",
     false},
    {Reason::kIdentityInQuestion, kPermissionDenied, "IDENTITY_IN_QUESTION",
     "別の方の情報と取り違えているおそれがあり、確認が終わるまで診療情報などを表示できません。患者"
     "さん"
     "に直接確かめ、保険者への照会を案内してください。",
     false},
    {Reason::kBranchNumberNeeded, kFailedPrecondition, "BRANCH_NUMBER_NEEDED",
     "複数の方が該当します。枝番を確かめて入力し、もう一度行ってください。", false},
    {Reason::kPatientNotFound, kNotFound, "PATIENT_NOT_FOUND",
     "該当する方がいません。保険者番号・記号・番号・生年月日を確かめるか、"
     "資格を確認し直してください。",
     false},
    {Reason::kReferenceNumberLimit, kFailedPrecondition, "REFERENCE_NUMBER_LIMIT",
     "一人の患者に登録できる照会番号は10件までです。使わない番号を先に削除してください。", false},
    {Reason::kDecisionNotFound, kNotFound, "DECISION_NOT_FOUND",
     "この監査番号による閲覧の記録は、この医療機関等にはありません。番号を確かめてください。",
     false},
    {Reason::kChallengeRefused, kFailedPrecondition, "CHALLENGE_REFUSED",
     "本人確認の受付時間を過ぎたか、既に使われています。カードを置き直して、もう一度行ってください"
     "。",
     false},
    {Reason::kCardRefused, kFailedPrecondition, "CARD_REFUSED",
     "カードを確認できません。カードを置き直し、それでもできないときは資格確認書などで確認してくだ"
     "さい。",
     false},
    {Reason::kCardExpired, kFailedPrecondition, "CARD_EXPIRED",
     "カードの電子証明書の有効期限が切れています。資格確認書などで確認し、市区町村での更新を案内し"
     "てください。",
     false},
    {Reason::kCardRevoked, kFailedPrecondition, "CARD_REVOKED",
     "カードの電子証明書は失効しています。資格確認書などで確認し、市区町村への相談を案内してくださ"
     "い。",
     false},
    {Reason::kReceptionLinkNotFound, kNotFound, "RECEPTION_LINK_NOT_FOUND",
     "該当する受付用URLがありません。一覧で番号を確かめてください。", false},
    {Reason::kReceptionAppNotFound, kNotFound, "RECEPTION_APP_NOT_FOUND",
     "該当するアプリがないか、利用が停止されています。アプリの番号を確かめてください。", false},
    {Reason::kReceptionAppRefused, kUnauthenticated, "RECEPTION_APP_REFUSED",
     "このアプリは受付に利用できません。受付用URLをブラウザーで開いてください。", false},
    {Reason::kReceptionClosed, kNotFound, "RECEPTION_CLOSED",
     "この受付用URLは使えません。医療機関・薬局に新しいURLをお尋ねください。", false},
    {Reason::kReceptionNotOpened, kUnauthenticated, "RECEPTION_NOT_OPENED",
     "手続きの時間が過ぎました。受付用URLをもう一度開いてください。", false},
    {Reason::kReceptionLimit, kResourceExhausted, "RECEPTION_LIMIT",
     "短い時間に多くの操作がありました。しばらく待ってから、もう一度行ってください。", true},
    {Reason::kFeedKindNotAllowed, kPermissionDenied, "FEED_KIND_NOT_ALLOWED",
     "この種類の送信は登録できません。送信の種類を確かめてください。", false},
    {Reason::kFeedNotFound, kNotFound, "FEED_NOT_FOUND",
     "該当する送信がありません。送信番号を確かめてください。", false},
    {Reason::kFeedChunkGap, kFailedPrecondition, "FEED_CHUNK_GAP",
     "分割番号が続いていません。示された番号から送り直してください。", false},
    {Reason::kFeedChunkDiffers, kInvalidArgument, "FEED_CHUNK_DIFFERS",
     "受領済みの分割と内容が異なります。新しい送信としてやり直してください。", false},
    {Reason::kFeedChunkTruncated, kInvalidArgument, "FEED_CHUNK_TRUNCATED",
     "分割の行数が申告と一致しません。分割を作り直して送り直してください。", false},
    {Reason::kFeedChunkTooLarge, kInvalidArgument, "FEED_CHUNK_TOO_LARGE",
     "一つの分割に入れられるのは2,000行までです。分けて送り直してください。", false},
    {Reason::kFeedNumberReused, kAlreadyExists, "FEED_NUMBER_REUSED",
     "同じ送信番号が別の内容で使われています。新しい送信番号で送信してください。", false},
    {Reason::kFeedNumberGap, kFailedPrecondition, "FEED_NUMBER_GAP",
     "送信番号が続いていません。前回の次の番号で送信してください。", false},
    {Reason::kFeedNotOpen, kFailedPrecondition, "FEED_NOT_OPEN",
     "この送信は既に締め切られています。新しい送信を始めてください。", false},
    {Reason::kFeedIncomplete, kFailedPrecondition, "FEED_INCOMPLETE",
     "受領した件数が申告と一致しません。不足している分割を送り直してください。", false},
    {Reason::kFeedQuarantined, kFailedPrecondition, "FEED_QUARANTINED",
     "この送信は確認待ちです。内容を確かめ、保険者と運用者の双方の承認を得てください。", false},
    {Reason::kFeedNotQuarantined, kFailedPrecondition, "FEED_NOT_QUARANTINED",
     "この送信は確認待ちではありません。送信の状態を確かめてください。", false},
    {Reason::kFeedPublished, kFailedPrecondition, "FEED_PUBLISHED",
     "この送信は既に公開されています。取り消すには公開の取消を行ってください。", false},
    {Reason::kFeedNotPublished, kFailedPrecondition, "FEED_NOT_PUBLISHED",
     "この送信は公開されていません。送信の状態を確かめてください。", false},
    {Reason::kFeedTouchedLater, kFailedPrecondition, "FEED_TOUCHED_LATER",
     "この送信の後に別の送信が同じ行を変更しています。変更された行を確かめてください。", false},
    {Reason::kServiceNotFound, kNotFound, "SERVICE_NOT_FOUND",
     "そのサービスはありません。サービス名を確かめてください。", false},
    {Reason::kFacilityNotFound, kNotFound, "FACILITY_NOT_FOUND",
     "該当する医療機関等がありません。先に医療機関等を登録してください。", false},
    {Reason::kTerminalNotFound, kNotFound, "TERMINAL_NOT_FOUND",
     "該当する端末がありません。医療機関等コードと端末番号を確かめてください。", false},
    {Reason::kCertificateInUse, kAlreadyExists, "CERTIFICATE_IN_USE",
     "この電子証明書は別の登録で使われています。新しい証明書を発行してください。", false},
    {Reason::kPersonConflict, kFailedPrecondition, "PERSON_CONFLICT",
     "別の方に結び付いている登録があります。対象を確かめてから送り直してください。", false},
    {Reason::kPersonNotFound, kNotFound, "PERSON_NOT_FOUND",
     "この個人番号の方は登録されていません。番号を確かめるか、保険者の登録を待ってください。",
     false},
    {Reason::kCaseNotFound, kNotFound, "CASE_NOT_FOUND",
     "この確認案件は見つかりません。番号を確かめてください。", false},
    {Reason::kCaseNotOpen, kFailedPrecondition, "CASE_NOT_OPEN",
     "この確認案件は既に終わっています。一覧で状態を確かめてください。", false},
    {Reason::kRepairNotFound, kNotFound, "REPAIR_NOT_FOUND",
     "該当する訂正の申請がありません。申請番号を確かめてください。", false},
    {Reason::kRepairDecided, kFailedPrecondition, "REPAIR_DECIDED",
     "この訂正の申請は既に実施または取り下げられています。申請の状態を確かめてください。", false},
    {Reason::kRepairSameOperator, kPermissionDenied, "REPAIR_SAME_OPERATOR",
     "訂正を申請した運用者は承認できません。別の運用者の証明書で承認してください。", false},
    {Reason::kRepairPending, kFailedPrecondition, "REPAIR_PENDING",
     "この方には承認を待つ訂正の申請があります。先にその申請を承認するか取り下げてください。",
     false},
    {Reason::kRepairOnePerson, kFailedPrecondition, "REPAIR_ONE_PERSON",
     "示された二つは同じ方を指しています。対象を確かめてください。", false},
    {Reason::kRepairTwoPersons, kFailedPrecondition, "REPAIR_TWO_PERSONS",
     "示された個人番号は別々の方を指しています。同じ方であれば、先に統合を申請してください。",
     false},
    {Reason::kRepairNumberReplaced, kFailedPrecondition, "REPAIR_NUMBER_REPLACED",
     "この個人番号は既に別の番号に変更されています。番号と順序を確かめてください。", false},
    {Reason::kRepairRowNotHeld, kFailedPrecondition, "REPAIR_ROW_NOT_HELD",
     "示された登録はこの方のものではありません。対象を確かめて、申請をやり直してください。", false},
    {Reason::kEnrolmentCodeRefused, kPermissionDenied, "ENROLMENT_CODE_REFUSED",
     "登録コードを確認できません。入力を確かめ、それでもできないときは運用担当に新しいコードを依頼"
     "してください。",
     false},
    {Reason::kEnrolmentCodeExpired, kPermissionDenied, "ENROLMENT_CODE_EXPIRED",
     "登録コードの有効期間が終わりました。運用担当に新しいコードを依頼してください。", false},
    {Reason::kEnrolmentCodeUsed, kPermissionDenied, "ENROLMENT_CODE_USED",
     "登録コードは既に使われています。心当たりがないときは、すぐに運用担当に連絡してください。",
     false},
    {Reason::kEnrolmentReceiptRefused, kPermissionDenied, "ENROLMENT_RECEIPT_REFUSED",
     "受付の控えを確認できません。申請したときの控えを使い、ないときは運用担当に連絡してください。",
     false},
    {Reason::kOnboardingLimit, kResourceExhausted, "ONBOARDING_LIMIT",
     "短い時間に多くの操作がありました。しばらく待ってから、もう一度行ってください。", true},
    {Reason::kApplicantLogInNeeded, kUnauthenticated, "APPLICANT_LOG_IN_NEEDED",
     "ログインしていないか、ログインの有効期間が過ぎています。もう一度ログインしてください。",
     false},
    {Reason::kApplicantLogInRefused, kUnauthenticated, "APPLICANT_LOG_IN_REFUSED",
     "ログインできません。アカウントとパスワードを確かめてください。5回続けて誤ったときなど利用が止"
     "まっている場合は、窓口にパスワードの再発行を依頼してください。",
     false},
    {Reason::kApplicantNotFound, kNotFound, "APPLICANT_NOT_FOUND",
     "このアカウントはありません。アカウントを確かめてください。", false},
    {Reason::kApplicantNotInThisState, kFailedPrecondition, "APPLICANT_NOT_IN_THIS_STATE",
     "このアカウントの今の状態では、この操作はできません。状態を確かめてください。", false},
    {Reason::kApplicationNotFound, kNotFound, "APPLICATION_NOT_FOUND",
     "この申請はありません。申請の番号を確かめてください。", false},
    {Reason::kApplicationNotInThisState, kFailedPrecondition, "APPLICATION_NOT_IN_THIS_STATE",
     "この申請の今の状態では、この操作はできません。状態を確かめてください。", false},
    {Reason::kApplicationSameOperator, kPermissionDenied, "APPLICATION_SAME_OPERATOR",
     "申請者に仮パスワードを渡した職員は、その申請を承認できません。別の職員が承認してください。",
     false},
    {Reason::kApplicationChangedMeanwhile, kFailedPrecondition, "APPLICATION_CHANGED_MEANWHILE",
     "確認した後に申請が出し直されています。内容をもう一度確かめてから操作してください。", false},
    {Reason::kOperationTestIncomplete, kFailedPrecondition, "OPERATION_TEST_INCOMPLETE",
     "運用テストの確認項目が残っています。すべての項目を済ませてから運用を開始してください。",
     false},
    {Reason::kIntroductionIncomplete, kFailedPrecondition, "INTRODUCTION_INCOMPLETE",
     "運用を開始していない施設です。導入が完了してから補助金を申請してください。", false},
    {Reason::kDocumentsMissing, kFailedPrecondition, "DOCUMENTS_MISSING",
     "必要な添付書類がそろっていません。書類の一覧を確かめて、すべて添付してください。", false},
    {Reason::kSubsidyDeadlinePassed, kFailedPrecondition, "SUBSIDY_DEADLINE_PASSED",
     "補助金の申請期限を過ぎています。窓口に確かめてください。", false},
    {Reason::kCertificateRequestMalformed, kInvalidArgument, "CERTIFICATE_REQUEST_MALFORMED",
     "証明書の申請(CSR)を読み取れません。PKCS#10の形式で作り直してください。", false},
    {Reason::kCertificateRequestWeakKey, kInvalidArgument, "CERTIFICATE_REQUEST_WEAK_KEY",
     "この鍵では申請できません。P-256またはRSA "
     "2048~4096ビット(指数65537)の鍵を作り直してください。",
     false},
    {Reason::kCertificateRequestAlgorithm, kInvalidArgument, "CERTIFICATE_REQUEST_ALGORITHM",
     "申請(CSR)の署名の方式は使えません。SHA-256で署名して作り直してください。", false},
    {Reason::kCertificateRequestProofFailed, kInvalidArgument, "CERTIFICATE_REQUEST_PROOF_FAILED",
     "申請(CSR)の署名が鍵と一致しません。申請する端末で作り直してください。", false},
    {Reason::kCertificateRequestKeyReused, kAlreadyExists, "CERTIFICATE_REQUEST_KEY_REUSED",
     "この鍵は既に使われています。新しい鍵を作って申請してください。", false},
    {Reason::kCertificateRequestNotFound, kNotFound, "CERTIFICATE_REQUEST_NOT_FOUND",
     "該当する証明書の申請がありません。申請番号を確かめてください。", false},
    {Reason::kCertificateRequestDecided, kFailedPrecondition, "CERTIFICATE_REQUEST_DECIDED",
     "この申請は既に処理されています。一覧で状態を確かめてください。", false},
    {Reason::kCertificateRequestSameOperator, kPermissionDenied,
     "CERTIFICATE_REQUEST_SAME_OPERATOR",
     "登録コードを発行した運用者は承認できません。別の運用者の証明書で承認してください。", false},
    {Reason::kCertificateRequestOtherKey, kFailedPrecondition, "CERTIFICATE_REQUEST_OTHER_KEY",
     "鍵の指紋が申請と一致しません。医療機関等に電話で確かめ、一致しなければ申請を拒否してください"
     "。",
     false},
    {Reason::kCertificateRequestNotApproved, kFailedPrecondition,
     "CERTIFICATE_REQUEST_NOT_APPROVED",
     "この申請は承認されていません。先に別の運用者の承認を得てください。", false},
    {Reason::kCertificateRequestOvertaken, kFailedPrecondition, "CERTIFICATE_REQUEST_OVERTAKEN",
     "申請の後に端末の証明書が替わりました。この申請を拒否し、端末から申請し直してください。",
     false},
    {Reason::kCertificateAuthorityMissing, kFailedPrecondition, "CERTIFICATE_AUTHORITY_MISSING",
     "このサーバーには端末の認証局が設定されていません。設定の[terminal_certificates]"
     "を確かめてください。",
     false},
    {Reason::kCertificateWrongIssuer, kInvalidArgument, "CERTIFICATE_WRONG_ISSUER",
     "証明書の発行者がこのサービスの認証局ではありません。正しい認証局の鍵で発行してください。",
     false},
    {Reason::kCertificateWrongKey, kInvalidArgument, "CERTIFICATE_WRONG_KEY",
     "証明書の鍵が申請と一致しません。申請にある鍵で発行し直してください。", false},
    {Reason::kCertificateWrongName, kInvalidArgument, "CERTIFICATE_WRONG_NAME",
     "証明書の名義(URI)が申請の端末と一致しません。示された名義で発行し直してください。", false},
    {Reason::kCertificateWrongDates, kInvalidArgument, "CERTIFICATE_WRONG_DATES",
     "証明書の有効期間が決まりに合いません。今日から3年3か月以内で発行し直してください。", false},
    {Reason::kCertificateWrongUse, kInvalidArgument, "CERTIFICATE_WRONG_USE",
     "証明書の用途が決まりに合いません。署名とクライアント認証だけの証明書を発行してください。",
     false},
    {Reason::kRenewalTooEarly, kFailedPrecondition, "RENEWAL_TOO_EARLY",
     "証明書はまだ更新できません。有効期限の90日前から更新してください。", false},
    {Reason::kRenewalOpen, kFailedPrecondition, "RENEWAL_OPEN",
     "この端末には処理中の更新の申請があります。発行を待つか、運用担当に取消を依頼してください。",
     false},
    {Reason::kRenewalOfFormer, kFailedPrecondition, "RENEWAL_OF_FORMER",
     "この証明書は既に更新されています。新しい証明書で接続してください。", false},
    {Reason::kBulkNotFound, kNotFound, "BULK_NOT_FOUND",
     "該当する一括照会がありません。受付番号を確かめてください。保存の期限を過ぎたものは、もう一度"
     "送ってください。",
     false},
    {Reason::kBulkClosed, kFailedPrecondition, "BULK_CLOSED",
     "この一括照会は既に締め切られています。受付番号で状況を確かめてください。", false},
    {Reason::kBulkIncomplete, kFailedPrecondition, "BULK_INCOMPLETE",
     "受領した件数が申告と一致しません。受付状況を確かめ、続きの分割から送り直してください。",
     false},
    {Reason::kBulkRunning, kFailedPrecondition, "BULK_RUNNING",
     "この一括照会はまだ終わっていません。終わるのを待つか、中止してから行ってください。", false},
    {Reason::kBulkLimit, kResourceExhausted, "BULK_LIMIT",
     "一括照会の数が上限に達しています。前の照会が終わるのを待つか、不要な結果を削除してください。"
     "途中まで送った照会は、続きを送るか、取り消してください。",
     true},
    {Reason::kInquiryLimit, kResourceExhausted, "INQUIRY_LIMIT",
     "記号・番号による照会が上限に達しました。時間をおくか、カードで確認してください。", true},
    {Reason::kOverloaded, kResourceExhausted, "OVERLOADED",
     "混み合っています。少し待ってから、もう一度行ってください。", true},
    {Reason::kCallLimit, kResourceExhausted, "CALL_LIMIT",
     "要求が続けて多すぎます。少し待ってから、もう一度行ってください。"
     "続くときは、同じ要求を何度も送っていないか、システムの提供者に確かめてください。",
     true},
    {Reason::kDatabaseUnavailable, kUnavailable, "DATABASE_UNAVAILABLE",
     "ただいま確認できません。少し待ってから、もう一度行ってください。", true},
    {Reason::kRegistryStale, kUnavailable, "REGISTRY_STALE",
     "端末の登録を確かめられません。少し待ってから、もう一度行ってください。", true},
    {Reason::kRevocationUnknown, kUnavailable, "REVOCATION_UNKNOWN",
     "カードの失効情報を確かめられません。少し待ってやり直すか、資格確認書などで確認してください。",
     true},
    {Reason::kResidentsUnavailable, kUnavailable, "RESIDENTS_UNAVAILABLE",
     "住民の登録簿と照合できません。少し待ってから、もう一度行ってください。", true},
    {Reason::kShuttingDown, kUnavailable, "SHUTTING_DOWN",
     "サーバーを切り替えています。少し待ってから、もう一度行ってください。", true},
    {Reason::kDeadlineExceeded, kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "時間内に終わりませんでした。もう一度行ってください。", true},
    {Reason::kInternal, kInternal, "INTERNAL",
     "処理できませんでした。もう一度行い、続くときは運用担当に連絡してください。", false},
};

constexpr char kFieldUrl[] = "kakunin/field_violations";
constexpr char kSentenceUrl[] = "kakunin/sentence";
constexpr char kChunkUrl[] = "kakunin/expected_chunk";
constexpr char kFeedNumberUrl[] = "kakunin/expected_feed_number";
// Neither character can occur in a field name or in our own descriptions.
constexpr char kBetweenParts = '\x1f';
constexpr char kBetweenViolations = '\x1e';

std::optional<long long> NumberIn(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  if (!payload.has_value()) return std::nullopt;
  const std::string digits(*payload);
  long long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

std::span<const ReasonFacts> AllReasons() { return kReasons; }

const ReasonFacts& FactsOf(Reason reason) {
  const auto row = std::find_if(std::begin(kReasons), std::end(kReasons),
                                [&](const ReasonFacts& facts) { return facts.reason == reason; });
  return row == std::end(kReasons) ? FactsOf(Reason::kInternal) : *row;
}

absl::Status MakeError(Reason reason) {
  const ReasonFacts& facts = FactsOf(reason);
  return absl::Status(facts.code, absl::string_view(facts.name.data(), facts.name.size()));
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  absl::Status status = MakeError(Reason::kInvalidFields);
  std::string packed;
  for (const FieldViolation& violation : violations) {
    packed += violation.field;
    packed += kBetweenParts;
    packed += violation.description;
    packed += kBetweenViolations;
  }
  status.SetPayload(kFieldUrl, absl::Cord(packed));
  return status;
}

absl::Status ExpectedChunk(long long number) {
  absl::Status status = MakeError(Reason::kFeedChunkGap);
  status.SetPayload(kChunkUrl, absl::Cord(std::to_string(number)));
  return status;
}

absl::Status ExpectedFeedNumber(long long number) {
  absl::Status status = MakeError(Reason::kFeedNumberGap);
  const std::string digits = std::to_string(number);
  status.SetPayload(kFeedNumberUrl, absl::Cord(digits));
  status.SetPayload(kSentenceUrl, absl::Cord("送信番号が続いていません。次の番号は" + digits +
                                             "です。その番号で送信してください。"));
  return status;
}

absl::Status HolderVerificationNotAllowed(std::string_view ways) {
  absl::Status status = MakeError(Reason::kHolderVerificationNotAllowed);
  if (ways.empty()) return status;
  status.SetPayload(kSentenceUrl, absl::Cord("この本人確認方法は利用できません。" +
                                             std::string(ways) + "で確認してください。"));
  return status;
}

std::optional<Reason> ReasonNamed(std::string_view name) {
  const auto row = std::find_if(std::begin(kReasons), std::end(kReasons),
                                [&](const ReasonFacts& facts) { return facts.name == name; });
  if (row == std::end(kReasons)) return std::nullopt;
  return row->reason;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const std::string_view name(status.message().data(), status.message().size());
  const auto row = std::find_if(
      std::begin(kReasons), std::end(kReasons),
      [&](const ReasonFacts& facts) { return facts.name == name && facts.code == status.code(); });
  return row == std::end(kReasons) ? Reason::kInternal : row->reason;
}

std::vector<FieldViolation> ViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto payload = status.GetPayload(kFieldUrl);
  if (!payload.has_value()) return violations;
  const std::string packed(*payload);
  for (size_t begin = 0; begin < packed.size();) {
    const size_t end = packed.find(kBetweenViolations, begin);
    const size_t middle = packed.find(kBetweenParts, begin);
    violations.push_back(
        {packed.substr(begin, middle - begin), packed.substr(middle + 1, end - middle - 1)});
    begin = end + 1;
  }
  return violations;
}

std::optional<std::string> OwnSentenceOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kSentenceUrl);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

std::optional<long long> ExpectedChunkOf(const absl::Status& status) {
  return NumberIn(status, kChunkUrl);
}

std::optional<long long> ExpectedFeedNumberOf(const absl::Status& status) {
  return NumberIn(status, kFeedNumberUrl);
}

}  // namespace kakunin
