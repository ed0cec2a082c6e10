#include "smmu/pages.hpp"

#include "base/bits.hpp"

namespace tw::smmu {

namespace {

constexpr u32 kOverflow = u32{1} << 31;

/// "Stop PASID": nobody answers it (chapter 8).
bool is_stop_marker(const PageRequest& request) {
  return request.from.has_substream && request.last && !request.read && !request.write;
}

}  // namespace

PageRecord encode(const PageRequest& request) {
  const auto flag = [](bool value, unsigned at) { return u64{value} << at; };
  const bool substream = request.from.has_substream;
  PageRecord record{};
  record[0] = request.from.stream.value | flag(request.read, 60) | flag(request.write, 61) | flag(request.last, 62) |
              flag(substream, 63);
  if (substream) {
    record[0] |= (u64{request.from.substream} & low_mask(20)) << 32 | flag(request.privileged, 58) |
                 flag(request.instruction, 59);
  }
  record[1] = (request.group & low_mask(9)) | request.page << 12;
  return record;
}

PageQueue::PageQueue(const Config& config, State& state, MemoryPort& memory, EndpointPort& endpoints,
                     Maintenance& maintenance, Interrupts& interrupts)
    : config_(config),
      state_(state),
      memory_(memory),
      endpoints_(endpoints),
      maintenance_(maintenance),
      interrupts_(interrupts),
      queue_(state.pages, sizeof(PageRecord), config.page_queue_bits) {}

void PageQueue::request(const PageRequest& request, u64 now) {
  const bool enabled = state_.enabled() && state_.page_queue_enabled();
  if (!enabled || interrupts_.active(GlobalError::PageQueueAbort)) {
    answer(request, PageResponse::Code::Failure, false);
    return;
  }
  if (overflow() || queue_.full()) {
    lose(request, now);
    return;
  }
  const PageRecord record = encode(request);
  std::array<u8, sizeof(PageRecord)> bytes;
  for (unsigned n = 0; n < bytes.size(); ++n) bytes[n] = static_cast<u8>(record[n / 8] >> n % 8 * 8);
  const bool was_empty = queue_.empty();
  const MemoryReply reply = memory_.write(queue_.tail(), bytes, Security::NonSecure, now);
  now += reply.cycles;
  if (!reply.ok) {  // synchronous (8.2)
    interrupts_.raise(GlobalError::PageQueueAbort, now);
    answer(request, PageResponse::Code::Failure, false);
    return;
  }
  queue_.produce();
  if (last_only() ? request.last : was_empty) interrupts_.page_queue(now);
}

bool PageQueue::overflow() const { return ((state_.pages.prod ^ state_.pages.cons) & kOverflow) != 0; }

/// SMMU_PRIQ_IRQ_CFG2.LO.
bool PageQueue::last_only() const { return bit<31>(state_.page_message.attributes); }

/// 8.1: the last of a group gets an answer, with a PASID as the STE says.
void PageQueue::lose(const PageRequest& request, u64 now) {
  if (!overflow()) state_.pages.prod ^= kOverflow;
  if (!request.last) return;
  if (!request.from.has_substream || config_.ssid_bits == 0) {
    answer(request, PageResponse::Code::Success, false);
  } else if (!is_stop_marker(request)) {
    const std::optional<bool> with_substream = maintenance_.page_response_has_pasid(request.from.stream, now);
    answer(request, with_substream ? PageResponse::Code::Success : PageResponse::Code::Failure,
           with_substream.value_or(false));
  }
  if (last_only()) interrupts_.page_queue(now);
}

void PageQueue::answer(const PageRequest& request, PageResponse::Code code, bool with_substream) {
  if (is_stop_marker(request)) return;
  PageResponse response{.to = {.stream = request.from.stream}, .group = request.group, .code = code};
  if (with_substream) response.to = request.from;
  endpoints_.respond(response);
}

}  // namespace tw::smmu
