#pragma once

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/synth/facility_table.h"

namespace kakunin::bench {

// Desks are the facilities from whose desks the bench asks: hospitals and clinics of the synthetic
// nation, each registered with one terminal.
std::vector<const synth::Facility*> Desks();

// ConnectDesks opens `channels` connections of their own, the first from the first desk and so on,
// beginning again when there are more connections than desks. INTERNAL when a certificate cannot be
// read.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> ConnectDesks(
    const std::filesystem::path& installation, int port, int channels);

}  // namespace kakunin::bench
