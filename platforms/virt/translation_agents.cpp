#include "platforms/virt/translation_agents.hpp"

#include <utility>

namespace tw::virt {

namespace pci = devices::pci;

namespace {

smmu::StreamKey key_of(StreamId stream, const std::optional<pci::PasidPrefix>& pasid) {
  return {.stream = stream, .substream = pasid ? pasid->pasid : 0, .has_substream = pasid.has_value()};
}

std::optional<u32> pasid_of(const smmu::StreamKey& key) {
  return key.has_substream ? std::optional(key.substream) : std::nullopt;
}

pci::Completion completion_of(smmu::AtsReply::Status status) {
  switch (status) {
    case smmu::AtsReply::Status::Success:
      return pci::Completion::Success;
    case smmu::AtsReply::Status::UnsupportedRequest:
      return pci::Completion::UnsupportedRequest;
    case smmu::AtsReply::Status::CompleterAbort:
      return pci::Completion::CompleterAbort;
  }
  return pci::Completion::UnsupportedRequest;
}

pci::PageResponseCode code_of(smmu::PageResponse::Code code) {
  switch (code) {
    case smmu::PageResponse::Code::Success:
      return pci::PageResponseCode::Success;
    case smmu::PageResponse::Code::InvalidRequest:
      return pci::PageResponseCode::InvalidRequest;
    case smmu::PageResponse::Code::Failure:
      return pci::PageResponseCode::ResponseFailure;
  }
  return pci::PageResponseCode::ResponseFailure;
}

}  // namespace

/// One function's, which adds its requester ID.
class TranslationAgents::Agent final : public pci::TranslationAgent {
 public:
  Agent(TranslationAgents& all, StreamId stream) : all_(all), stream_(stream) {}

  /// In the function's thread.
  pci::TranslationCompletion translate(const pci::TranslationRequest& request) override {
    smmu::SmmuModule& smmu = *all_.smmu_;
    const smmu::AtsReply reply = smmu.core().ats_translate(all_.tbu_,
                                                           {.from = key_of(stream_, request.pasid),
                                                            .address = request.address,
                                                            .write = !request.no_write,
                                                            .privileged = request.pasid && request.pasid->privileged,
                                                            .instruction = request.pasid && request.pasid->execute},
                                                           smmu.clock().cycles_up(sc_core::sc_time_stamp()));
    sc_core::wait(smmu.clock().time(reply.cycles));
    return {.status = completion_of(reply.status),
            .translation = {.address = reply.pa.value,
                            .size_log2 = reply.page_bits,
                            .read = reply.readable,
                            .write = reply.writable,
                            .execute = reply.executable,
                            .privileged = reply.privileged,
                            .global = reply.global,
                            .untranslated_only = reply.untranslated_only}};
  }

  void request_page(const pci::PageRequest& request) override {
    smmu::SmmuModule& smmu = *all_.smmu_;
    smmu.core().page_request({.from = key_of(stream_, request.pasid),
                              .page = request.address >> 12,
                              .group = request.group,
                              .read = request.read,
                              .write = request.write,
                              .instruction = request.pasid && request.pasid->execute,
                              .privileged = request.pasid && request.pasid->privileged,
                              .last = request.last},
                             smmu.clock().cycles_up(sc_core::sc_time_stamp()));
  }

  /// Maybe from inside the SMMU's own message: it hears of it afterwards.
  void invalidated(u32 tag) override {
    all_.completed_.push_back(tag);
    all_.completion_event_.notify(all_.smmu_->clock().time(1));
  }

 private:
  TranslationAgents& all_;
  StreamId stream_;
};

TranslationAgents::TranslationAgents(sc_core::sc_module_name name) : sc_module(name) {
  SC_HAS_PROCESS(TranslationAgents);
  SC_METHOD(complete);
  sensitive << completion_event_;
  dont_initialize();
}

void TranslationAgents::complete() {
  for (const u32 tag : std::exchange(completed_, {})) {
    smmu_->core().atc_invalidated(tag, smmu_->clock().cycles_up(sc_core::sc_time_stamp()));
  }
}

pci::TranslationAgent& TranslationAgents::add(StreamId stream, pci::AtsFunction& function) {
  functions_[stream] = &function;
  agents_.push_back(std::make_unique<Agent>(*this, stream));
  return *agents_.back();
}

pci::AtsFunction* TranslationAgents::function_of(StreamId stream) const {
  const auto found = functions_.find(stream);
  return found == functions_.end() ? nullptr : found->second;
}

bool TranslationAgents::invalidate(const smmu::AtcInvalidate& what) {
  pci::AtsFunction* const function = function_of(what.to.stream);
  if (function == nullptr) return false;
  function->invalidate({.tag = what.tag,
                        .address = what.address.value,
                        .size_log2 = what.size_bits,
                        .pasid = pasid_of(what.to),
                        .global = what.global});
  return true;
}

void TranslationAgents::respond(const smmu::PageResponse& response) {
  pci::AtsFunction* const function = function_of(response.to.stream);
  if (function == nullptr) return;
  function->respond({.group = response.group, .code = code_of(response.code), .pasid = pasid_of(response.to)});
}

}  // namespace tw::virt
