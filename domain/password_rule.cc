#include "domain/password_rule.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace kakunin {
namespace {

constexpr size_t kFewestDifferent = 5;
constexpr size_t kLongestPiece = 6;

// What is tried first, in letters: digits and marks around and between them change nothing.
constexpr std::array<std::string_view, 22> kCommon = {
    "password",     "passwordpassword", "kakunin",        "qwertyuiop", "qwerty",   "asdfghjkl",
    "letmein",      "administrator",    "admin",          "welcome",    "iloveyou", "himitsu",
    "pasuwaado",    "aikotoba",         "hospital",       "clinic",     "pharmacy", "mynumber",
    "mynumbercard", "onlineshikaku",    "shikakukakunin", "パスワード",
};

bool IsMark(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~') || (c >= '0' && c <= '9') || c == ' ';
}

std::string LettersOf(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (!IsMark(c)) letters += c;
  }
  return letters;
}

// Code points, each as its octets.
std::vector<std::string_view> CharactersOf(std::string_view utf8) {
  std::vector<std::string_view> characters;
  for (size_t i = 0; i < utf8.size();) {
    size_t next = i + 1;
    while (next < utf8.size() && (static_cast<unsigned char>(utf8[next]) & 0xC0) == 0x80) ++next;
    characters.push_back(utf8.substr(i, next - i));
    i = next;
  }
  return characters;
}

// Every character follows the one before, upwards or downwards; after 9 may come 0.
bool IsRun(std::string_view text) {
  const auto goes = [&](int step) {
    for (size_t i = 1; i < text.size(); ++i) {
      const int by = text[i] - text[i - 1];
      const bool around = (step == 1 && text[i - 1] == '9' && text[i] == '0') ||
                          (step == -1 && text[i - 1] == '0' && text[i] == '9');
      if (by != step && !around) return false;
    }
    return true;
  };
  return text.size() > 1 && (goes(1) || goes(-1));
}

bool Repeats(const std::vector<std::string_view>& characters) {
  for (size_t piece = 1; piece <= kLongestPiece && piece * 2 <= characters.size(); ++piece) {
    bool same = true;
    for (size_t i = piece; i < characters.size() && same; ++i) {
      same = characters[i] == characters[i - piece];
    }
    if (same) return true;
  }
  return false;
}

bool Holds(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

}  // namespace

std::vector<PasswordFault> PasswordFaults(const PasswordText& password, std::string_view user_name,
                                          std::string_view facility_code) {
  std::vector<PasswordFault> faults;
  if (password.characters < kLeastPasswordCharacters) faults.push_back(PasswordFault::kTooShort);
  if (password.characters > kMostPasswordCharacters) {
    return {PasswordFault::kTooLong};  // and is not looked at further
  }
  const std::string_view text = password.folded;
  if (Holds(text, user_name) || Holds(text, facility_code)) {
    faults.push_back(PasswordFault::kNamesTheUser);
  }
  const std::vector<std::string_view> characters = CharactersOf(text);
  if (std::set(characters.begin(), characters.end()).size() < kFewestDifferent) {
    faults.push_back(PasswordFault::kTooFewDifferent);
  }
  if (IsRun(text) || Repeats(characters)) faults.push_back(PasswordFault::kRunOrRepetition);
  const std::string letters = LettersOf(text);
  if (std::ranges::find(kCommon, letters) != kCommon.end()) {
    faults.push_back(PasswordFault::kCommon);
  }
  return faults;
}

std::string_view SentenceOf(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::kTooShort:
      return "12文字以上にしてください。";
    case PasswordFault::kTooLong:
      return "128文字以内にしてください。";
    case PasswordFault::kNamesTheUser:
      return "利用者名や医療機関等コードを含めないでください。";
    case PasswordFault::kTooFewDifferent:
      return "5種類以上の文字を使ってください。";
    case PasswordFault::kRunOrRepetition:
      return "連続した並びや、同じ並びの繰り返しにしないでください。";
    case PasswordFault::kCommon:
      return "よく使われる言葉に数字や記号を付けただけのものにしないでください。";
  }
  return "別のパスワードにしてください。";
}

}  // namespace kakunin
