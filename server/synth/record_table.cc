#include "server/synth/record_table.h"

namespace kakunin::synth {
namespace {

constexpr auto kOral = v1::DRUG_CLASS_ORAL;
constexpr auto kAsNeeded = v1::DRUG_CLASS_AS_NEEDED;
constexpr auto kExternal = v1::DRUG_CLASS_EXTERNAL;
constexpr auto kInjection = v1::DRUG_CLASS_INJECTION;

constexpr SynthDrug kSource[] = {
    {"620100201", "ガスターD錠20mg", "ファモチジン20mg口腔内崩壊錠", kOral, "1", "錠",
     "１日１回夕食後", "", 0, 14},
    {"620100202", "ブロプレス錠12 12mg", "カンデサルタン　シレキセチル12mg錠", kOral, "1", "錠",
     "１日１回朝食後", "", 0, 28},
    {"620100203", "アリナミンF10注 10mg", "フルスルチアミン塩酸塩10mg注射液", kInjection, "1", "管",
     "静脈内注射", "", 0, 1},
    {"620100204", "アーチスト錠10mg", "カルベジロール10mg錠", kOral, "2", "錠", "１日２回朝夕食後",
     "", 0, 28},
};

constexpr SynthDrug kChronic[] = {
    {"621100301", "アムロジピンOD錠5mg「見本」", "アムロジピン5mg口腔内崩壊錠", kOral, "1", "錠",
     "１日１回朝食後", "", 420, 28},
    {"621100302", "ロスバスタチン錠2.5mg「見本」", "ロスバスタチン2.5mg錠", kOral, "1", "錠",
     "１日１回夕食後", "", 330, 28},
    {"621100303", "ランソプラゾールOD錠15mg「見本」", "ランソプラゾール15mg口腔内崩壊錠", kOral,
     "1", "錠", "１日１回朝食後", "", 280, 28},
    {"621100304", "メトホルミン塩酸塩錠250mg「見本」", "メトホルミン塩酸塩250mg錠", kOral, "3",
     "錠", "１日３回毎食後", "", 150, 28},
    {"621100305", "酸化マグネシウム錠330mg「見本」", "酸化マグネシウム330mg錠", kOral, "3", "錠",
     "１日３回毎食後", "便の状態により調節", 260, 28},
    {"621100306", "アスピリン腸溶錠100mg「見本」", "アスピリン100mg腸溶錠", kOral, "1", "錠",
     "１日１回朝食後", "", 170, 28},
    {"621100307", "エルデカルシトールカプセル0.75μg「見本」", "エルデカルシトール0.75μgカプセル",
     kOral, "1", "カプセル", "１日１回朝食後", "", 160, 28},
    {"621100308", "ゾルピデム酒石酸塩錠5mg「見本」", "ゾルピデム酒石酸塩5mg錠", kOral, "1", "錠",
     "１日１回就寝前", "", 120, 28},
    {"621100309", "ラタノプロスト点眼液0.005%「見本」", "ラタノプロスト0.005%点眼液", kExternal,
     "2.5", "mL", "１日１回両眼に点眼", "", 110, 1},
    {"621100310", "ニトログリセリン舌下錠0.3mg「見本」", "ニトログリセリン0.3mg舌下錠", kAsNeeded,
     "1", "錠", "胸痛時", "１日２回まで", 60, 10},
};

constexpr SynthDrug kAcute[] = {
    {"622100401", "アセトアミノフェン錠500mg「見本」", "アセトアミノフェン500mg錠", kAsNeeded, "1",
     "錠", "疼痛・発熱時", "６時間以上あける", 0, 10},
    {"622100402", "カルボシステイン錠500mg「見本」", "カルボシステイン500mg錠", kOral, "3", "錠",
     "１日３回毎食後", "", 0, 7},
    {"622100403", "アモキシシリンカプセル250mg「見本」", "アモキシシリン250mgカプセル", kOral, "3",
     "カプセル", "１日３回毎食後", "飲み切る", 0, 5},
    {"622100404", "フェキソフェナジン塩酸塩錠60mg「見本」", "フェキソフェナジン塩酸塩60mg錠", kOral,
     "2", "錠", "１日２回朝夕食後", "", 0, 14},
    {"622100405", "ロキソプロフェンナトリウムテープ100mg「見本」",
     "ロキソプロフェンナトリウム100mgテープ", kExternal, "7", "枚", "１日１回患部に貼付", "", 0, 2},
    {"622100406", "ヘパリン類似物質油性クリーム0.3%「見本」", "ヘパリン類似物質0.3%クリーム",
     kExternal, "25", "g", "１日２回患部に塗布", "", 0, 1},
};

constexpr SynthTreatment kConsultations[] = {
    {"111000110", "初診料", "11", "回"},
    {"112007410", "再診料", "12", "回"},
    {"120002910", "処方箋料（リフィル以外・その他）", "80", "回"},
};

constexpr SynthTreatment kExaminations[] = {
    {"160008010", "末梢血液一般検査", "60", "回"},
    {"160010010", "ＨｂＡ１ｃ", "60", "回"},
    {"160000310", "尿一般", "60", "回"},
    {"160068410", "ＥＣＧ１２", "60", "回"},
    {"170027910", "単純撮影（デジタル撮影）", "70", "回"},
    {"160022510", "ＣＲＰ", "60", "回"},
};

constexpr SynthTreatment kDental[] = {
    {"301000110", "歯科初診料", "11", "回"},
    {"309000110", "歯周基本治療（スケーリング）", "41", "回"},
    {"313000210", "充填", "42", "歯"},
};

constexpr SynthTreatment kSurgeries[] = {
    {"150285010", "内視鏡的大腸ポリープ・粘膜切除術（長径２ｃｍ未満）", "50", "回"},
    {"150253010", "水晶体再建術（眼内レンズを挿入する場合）", "50", "回"},
    {"150178810", "胆嚢摘出術", "50", "回"},
    {"150055510", "人工関節置換術（膝）", "50", "回"},
};

constexpr auto kMeasured = CheckValue::kMeasured;
constexpr auto kSign = CheckValue::kSign;
constexpr auto kFinding = CheckValue::kFinding;
constexpr auto kText = CheckValue::kText;
constexpr std::string_view kSystolic = "9A755000000000001";
constexpr std::string_view kDiastolic = "9A765000000000001";

// The codes of domain.md 3, and of the group 9N the four measures of a body.
constexpr SynthCheckItem kItems[] = {
    {"9N001000000000001", "身長", "cm", 165, -1, 7, 1},
    {"9N006000000000001", "体重", "kg", 63, -1, 9, 1},
    {"9N011000000000001", "ＢＭＩ", "kg/m2", 23, 0, 3, 1},
    {"9N016160100000001", "腹囲（実測）", "cm", 83, 1, 8, 1},
    {kSystolic, "収縮期血圧（その他）", "mmHg", 120, 6, 12, 0},
    {kDiastolic, "拡張期血圧（その他）", "mmHg", 75, 1, 9, 0},
    {"9A751000000000001", "収縮期血圧（１回目）", "mmHg", 2, 0, 4, 0, kMeasured, kSystolic},
    {"9A752000000000001", "収縮期血圧（２回目）", "mmHg", -2, 0, 4, 0, kMeasured, kSystolic},
    {"9A761000000000001", "拡張期血圧（１回目）", "mmHg", 1, 0, 3, 0, kMeasured, kDiastolic},
    {"9A762000000000001", "拡張期血圧（２回目）", "mmHg", -1, 0, 3, 0, kMeasured, kDiastolic},
    {"3F015000002327101", "空腹時中性脂肪（トリグリセリド）", "mg/dL", 110, 4, 45, 0},
    {"3F070000002327101", "ＨＤＬコレステロール", "mg/dL", 62, -1, 14, 0},
    {"3F077000002327101", "ＬＤＬコレステロール", "mg/dL", 118, 2, 26, 0},
    {"3B035000002327201", "ＡＳＴ（ＧＯＴ）", "U/L", 22, 1, 8, 0},
    {"3B045000002327201", "ＡＬＴ（ＧＰＴ）", "U/L", 22, -1, 10, 0},
    {"3B090000002327101", "γ－ＧＴ（γ－ＧＴＰ）", "U/L", 32, 0, 20, 0},
    {"3C015000002327101", "血清クレアチニン", "mg/dL", 0.75, 0.04, 0.15, 2},
    {"8A065000002391901", "ｅＧＦＲ", "mL/min/1.73m2", 82, -8, 10, 1},
    {"3D010000001927201", "空腹時血糖", "mg/dL", 94, 3, 12, 0},
    {"3D046000001920402", "ＨｂＡ１ｃ（ＮＧＳＰ）", "%", 5.5, 0.12, 0.4, 1},
    {"1A020000000190111", "尿糖", "", 0, 0, 0, 0, kSign},
    {"1A010000000190111", "尿蛋白", "", 0, 0, 0, 0, kSign},
    {"2A040000001930102", "ヘマトクリット値", "%", 43, -1, 3, 1},
    {"2A030000001930101", "血色素量（ヘモグロビン値）", "g/dL", 14.2, -0.3, 1.1, 1},
    {"2A020000001930101", "赤血球数", "10*4/mm3", 465, -12, 35, 0},
    {"9A110160700000011", "心電図（所見の有無）", "", 0, 0, 0, 0, kFinding},
    {"9A110160800000049", "心電図（所見）", "", 0, 0, 0, 0, kText},
};

constexpr std::string_view kCodedNames[] = {"－", "±", "＋", "＋＋"};
constexpr std::string_view kFindingNames[] = {"所見あり", "所見なし"};
constexpr std::string_view kFindingTexts[] = {"洞性徐脈", "左室高電位", "完全右脚ブロック",
                                              "心室期外収縮"};

}  // namespace

std::span<const SynthDrug> SourceDrugs() { return kSource; }
std::span<const SynthDrug> ChronicDrugs() { return kChronic; }
std::span<const SynthDrug> AcuteDrugs() { return kAcute; }
std::span<const SynthTreatment> Consultations() { return kConsultations; }
std::span<const SynthTreatment> Examinations() { return kExaminations; }
std::span<const SynthTreatment> DentalTreatments() { return kDental; }
std::span<const SynthTreatment> Surgeries() { return kSurgeries; }
std::span<const SynthCheckItem> CheckItems() { return kItems; }
std::span<const std::string_view> CodedNames() { return kCodedNames; }
std::span<const std::string_view> FindingNames() { return kFindingNames; }
std::span<const std::string_view> FindingTexts() { return kFindingTexts; }

}  // namespace kakunin::synth
