#include "server/bench/terminals.h"

#include "domain/error.h"
#include "server/dev/api_channel.h"
#include "server/dev/sandbox_paths.h"

namespace kakunin::bench {
namespace {

constexpr size_t kMostDesks = 64;

}  // namespace

std::vector<const synth::Facility*> Desks() {
  std::vector<const synth::Facility*> desks;
  for (const synth::Facility& facility : synth::Facilities()) {
    const bool has_doctors =
        facility.type == v1::FACILITY_TYPE_HOSPITAL || facility.type == v1::FACILITY_TYPE_CLINIC;
    if (has_doctors && facility.terminals.size() == 1) desks.push_back(&facility);
    if (desks.size() == kMostDesks) break;
  }
  return desks;
}

absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> ConnectDesks(
    const std::filesystem::path& installation, int port, int channels) {
  const dev::SandboxPaths paths(installation);
  const auto desks = Desks();
  std::vector<std::shared_ptr<grpc::Channel>> opened;
  for (size_t i = 0; i < static_cast<size_t>(channels); ++i) {
    const synth::Facility& desk = *desks[i % desks.size()];
    ASSIGN_OR_RETURN(
        auto channel,
        dev::OpenChannel(paths, dev::TerminalName(desk.code, desk.terminals.front().id), port));
    opened.push_back(std::move(channel));
  }
  return opened;
}

}  // namespace kakunin::bench
