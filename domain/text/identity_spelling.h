#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// The spellings by which two registers' facts about one person are compared: never shown, never
// stored. Each is FoldForSearch and more, returns nullopt for what that refuses, and is its own
// spelling. All are thread-safe.

// SpellName is a name in kanji or letters: one shape of each kanji (UsualKanji, JisVariant).
std::optional<std::string> SpellName(std::string_view utf8);

// SpellKana is a name in kana: katakana without small letters, since older systems have none
// (ｷﾖｳｺ); long vowels alike, however they are written (オオノ, オーノ, オウノ); ヂ as ジ, ヅ as ズ,
// ヲ as オ.
std::optional<std::string> SpellKana(std::string_view utf8);

// SpellAddress is an address without its prefecture, which many leave out: 一丁目２番３号,
// 1丁目2の3 and １－２－３ are 1-2-3; 大字 and 字 are dropped; が, ヶ and ケ are one, as are の and
// ノ, つ and ツ.
std::optional<std::string> SpellAddress(std::string_view utf8);

}  // namespace kakunin
