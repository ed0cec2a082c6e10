// The DMA of the endpoint: its split into requests, their translation and their page requests.
#include <algorithm>

#include "base/bits.hpp"
#include "devices/pci/edu.hpp"

namespace tw::devices::pci {

namespace {

constexpr u64 kToMemory = 2;  ///< DMA command register
constexpr u64 kPage = 4096;

constexpr TransferResult of_memory(Completion completion) {
  switch (completion) {
    case Completion::Success:
      return TransferResult::Done;
    case Completion::CompleterAbort:
      return TransferResult::CompleterAbort;
    case Completion::UnsupportedRequest:
      break;
  }
  return TransferResult::UnsupportedRequest;
}

constexpr TransferResult of_translation(Completion completion) {
  return completion == Completion::CompleterAbort ? TransferResult::TranslationAborted
                                                  : TransferResult::TranslationUnsupported;
}

}  // namespace

std::optional<PasidPrefix> Edu::prefix() const {
  if (!attribute(TransferAttributes::kPasid)) return std::nullopt;
  return PasidPrefix{.pasid = pasid_,
                     .execute = attribute(TransferAttributes::kExecute),
                     .privileged = attribute(TransferAttributes::kPrivileged)};
}

/// Software's rules for the function: bus master, and the capabilities that its requests use. Only the liar's address
/// type asks nobody.
bool Edu::may_send() const {
  const std::optional<PasidPrefix> pasid = prefix();
  return (config().read(kCommand, 2) & kBusMaster) != 0 && (!pasid || ats_.allows(*pasid)) &&
         (!attribute(TransferAttributes::kTranslate) || ats_.enabled());
}

/// Requests cross no 4 KB boundary, and move `max_payload` bytes at most (2.2.7). The first that fails ends the
/// transfer.
TransferResult Edu::move() {
  const bool to_memory = (command_ & kToMemory) != 0;
  const u64 local = (to_memory ? source_ : destination_) - kBuffer;
  const u64 address = (to_memory ? destination_ : source_) & settings_.dma_mask;
  const bool no_data = attribute(TransferAttributes::kNoData);
  const bool fits = count_ <= kBufferBytes && local <= kBufferBytes - count_;
  if ((!no_data && !fits) || !may_send()) return TransferResult::Impossible;
  TransferResult result = TransferResult::Done;
  for (u64 done = 0; done < count_ && result == TransferResult::Done && running();) {
    const u64 at = address + done;
    const u64 limit = no_data ? kPage : settings_.max_payload;
    const u64 bytes = std::min(count_ - done, limit - at % limit);
    if (no_data) {
      MemoryRequest request{.address = Iova{at}, .pasid = prefix()};
      if (attribute(TransferAttributes::kTranslate)) {
        result = translate(request, to_memory);
      } else if (attribute(TransferAttributes::kAskForPages)) {
        result = ask_for_page(request, to_memory);
      }
    } else {
      result = send(at, std::span(buffer_).subspan(local + done, bytes), to_memory);
    }
    if (result == TransferResult::Done) done += bytes;
    moved_ = done;
  }
  return result;
}

TransferResult Edu::send(u64 address, std::span<u8> data, bool to_memory) {
  MemoryRequest request{
      .address = Iova{address}, .pasid = prefix(), .may_stall = attribute(TransferAttributes::kMayStall)};
  if (attribute(TransferAttributes::kTranslated)) request.type = AddressType::Translated;
  if (attribute(TransferAttributes::kTranslate)) {
    const TransferResult result = translate(request, to_memory);
    if (result != TransferResult::Done) return result;
    ats_.request_begins();
  }
  const Completion completion = to_memory ? memory_.write(request, data) : memory_.read(request, data);
  ats_.request_ends();
  return of_memory(completion);
}

/// Puts the translated address and its type into the request, which then has no PASID (6.20.1). After a page request
/// that succeeded the translation is asked for again, once.
TransferResult Edu::translate(MemoryRequest& request, bool write) {
  const bool execute = request.pasid && request.pasid->execute;
  for (bool asked = false;; asked = true) {
    const Ats::Found found = ats_.translate(request.address.value, request.pasid, write);
    if (found.status != Completion::Success) return of_translation(found.status);
    const Translation& t = found.translation;
    if (write ? t.write : t.read && (!execute || t.execute)) {
      if (t.untranslated_only) return TransferResult::Done;
      request.type = AddressType::Translated;
      request.address = Iova{t.address | (request.address.value & low_mask(t.size_log2))};
      request.pasid.reset();
      return TransferResult::Done;
    }
    if (asked || !attribute(TransferAttributes::kAskForPages)) return TransferResult::NoAccess;
    const TransferResult result = ask_for_page(request, write);
    if (result != TransferResult::Done) return result;
  }
}

/// A group of one page.
TransferResult Edu::ask_for_page(const MemoryRequest& request, bool write) {
  const u16 group = ats_.next_group();
  const PageRequest page{.address = request.address.value & ~(kPage - 1),
                         .group = group,
                         .read = !write,
                         .write = write,
                         .last = true,
                         .pasid = request.pasid};
  if (!ats_.request_page(page)) return TransferResult::Impossible;
  if (attribute(TransferAttributes::kNoWait)) return TransferResult::Done;
  while (ats_.waits_for(group)) {
    if (!time_.wait_for_message()) return TransferResult::PageRefused;
  }
  return ats_.take_response(group) == PageResponseCode::Success ? TransferResult::Done : TransferResult::PageRefused;
}

}  // namespace tw::devices::pci
