#include "sc_main/recording.hpp"

#include "base/error.hpp"

#ifdef TW_TRACES

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "platforms/images/images.hpp"
#include "platforms/record/recording.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/options.hpp"
#include "sc_main/record_option.hpp"
#include "sc_main/run.hpp"

namespace tw::command {
namespace {

/// In hexadecimal.
template <class Bytes>
std::string sha256(const Bytes& bytes) {
  std::array<u8, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("libcrypto refuses SHA-256");
  }
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + length, ""));
}

std::string digest_of(const std::vector<config::Parameter>& configuration) {
  std::string text;
  for (const config::Parameter& parameter : configuration) {
    if (!parameter.key.starts_with("host.")) text += parameter.key + "=" + config::text(parameter.value) + "\n";
  }
  return sha256(text);
}

/// As the user named it, which may be FILE@ADDRESS.
std::string digest_of(const std::string& name) {
  const bool placed = !std::filesystem::exists(name) && name.rfind('@') != std::string::npos;
  return "sha256:" + sha256(images::read_file(placed ? name.substr(0, name.rfind('@')) : name));
}

trace::Provenance provenance_of(std::span<const std::string> command, const std::vector<std::string>& files,
                                const std::vector<config::Parameter>& configuration) {
  trace::Provenance provenance = {{"command", fmt::format("trapwalk run {}", fmt::join(command, " "))},
                                  {"build", TW_VERSION},
                                  {"configuration", digest_of(configuration)}};
  for (const std::string& file : files) provenance.emplace_back("file " + file, digest_of(file));
  return provenance;
}

constexpr const char* kRecordHelp =
    "trapwalk record FILE[,records=N][,el=0+1][,kinds=fetch+read+write+table-write+invalidate] [OPTION of run]...:\n"
    "a run, and a trace of its accesses, for trapwalk replay. The same as trapwalk run --record FILE..., whose "
    "options\n"
    "say what runs (trapwalk help run).\n"
    "  FILE       written at the end; of several cores FILE is stem.cpuN.ext, of the masters behind an SMMU "
    "stem.dma.ext\n"
    "  records=N  so many, then no more; else all of the measured region (--timed-from, --timed-until), or of the run\n"
    "  el=0+1     of these exception levels only\n"
    "  kinds=...  of these kinds only\n"
    "docs/trace-format.md says what is in it. Exit status: as of trapwalk run.\n";

class Started final : public RunRecording {
 public:
  Started(const RecordOption& option, const trace::Provenance& provenance, virt::Platform& platform)
      : recording_(option.file, option.selection, provenance, platform) {
    platform.control().add_observer(recording_);
  }

  void after_slice(cpu::Cpu& cpu) override { recording_.after_slice(cpu); }

  bool finish() override {
    recording_.finish();
    bool all = true;
    for (const record::Sink& sink : recording_.sinks()) {
      if (sink.failure()) {
        fmt::print(stderr, "trapwalk: nothing recorded: {}\n", *sink.failure());
        all = false;
      } else {
        fmt::print(stderr, "trapwalk: recorded {}: {} records, {} bytes\n", sink.path().string(), sink.records(),
                   sink.bytes());
      }
    }
    return all;
  }

 private:
  record::Recording recording_;
};

}  // namespace

std::unique_ptr<RunRecording> start_recording(const std::string& option, std::span<const std::string> command,
                                              const std::vector<std::string>& files,
                                              const std::vector<config::Parameter>& configuration,
                                              virt::Platform& platform) {
  if (option.empty()) return nullptr;
  const trace::Provenance provenance = provenance_of(command, files, configuration);
  return of_option("--record", [&] { return std::make_unique<Started>(parse_record(option), provenance, platform); });
}

int command_record(std::span<const std::string> arguments) {
  if (arguments.empty()) throw UserError(Complaint{"trapwalk record", "to which file? see trapwalk record --help"});
  if (arguments.front() == "--help" || arguments.front() == "-h") {
    fmt::print("{}", kRecordHelp);
    return 0;
  }
  if (arguments.front().starts_with("-")) {
    throw UserError(Complaint{"trapwalk record", "the file comes first: trapwalk record FILE[,OPTION...] ..."});
  }
  std::vector<std::string> words = {"--record"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return command_run(words);
}

}  // namespace tw::command

#else

namespace tw::command {

std::unique_ptr<RunRecording> start_recording(const std::string& option, std::span<const std::string>,
                                              const std::vector<std::string>&, const std::vector<config::Parameter>&,
                                              virt::Platform&) {
  if (option.empty()) return nullptr;
  throw UserError(Complaint{"--record", "this program was built without zstd, and knows no traces"});
}

}  // namespace tw::command

#endif
