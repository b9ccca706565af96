#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <string>
#include <string_view>

#include "domain/text/branch_number.h"
#include "domain/text/folded_text.h"
#include "domain/text/individual_number.h"
#include "domain/text/insured_key.h"
#include "domain/text/insured_number.h"
#include "domain/text/insured_symbol.h"
#include "domain/text/person_name.h"
#include "domain/text/sensitive.h"

namespace kakunin {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

// Guarded: whatever would carry the value into a text without the word Reveal.
template <class T>
constexpr bool kGuarded =
    !fmt::is_formattable<T>::value && !Streamable<T> &&
    !std::convertible_to<const T&, std::string_view> && !std::convertible_to<const T&, std::string>;

// The guard itself sees a type that can be printed.
static_assert(!kGuarded<std::string>);
static_assert(!kGuarded<int>);

static_assert(kGuarded<InsuredSymbol>);
static_assert(kGuarded<InsuredNumber>);
static_assert(kGuarded<BranchNumber>);
static_assert(kGuarded<IndividualNumber>);
static_assert(kGuarded<FoldedText>);
static_assert(kGuarded<InsuredKey>);
static_assert(kGuarded<JisSafeName>);
static_assert(kGuarded<Sensitive<std::string>>);
static_assert(kGuarded<Sensitive<int>>);

TEST(SensitiveTest, RevealsWhatItWraps) {
  const Sensitive<std::string> name(std::string("厚労太郎"));
  EXPECT_EQ(name.Reveal(), "厚労太郎");
  EXPECT_TRUE(name == Sensitive<std::string>("厚労太郎"));
  EXPECT_FALSE(name == Sensitive<std::string>("厚労花子"));
  EXPECT_EQ(Sensitive<std::string>("moved").Reveal(), "moved");
  EXPECT_EQ(Sensitive<int>().Reveal(), 0);
}

}  // namespace
}  // namespace kakunin
