#include "server/synth/test_persons.h"

#include <algorithm>

#include "domain/civil_day.h"
#include "server/synth/certificate_plan.h"
#include "server/synth/test_person_builder.h"

namespace kakunin::synth {
namespace {

using test_insurer::kAssociation;
using test_insurer::kLateElderly;
using test_insurer::kMedicalAid;
using test_insurer::kMunicipality;
using test_insurer::kMutualAid;
using test_insurer::kOtherSociety;
using test_insurer::kSelfDefence;
using test_insurer::kSociety;

// The lines are added in groups; `n` numbers persons over all groups.
class Table {
 public:
  explicit Table(absl::CivilDay today) : today_(today), long_ago_(SameDayYearsBefore(today, 5)) {}

  std::vector<TestPerson> Make() {
    AddCoverages();
    AddKindsOfCoverage();
    AddCards();
    AddStrangers();
    AddSourceDocuments();
    AddBulkList();
    return std::move(lines_);
  }

 private:
  TestPersonBuilder Line(std::string id, std::string description) {
    return {today_, ++n_, std::move(id), std::move(description)};
  }
  void Add(TestPersonBuilder& builder) { lines_.push_back(builder.Build()); }

  void AddCoverages();
  void AddKindsOfCoverage();
  void AddCards();
  void AddCaGenerationsAndPhones();
  void AddStrangers();
  void AddSourceDocuments();
  void AddBulkList();

  const absl::CivilDay today_;
  const absl::CivilDay long_ago_;
  int n_ = 0;
  std::vector<TestPerson> lines_;
};

void Table::AddCoverages() {
  auto tp01 = Line("TP01", "健康保険組合の本人（有効）");
  tp01.Named("見本　一郎", "ミホン　イチロウ").Born(1980, 4, 1);
  tp01.Covered(kSociety, "100", "2001", "01", long_ago_).Card();
  Add(tp01.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp02 = Line("TP02", "TP01の家族（同じ記号・番号、枝番02）");
  tp02.Named("見本　春香", "ミホン　ハルカ", Sex::kFemale).Born(1982, 6, 15);
  tp02.Insured("見本　一郎", "ミホン　イチロウ");
  tp02.Covered(kSociety, "100", "2001", "02", long_ago_).Card();
  Add(tp02.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp03 = Line("TP03", "双子の一人。枝番なしで照会すると複数該当");
  tp03.Named("双葉　優", "フタバ　ユウ", Sex::kFemale).Born(2010, 5, 5);
  tp03.Insured("双葉　健一", "フタバ　ケンイチ");
  tp03.Covered(kSociety, "100", "2003", "03", long_ago_).AskedWithoutBranch().Card();
  Add(tp03.ByNumber(v1::VALIDITY_SEVERAL_FOUND).ByCard(v1::VALIDITY_VALID));

  auto tp04 = Line("TP04", "双子のもう一人（枝番以外すべて同じ）。枝番ありで照会すると有効");
  tp04.Named("双葉　悠", "フタバ　ユウ", Sex::kFemale).Born(2010, 5, 5);
  tp04.Insured("双葉　健一", "フタバ　ケンイチ");
  tp04.Covered(kSociety, "100", "2003", "04", long_ago_).Card();
  Add(tp04.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp05 = Line("TP05", "30日前に資格喪失、新しい資格なし（無効）");
  tp05.Named("喪失　修", "ソウシツ　オサム").Born(1975, 9, 30);
  tp05.Covered(kAssociation, "200", "2005", "01", long_ago_);
  tp05.Lost(today_ - 30, v1::REASON_OF_LOSS_OTHER).Card();
  Add(tp05.ByNumber(v1::VALIDITY_INVALID).ByCard(v1::VALIDITY_INVALID));

  auto tp06 =
      Line("TP06", "60日前に転職。古い番号では無効（新しい資格あり）、カードでは新しい資格が有効");
  tp06.Named("転職　亮", "テンショク　リョウ").Born(1990, 12, 24);
  tp06.Covered(kAssociation, "200", "2006", "01", long_ago_);
  tp06.Lost(today_ - 60, v1::REASON_OF_LOSS_OTHER_INSURANCE);
  tp06.Covered(kSociety, "100", "2106", "01", today_ - 60).Card();
  Add(tp06.ByNumber(v1::VALIDITY_INVALID_NEWER_EXISTS).ByCard(v1::VALIDITY_VALID));

  auto tp07 =
      Line("TP07", "20日前に転職、新しい保険者の登録が遅れている。新しい番号では該当資格なし");
  tp07.Named("遅延　早苗", "チエン　サナエ", Sex::kFemale).Born(1988, 2, 29);
  tp07.Covered(kAssociation, "200", "2007", "01", long_ago_);
  tp07.Lost(today_ - 20, v1::REASON_OF_LOSS_OTHER_INSURANCE);
  tp07.Unreported(kSociety, "100", "2107", "01").Card();
  Add(tp07.ByNumber(v1::VALIDITY_NOT_FOUND).ByCard(v1::VALIDITY_INVALID));
}

void Table::AddKindsOfCoverage() {
  auto tp08 = Line("TP08", "後期高齢者（1割、記号・枝番なし）");
  tp08.Named("長寿　キヨ", "チョウジュ　キヨ", Sex::kFemale).Born(1940, 2, 11);
  tp08.Covered(kLateElderly, "", "00002008", "", absl::CivilDay(2015, 2, 11)).Card();
  tp08.Row().set_partial_contribution_percent(10);
  SetDate(tp08.Row().mutable_certificate_valid_from(), absl::CivilDay(2015, 2, 11));
  SetDate(tp08.Row().mutable_certificate_valid_through(), CertificateYearOf(today_).last);
  Add(tp08.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp09 = Line("TP09", "外国籍（長いローマ字氏名、通称あり）");
  tp09.Named("ＤＡ　ＳＩＬＶＡ　ＳＡＮＴＯＳ　ＯＬＩＶＥＩＲＡ　ＪＯＡＯ　ＰＥＤＲＯ",
             "ダ　シルバ　サントス　オリベイラ　ジョアン　ペドロ");
  tp09.OtherName("山田　ペドロ", "ヤマダ　ペドロ").Born(1985, 7, 7);
  tp09.Covered(kSociety, "100", "2009", "01", long_ago_).Card();
  Add(tp09.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp10 = Line("TP10", "JIS X 0208にない文字（𠮷・髙・﨑・異体字セレクタ）、漢字を含む記号");
  tp10.Named("𠮷﨑　髙\U000E0100志", "ヨシザキ　タカシ").Born(1966, 3, 3);
  tp10.Covered(kMutualAid, "公立み", "2010", "01", long_ago_).Card();
  Add(tp10.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp11 = Line("TP11", "健康保険と医療扶助の併用（カードでは2件）");
  tp11.Named("併用　実", "ヘイヨウ　ミノル").Born(1972, 8, 18);
  tp11.Covered(kAssociation, "200", "2011", "01", long_ago_);
  tp11.Covered(kMedicalAid, "", "2002011", "", today_ - 200).Card();
  tp11.Row().set_card_classification(v1::CARD_CLASSIFICATION_MEDICAL_AID);
  AddMedicalTickets(tp11.Row(), today_, 20'110'000, true);
  Add(tp11.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID, 2));

  auto tp12 = Line("TP12", "医療扶助のみ、未登録");
  tp12.Named("扶助　節子", "フジョ　セツコ", Sex::kFemale).Born(1958, 10, 10);
  tp12.Covered(kMedicalAid, "", "2002012", "", today_ - 10).Card();
  tp12.Row().set_card_classification(v1::CARD_CLASSIFICATION_MEDICAL_AID);
  tp12.Row().set_medical_aid_unregistered(true);
  Add(tp12.ByNumber(v1::VALIDITY_VALID_UNREGISTERED).ByCard(v1::VALIDITY_VALID_UNREGISTERED));

  auto tp13 = Line("TP13", "国民健康保険の短期被保険者証（あと60日）");
  tp13.Named("短期　豊", "タンキ　ユタカ").Born(1969, 1, 20);
  tp13.Covered(kMunicipality, "見国", "2013", "01", long_ago_).Card();
  tp13.Row().set_card_classification(v1::CARD_CLASSIFICATION_SHORT_TERM_GENERAL);
  SetDate(tp13.Row().mutable_certificate_valid_from(), today_ - 30);
  SetDate(tp13.Row().mutable_certificate_valid_through(), today_ + 60);
  Add(tp13.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp14 = Line("TP14", "限度額適用認定証（適用区分ア）。同意があるときだけ表示");
  tp14.Named("限度　久美子", "ゲンド　クミコ", Sex::kFemale).Born(1970, 11, 3);
  tp14.Covered(kSociety, "100", "2014", "01", long_ago_).Card();
  AddLimitCertificate(tp14.Row(), "A01", today_);
  Add(tp14.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp15 = Line("TP15", "特定疾病療養受療証（人工透析）と高齢受給者証（2割）");
  tp15.Named("特定　進", "トクテイ　ススム").BornYearsAgo(72);
  tp15.Covered(kAssociation, "200", "2015", "01", long_ago_).Card();
  AddElderlyRecipientCertificate(tp15.Row(), SameDayYearsBefore(today_, 72), today_, 20);
  AddSpecificDiseaseCertificate(tp15.Row(), v1::SPECIFIC_DISEASE_DIALYSIS, today_ - 400);
  Add(tp15.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp16 = Line("TP16", "未就学の子ども（家族）");
  tp16.Named("若葉　ひなた", "ワカバ　ヒナタ", Sex::kFemale).BornYearsAgo(4);
  tp16.Insured("若葉　大輔", "ワカバ　ダイスケ");
  tp16.Covered(kSociety, "100", "2016", "03", SameDayYearsBefore(today_, 4)).Card();
  tp16.Row().set_preschool(true);
  Add(tp16.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp17 =
      Line("TP17", "後期高齢者、5日前から死亡により喪失（無効）。カードはまだ失効していない");
  tp17.Named("故人　茂", "コジン　シゲル").Born(1945, 5, 9);
  tp17.Covered(kLateElderly, "", "00002017", "", absl::CivilDay(2020, 5, 9));
  tp17.Row().set_partial_contribution_percent(20);
  tp17.Lost(today_ - 5, v1::REASON_OF_LOSS_DEATH).Card();
  Add(tp17.ByNumber(v1::VALIDITY_INVALID).ByCard(v1::VALIDITY_INVALID));
}

void Table::AddCards() {
  auto tp18 = Line("TP18", "カードの電子証明書が10日前に満了（猶予期間中、資格のみ）");
  tp18.Named("猶予　恵子", "ユウヨ　ケイコ", Sex::kFemale).Born(1977, 3, 21);
  tp18.Covered(kSociety, "100", "2018", "01", long_ago_).Card("10日前に満了");
  tp18.Last().not_before = StartOfDay(SameDayYearsBefore(today_, 5));
  tp18.Last().generation = 2;
  tp18.Last().not_after = LastSecondOf(today_ - 10);
  tp18.Last().state = CardState::kInGrace;
  tp18.ByNumber(v1::VALIDITY_VALID);
  Add(tp18.ByCard(v1::VALIDITY_VALID, 1, v1::CARD_VERDICT_ELIGIBILITY_ONLY));

  auto tp19 = Line("TP19", "電子証明書が150日前に満了（猶予期間も終了、拒否）");
  tp19.Named("満了　徹", "マンリョウ　トオル").Born(1979, 6, 6);
  tp19.Covered(kSociety, "100", "2019", "01", long_ago_).Card("150日前に満了");
  tp19.Last().not_before = StartOfDay(SameDayYearsBefore(today_, 5));
  tp19.Last().generation = 2;
  tp19.Last().not_after = LastSecondOf(today_ - 150);
  tp19.Last().state = CardState::kExpired;
  Add(tp19.ByNumber(v1::VALIDITY_VALID).CardRefused("EXPIRED"));

  auto tp20 = Line("TP20", "電子証明書が失効（紛失、拒否）");
  tp20.Named("失効　明美", "シッコウ　アケミ", Sex::kFemale).Born(1983, 8, 8);
  tp20.Covered(kSociety, "100", "2020", "01", long_ago_).Card("3日前に失効（CRLにあり）");
  tp20.Last().state = CardState::kRevoked;
  tp20.Last().revoked_at = StartOfDay(today_ - 3);
  tp20.Last().revocation_reason = 1;
  Add(tp20.ByNumber(v1::VALIDITY_VALID).CardRefused("REVOKED"));

  auto tp21 =
      Line("TP21", "古いカード（更新済み、CRLにはまだない、拒否）。2枚目の新しいカードは有効");
  tp21.Named("更新　直樹", "コウシン　ナオキ").Born(1992, 4, 30);
  tp21.Covered(kSociety, "100", "2021", "01", long_ago_).Card("更新前の古いカード");
  tp21.Last().state = CardState::kSuperseded;
  const CardRecord old = tp21.Last();
  tp21.Card("更新後の新しいカード");
  tp21.Last().not_before = StartOfDay(today_ - 2);
  tp21.Last().replaces_serial = old.serial;
  tp21.Last().replaces_generation = old.generation;
  Add(tp21.ByNumber(v1::VALIDITY_VALID).CardRefused("SUPERSEDED"));

  auto tp22 = Line("TP22", "健康保険証の利用登録をしていないカード（未登録）");
  tp22.Named("未登　瞳", "ミトウ　ヒトミ", Sex::kFemale).Born(1995, 1, 15);
  tp22.Covered(kSociety, "100", "2022", "01", long_ago_).Card("利用登録なし");
  tp22.Last().state = CardState::kNotLinked;
  tp22.Last().linked = false;
  tp22.ByNumber(v1::VALIDITY_VALID);
  Add(tp22.ByCard(v1::VALIDITY_UNSPECIFIED, 0, v1::CARD_VERDICT_NOT_REGISTERED));

  AddCaGenerationsAndPhones();
}

void Table::AddCaGenerationsAndPhones() {
  auto tp23 = Line("TP23", "第1世代CAのカード（CA自体の有効期間が終了、拒否）");
  tp23.Named("初代　弘", "ショダイ　ヒロシ").Born(1968, 7, 27);
  tp23.Covered(kSociety, "100", "2023", "01", long_ago_).Card("第1世代CA");
  tp23.Last().generation = 1;
  tp23.Last().not_before = StartOfDay(SameDayYearsBefore(today_, 2));
  tp23.Last().state = CardState::kIssuerOver;
  Add(tp23.ByNumber(v1::VALIDITY_VALID).CardRefused("ISSUER_NOT_VALID"));

  auto tp24 = Line("TP24", "第2世代CAのカード（有効）");
  tp24.Named("二代　典子", "ニダイ　ノリコ", Sex::kFemale).Born(1974, 9, 1);
  tp24.Covered(kSociety, "100", "2024", "01", long_ago_).Card("第2世代CA");
  tp24.Last().generation = 2;
  tp24.Last().not_before = StartOfDay(SameDayYearsBefore(today_, 4));
  tp24.Last().not_after = LastSecondOf(today_ + 300);
  Add(tp24.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp25 = Line("TP25", "スマートフォン（Android）の電子証明書（有効）。2枚目は同じ人のカード");
  tp25.Named("携帯　翔太", "ケイタイ　ショウタ").Born(1998, 10, 20);
  tp25.Covered(kSociety, "100", "2025", "01", long_ago_).Card("スマートフォン（Android）");
  tp25.Last().medium = v1::CARD_MEDIUM_ANDROID;
  Add(tp25.Card().ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp26 = Line("TP26", "スマートフォン（iPhone）の電子証明書が昨日満了（猶予なし、拒否）");
  tp26.Named("携帯　美咲", "ケイタイ　ミサキ", Sex::kFemale).Born(2000, 2, 2);
  tp26.Covered(kSociety, "100", "2026", "01", long_ago_).Card("昨日満了（iPhone）");
  tp26.Last().medium = v1::CARD_MEDIUM_IPHONE;
  tp26.Last().not_after = LastSecondOf(today_ - 1);
  tp26.Last().state = CardState::kExpired;
  Add(tp26.ByNumber(v1::VALIDITY_VALID).CardRefused("EXPIRED"));
}

void Table::AddStrangers() {
  auto tp27 = Line("TP27", "同姓同名・同じ生年月日の他人A");
  tp27.Named("同名　清", "ドウメイ　キヨシ").Born(1961, 1, 1);
  tp27.Covered(kSociety, "100", "2027", "01", long_ago_).Card();
  Add(tp27.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp28 = Line("TP28", "同姓同名・同じ生年月日の他人B（別の保険者）");
  tp28.Named("同名　清", "ドウメイ　キヨシ").Born(1961, 1, 1);
  tp28.Covered(kMunicipality, "見国", "2028", "01", long_ago_).Card();
  Add(tp28.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto tp29 = Line("TP29", "保険者番号の検証番号が合わない番号で照会（拒否ではなく該当資格なし）");
  tp29.Named("誤記　由美子", "ゴキ　ユミコ", Sex::kFemale).Born(1986, 5, 25);
  tp29.Covered(kSociety, "100", "2029", "01", long_ago_).AskedAtInsurer("01234567").Card();
  Add(tp29.ByNumber(v1::VALIDITY_NOT_FOUND).ByCard(v1::VALIDITY_VALID));

  auto tp30 = Line("TP30", "自衛官診療証（枝番なし）");
  tp30.Named("自衛　剛", "ジエイ　ツヨシ").Born(1994, 11, 1);
  tp30.Covered(kSelfDefence, "", "00002030", "", long_ago_).Card();
  tp30.Row().set_card_classification(v1::CARD_CLASSIFICATION_SELF_DEFENCE);
  Add(tp30.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));
}

void Table::AddSourceDocuments() {
  auto sd01 = Line("SD01", "資料の厚労太郎（患者情報登録の例、有効）");
  sd01.Named("厚労　太郎", "コウロウ　タロウ").Born(1970, 1, 1);
  sd01.Address("東京都港区ＸＸ－ＸＸ", "123-4500");
  sd01.Covered(kOtherSociety, "1234", "5678910", "01", absl::CivilDay(2018, 7, 1)).Card();
  sd01.Note(
      "保険者番号「12345」は桁が足りず06139984に、郵便番号「123-45」は123-4500にした。"
      "有効期間の終わり2023/07/01は過ぎているので付けない。"
      "資格確認日2019/01/08の年齢は50歳でなく49歳。");
  Add(sd01.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto sd02 = Line("SD02", "資料のオンシカ タロウ、前回の番号111（無効、新しい資格あり）");
  sd02.Named("オンシカ　タロウ", "オンシカ　タロウ").Born(1968, 1, 1);
  sd02.Covered(kAssociation, "300", "111", "01", long_ago_);
  sd02.Lost(today_ - 45, v1::REASON_OF_LOSS_OTHER_INSURANCE);
  sd02.Covered(kOtherSociety, "300", "222", "01", today_ - 45).Card();
  sd02.Note("資料には番号と生年月日（昭和43.1.1）だけがある。保険者と記号は補った。");
  TestPerson& before = lines_.emplace_back(
      sd02.ByNumber(v1::VALIDITY_INVALID_NEWER_EXISTS).ByCard(v1::VALIDITY_VALID).Build());

  TestPerson after = before;
  after.id = "SD03";
  after.description = "同じ人の今回の番号222（有効）";
  after.same_person_as = "SD02";
  after.ask.insurer_number = std::string(kOtherSociety);
  after.ask.number = "222";
  after.by_number = v1::VALIDITY_VALID;
  after.note.clear();
  after.rows.clear();
  after.cards.clear();
  after.card_texts.clear();
  lines_.push_back(std::move(after));
}

void Table::AddBulkList() {
  const std::string note =
      "生年月日と保険者は資料になく、補った。資料の⼆・⼦・⽣（部首の文字）は二・子・生に直した。";
  auto sd04 = Line("SD04", "一括照会の例1 オン資二郎（有効）");
  sd04.Named("オン資　二郎", "オンシ　ジロウ").Born(1971, 2, 2);
  sd04.Address("東京都港区ｘｘ－ｘ", "123-0001");
  sd04.Covered(kOtherSociety, "0001", "111111", "01", long_ago_).Card().Note(note);
  Add(sd04.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto sd05 = Line("SD05", "一括照会の例2 厚労太郎（有効）。SD01と同姓同名の別人とする");
  sd05.Named("厚労　太郎", "コウロウ　タロウ").Born(1970, 1, 1);
  sd05.Address("東京都板橋区ｘ－ｘ", "123-0002");
  sd05.Covered(kOtherSociety, "0002", "222222", "01", long_ago_).Card();
  sd05.Note("二つの資料の厚労太郎は記号・番号も住所も違うため、二人とした。");
  Add(sd05.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto sd06 = Line("SD06", "一括照会の例3 番号花子（資料の結果はエラー。番号違いで該当資格なし）");
  sd06.Named("番号　花子", "バンゴウ　ハナコ", Sex::kFemale).Born(1973, 3, 3);
  sd06.Address("東京都調布市ｘ－ｘｘ", "123-0003");
  sd06.Covered(kOtherSociety, "0003", "333338", "01", long_ago_).AskedByNumber("333333").Card();
  sd06.Note("「エラー」の理由は資料にない。登録された番号333338と一覧の番号333333の違いとした。");
  Add(sd06.ByNumber(v1::VALIDITY_NOT_FOUND).ByCard(v1::VALIDITY_VALID));

  auto sd07 = Line("SD07", "一括照会の例99 資格春子（家族、枝番02、有効）");
  sd07.Named("資格　春子", "シカク　ハルコ", Sex::kFemale).Born(1999, 4, 9);
  sd07.Insured("資格　秋夫", "シカク　アキオ").Address("東京都新宿区ｘ－ｘｘ", "123-0099");
  sd07.Covered(kOtherSociety, "0099", "999999", "02", long_ago_).Card().Note(note);
  Add(sd07.ByNumber(v1::VALIDITY_VALID).ByCard(v1::VALIDITY_VALID));

  auto sd08 = Line("SD08", "一括照会の例100 厚生夏美（無効）");
  sd08.Named("厚生　夏美", "コウセイ　ナツミ", Sex::kFemale).Born(1987, 7, 10);
  sd08.Address("東京都江東区ｘｘ－ｘ", "123-0100");
  sd08.Covered(kOtherSociety, "0100", "101010", "01", long_ago_);
  sd08.Lost(today_ - 90, v1::REASON_OF_LOSS_OTHER).Card().Note(note);
  Add(sd08.ByNumber(v1::VALIDITY_INVALID).ByCard(v1::VALIDITY_INVALID));
}

}  // namespace

std::vector<TestPerson> TestPersons(absl::CivilDay today) { return Table(today).Make(); }

TestPerson FindTestPerson(absl::CivilDay today, const std::string& id) {
  const std::vector<TestPerson> all = TestPersons(today);
  const auto find = [&](const std::string& wanted) {
    return *std::find_if(all.begin(), all.end(),
                         [&](const TestPerson& line) { return line.id == wanted; });
  };
  TestPerson line = find(id);
  if (!line.same_person_as.empty()) {
    TestPerson person = find(line.same_person_as);
    line.rows = std::move(person.rows);
    line.cards = std::move(person.cards);
    line.card_texts = std::move(person.card_texts);
  }
  return line;
}

}  // namespace kakunin::synth
