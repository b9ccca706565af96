#include "domain/text/kanji_variants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace kakunin {
namespace {

// Pairs: another shape, then the usual one; no usual one is another's other shape.
constexpr std::u32string_view kPairs =
    U"邉辺邊辺澤沢齋斉齊斉斎斉濱浜國国廣広嶋島嶌島嵜崎櫻桜瀧滝龍竜惠恵榮栄學学圓円鹽塩"
    U"應応關関實実壽寿條条眞真愼慎靜静鐵鉄傳伝冨富萬万彌弥與与豫予來来禮礼藏蔵檜桧楳梅"
    U"枩松峯峰嶽岳舘館堯尭槇槙籠篭蘆芦淵渕藪薮鶯鴬龜亀亞亜佛仏會会劍剣勳勲勵励嚴厳參参"
    U"收収雙双敍叙號号營営團団圖図壯壮聲声賣売變変奧奥寶宝對対專専將将盡尽帶帯廳庁從従"
    U"戀恋戰戦拜拝擧挙數数晝昼曉暁檢検樂楽樣様權権歐欧歡歓氣気淨浄凉涼澁渋溪渓滿満燈灯"
    U"燒焼獨独當当發発縣県碎砕祿禄穗穂穰穣穩穏粹粋絲糸經経繪絵繼継續続總総聰聡舍舎藝芸"
    U"莖茎莊荘蟲虫螢蛍裝装覺覚覽覧觀観觸触譯訳證証讀読讓譲豐豊贊賛輕軽轉転辭辞遞逓遲遅"
    U"醉酔釋釈鑛鉱錢銭鑄鋳陷陥險険隱隠雜雑靈霊顏顔顯顕飮飲驛駅驅駆騷騒驗験鷄鶏麥麦默黙"
    U"點点齒歯齡齢壹壱貳弐乘乗價価兒児假仮僞偽勞労卷巻區区單単圍囲壓圧壞壊壘塁墮堕壤壌"
    U"孃嬢寢寝屬属巖巌彈弾徑径恆恒惱悩慘惨懷懐戲戯拂払拔抜搖揺攝摂擔担據拠擇択攜携斷断"
    U"晉晋樞枢殘残毆殴沒没潛潜澀渋濟済濕湿灣湾爐炉爭争犧犠獵猟獻献瓣弁畫画疊畳癡痴盜盗"
    U"礦鉱稱称稻稲竝並籔薮肅粛膽胆膓腸腦脳臺台萠萌處処蠶蚕衞衛襃褒謠謡譽誉貮弐踐践邨村"
    U"鄰隣醫医釀醸鎭鎮隨随餘余髓髄體体鬪闘鰺鯵黨党埜野濤涛穐秋烟煙畠畑舩船艸草躰体菴庵";

struct Pair {
  char32_t shape;
  char32_t usual;
};

constexpr auto kTable = [] {
  std::array<Pair, kPairs.size() / 2> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = {kPairs[2 * i], kPairs[2 * i + 1]};
  std::sort(table.begin(), table.end(),
            [](const Pair& a, const Pair& b) { return a.shape < b.shape; });
  return table;
}();
static_assert(kPairs.size() % 2 == 0);

}  // namespace

char32_t UsualKanji(char32_t code_point) {
  const auto* const found =
      std::lower_bound(kTable.begin(), kTable.end(), code_point,
                       [](const Pair& pair, char32_t shape) { return pair.shape < shape; });
  return found != kTable.end() && found->shape == code_point ? found->usual : code_point;
}

}  // namespace kakunin
