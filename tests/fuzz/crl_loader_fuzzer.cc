// The CRL parser and loader: nothing unsigned loads, what loads is sorted and re-encodes to the
// same, and a held partition never vanishes.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "auth/crl_loader.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

using auth::AsBytes;
using auth::CrlPartition;

// A directory of this process, removed at its end.
const std::filesystem::path& Scratch() {
  struct Directory {
    Directory() {
      std::string name = std::filesystem::temp_directory_path() / "kakunin-fuzz-XXXXXX";
      Require(mkdtemp(name.data()) != nullptr, "a scratch directory");
      path = name;
    }
    ~Directory() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };
  static const Directory directory;
  return directory.path;
}

template <typename T>
bool Ascends(const std::vector<T>& values) {
  return std::is_sorted(values.begin(), values.end()) &&
         std::adjacent_find(values.begin(), values.end()) == values.end();
}

void CheckPartition(const CrlPartition& crl, size_t input_size) {
  Require(Ascends(crl.serials) && Ascends(crl.long_serials), "serials are sorted, each once");
  Require(crl.entries() <= input_size, "no more entries than octets");
  Require(crl.this_update < crl.next_update, "a CRL ends after it begins");
  auth::CrlSpec spec;
  spec.this_update = absl::FromUnixSeconds(crl.this_update);
  spec.next_update = absl::FromUnixSeconds(crl.next_update);
  spec.crl_number = auth::SerialNumber(1);
  spec.partition = crl.name;
  spec.serials = crl.serials;
  for (const auth::SerialNumber& serial : crl.long_serials) {
    spec.entries.push_back({serial, spec.this_update, std::nullopt, {}});
  }
  const SigningWorld& world = SigningWorld::Get();
  const auto again = auth::ParseCrl(AsBytes(auth::IssueCrl(spec, world.root)), *world.store);
  Require(again.ok(), "what was read can be written and read");
  Require((*again)->serials == crl.serials && (*again)->long_serials == crl.long_serials &&
              (*again)->name == crl.name,
          "and says the same");
}

// The file with the input beside what is held already.
void CheckLoader(const std::string& crl) {
  const SigningWorld& world = SigningWorld::Get();
  std::ofstream(Scratch() / "input.crl", std::ios::binary | std::ios::trunc) << crl;
  const auth::CrlLoadResult result =
      auth::LoadCrls(Scratch(), *world.store, &world.revocations, FuzzNow());
  const auth::CrlLoadReport& report = result.report;
  Require(report.loaded + report.unchanged + static_cast<int>(report.refused.size()) == 1,
          "one file, one outcome");
  for (const auto& held : world.revocations.partitions()) {
    const auto now_held = result.snapshot->Find(held->issuer, held->name);
    Require(now_held != nullptr, "a held partition stays");
    Require(now_held->crl_number >= held->crl_number, "a number never goes back");
    Require(report.loaded == 1 || now_held->digest == held->digest, "refused changes nothing");
  }
}

void Check(const std::string& input) {
  const GenuineWorld& genuine = GenuineWorld::Get();
  if (const auto crl = auth::ParseCrl(AsBytes(input), *genuine.store); crl.ok()) {
    Require(
        std::ranges::any_of(genuine.crls, [&](const auto& known) { return known.second == input; }),
        "only what the CA signed is taken");
  }
  const SigningWorld& world = SigningWorld::Get();
  Require(!auth::ParseCrl(AsBytes(input), *world.store).ok(), "the unsigned is refused");
  const std::string resigned = world.Resign(input);
  if (resigned.empty()) return;
  const auto crl = auth::ParseCrl(AsBytes(resigned), *world.store);
  if (crl.ok()) CheckPartition(**crl, resigned.size());
  CheckLoader(resigned);
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  kakunin::fuzz::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
