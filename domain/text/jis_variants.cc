#include "domain/text/jis_variants.h"

#include <cstddef>
#include <string_view>

namespace kakunin {
namespace {

// Pairs: the form outside JIS X 0208, then the form inside; a test holds each pair to that. 﨑, 﨟,
// 﨔 and 﨤 stand among the compatibility ideographs but are ordinary ones, so NFKC leaves them.
constexpr std::u32string_view kPairs =
    U"髙高﨑崎𠮷吉濵濱德徳栁柳桺柳桒桑曻昇昻昂𣘺橋𡈽土"
    U"𠮟叱鄕郷閒間靑青淸清黑黒錄録緖緒增増寬寛敎教曆暦"
    U"橫横步歩瀨瀬凞熙鷗鴎俱倶剝剥吞呑啞唖嚙噛囊嚢塡填"
    U"姸妍屛屏屢屡幷并搔掻摑掴潑溌瀆涜焰焔瘦痩禱祷簞箪"
    U"繡繍繫繋萊莱蔣蒋蠟蝋軀躯醬醤醱醗頰頬顚顛驒騨麴麹"
    U"麵麺黃黄巢巣戾戻揭掲擊撃晚晩歷歴涉渉淚涙渴渇溫温"
    U"狀状硏研綠緑緣縁虛虚薰薫賴頼郞郎銳鋭卽即吳呉姬姫"
    U"娛娯彥彦悅悦槪概稅税絕絶蟬蝉說説閱閲柗松﨟臈槗橋"
    U"冝宜圡土𠀋丈澔浩惪徳徧遍巗巌勛勲喆哲㐂喜𦚰脇鸖鶴"
    U"靏鶴靍鶴㠀島隝島﨔欅櫸欅旣既杦杉泻潟煇輝畒畝縂総"
    U"葊庵裵裴鉃鉄闗関俠侠內内兊兌厓崖咊和噓嘘壄野尙尚"
    U"嵓岩强強徵徴戶戸每毎漥窪甁瓶罇樽羡羨贒賢𤋮熙㕝事"
    U"㚑霊蔴麻虵蛇衟道﨤返㝡最㔟勢㐮襄㤗泰俻備㑹会ゔヴ";
static_assert(kPairs.size() % 2 == 0);

}  // namespace

char32_t JisVariant(char32_t code_point) {
  for (size_t i = 0; i < kPairs.size(); i += 2) {
    if (kPairs[i] == code_point) return kPairs[i + 1];
  }
  return 0;
}

}  // namespace kakunin
