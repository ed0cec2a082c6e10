#include "devices/pci/ats.hpp"

#include <utility>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

// PCI Express capability (7.5.3): an endpoint that is integrated in the root complex has no link.
constexpr u8 kExpressId = 0x10;
constexpr u16 kExpressBytes = 0x3C;
constexpr u32 kExpressVersion2 = 2, kIntegratedEndpoint = 9 << 4;
constexpr u32 kRoleBasedErrors = 1 << 15, kEndToEndPrefixes = 1 << 21, kOnePrefix = 1 << 22;
constexpr ConfigRow kExpress[] = {
    {"PCI Express capabilities", 0x02, 2, kExpressVersion2 | kIntegratedEndpoint},
    {"Device Capabilities", 0x04, 4, kRoleBasedErrors},
    {"Device Control", 0x08, 2, 0, 0x7FFF},
    {"Device Status", 0x0A, 2},
    {"Device Capabilities 2", 0x24, 4, kEndToEndPrefixes | kOnePrefix},
    {"Device Control 2", 0x28, 2, 0, 0xFFFF},
};

// ATS (10.5.1)
constexpr u16 kAtsId = 0x000F, kAtsBytes = 8, kAtsControl = 6;
constexpr u32 kPageAligned = 1 << 5, kGlobalInvalidate = 1 << 6, kAtsEnable = 1 << 15, kSmallestUnit = 0x1F;
/// An invalidate queue depth of 0 is 32: a request a tag.
constexpr ConfigRow kAts[] = {{"ATS capability", 4, 2, kPageAligned | kGlobalInvalidate},
                              {"ATS control", kAtsControl, 2, 0, kAtsEnable | kSmallestUnit}};

// Page requests (10.5.2)
constexpr u16 kPriId = 0x0013, kPriBytes = 16, kPriControl = 4, kPriStatus = 6, kPriAllocation = 12;
constexpr u32 kPriEnable = 1 << 0;
constexpr u32 kResponseFailure = 1 << 0, kUnexpectedGroup = 1 << 1, kStopped = 1 << 8, kPasidInResponse = 1 << 15;

// PASID (7.8.8)
constexpr u16 kPasidId = 0x001B, kPasidBytes = 8, kPasidControl = 6;
constexpr u32 kExecuteBit = 1 << 1, kPrivilegedBit = 1 << 2, kPasidWidth = 20 << 8, kPasidEnable = 1 << 0;
constexpr ConfigRow kPasid[] = {{"PASID capability", 4, 2, kExecuteBit | kPrivilegedBit | kPasidWidth},
                                {"PASID control", kPasidControl, 2, 0, kPasidEnable | kExecuteBit | kPrivilegedBit}};

constexpr unsigned kPageLog2 = 12;

std::optional<u32> number(const std::optional<PasidPrefix>& prefix) {
  return prefix ? std::optional(prefix->pasid) : std::nullopt;
}

}  // namespace

Ats::Ats(ConfigSpace& config, const AtsSettings& settings)
    : config_(config), settings_(settings), cache_(settings.cache_entries) {
  if (settings.ats || settings.pri || settings.pasid) add_capabilities();
}

void Ats::add_capabilities() {
  config_.add_capability(kExpressId, kExpressBytes, kExpress);
  if (settings_.ats) ats_ = config_.add_extended_capability(kAtsId, 1, kAtsBytes, kAts);
  if (settings_.pri) {
    const ConfigRow rows[] = {
        {"Page Request control", kPriControl, 2, 0, kPriEnable},
        {"Page Request status", kPriStatus, 2, kStopped | (settings_.pasid ? kPasidInResponse : 0), 0,
         kResponseFailure | kUnexpectedGroup},
        {"Outstanding Page Request Capacity", 8, 4, static_cast<u32>(settings_.page_requests)},
        {"Outstanding Page Request Allocation", kPriAllocation, 4, 0, ~u32{0}},
    };
    pri_ = config_.add_extended_capability(kPriId, 1, kPriBytes, rows);
  }
  if (settings_.pasid) pasid_ = config_.add_extended_capability(kPasidId, 1, kPasidBytes, kPasid);
}

bool Ats::enabled() const { return ats_ != 0 && (field(ats_, kAtsControl, 2) & kAtsEnable) != 0; }

bool Ats::allows(const PasidPrefix& prefix) const {
  if (pasid_ == 0) return false;
  const u32 control = field(pasid_, kPasidControl, 2);
  return (control & kPasidEnable) != 0 && (!prefix.execute || (control & kExecuteBit) != 0) &&
         (!prefix.privileged || (control & kPrivilegedBit) != 0);
}

/// A cache that is switched off is empty (10.5.1.3); page requests that are off have stopped, and what was asked for is
/// forgotten.
void Ats::configuration_written() {
  if (!enabled()) cache_.clear();
  if (pri_ == 0) return;
  const bool on = (field(pri_, kPriControl, 2) & kPriEnable) != 0;
  if (!on) forget_page_requests();
  const u32 status = field(pri_, kPriStatus, 2);
  config_.set(static_cast<u16>(pri_ + kPriStatus), 2, on ? status & ~kStopped : status | kStopped);
}

void Ats::reset() {
  cache_.clear();
  forget_page_requests();
}

// ---- translations

bool Ats::concerns_use(const std::optional<Range>& use, const InvalidateRequest& request) const {
  return use && concerns(request, use->address, use->size_log2, use->pasid, use->global);
}

/// A cached translation that lacks the right to write is asked for again: the right may have been given, or the
/// translation agent marks a page dirty only when it is asked (10.2.3.5).
Ats::Found Ats::translate(u64 address, const std::optional<PasidPrefix>& pasid, bool write) {
  const u64 page = address & ~low_mask(kPageLog2);
  std::optional<Translation> cached = cache_.find(address, pasid);
  if (cached && (!write || cached->write)) {
    ++statistics_.hits;
  } else {
    ++statistics_.misses;
    cached.reset();
  }
  while (!cached) {
    if (agent_ == nullptr) return {.status = Completion::UnsupportedRequest, .translation = {}};
    asked_ = Range{page, kPageLog2, number(pasid), true};
    stale_ = false;
    const TranslationCompletion completion =
        agent_->translate({.address = Iova{page}, .pasid = pasid, .no_write = !write});
    asked_.reset();
    if (stale_) continue;  // invalidated while it was asked for: what came back may be the old one (10.3.3)
    if (completion.status != Completion::Success) return {.status = completion.status, .translation = {}};
    cached = completion.translation;
    if (enabled() && (cached->read || cached->write)) cache_.insert(address, pasid, *cached);
  }
  last_ = *cached;
  used_ = Range{page, kPageLog2, number(pasid), cached->global};
  return {.status = Completion::Success, .translation = *cached};
}

void Ats::request_ends() {
  under_way_.reset();
  for (const u32 tag : std::exchange(unanswered_, {})) agent_->invalidated(tag);
}

void Ats::invalidate(const InvalidateRequest& request) {
  ++statistics_.invalidations;
  cache_.invalidate(request);
  if (concerns_use(asked_, request)) stale_ = true;
  if (concerns_use(under_way_, request)) {
    unanswered_.push_back(request.tag);
  } else if (agent_ != nullptr) {
    agent_->invalidated(request.tag);
  }
}

// ---- page requests

/// A failed response ends page requests until software has seen it (10.5.2.3).
bool Ats::may_ask_for_pages() const {
  return agent_ != nullptr && pri_ != 0 && (field(pri_, kPriControl, 2) & kPriEnable) != 0 &&
         (field(pri_, kPriStatus, 2) & kResponseFailure) == 0 && outstanding_ < field(pri_, kPriAllocation, 4);
}

void Ats::set_page_status(u32 bits) {
  config_.set(static_cast<u16>(pri_ + kPriStatus), 2, field(pri_, kPriStatus, 2) | bits);
}

void Ats::forget_page_requests() {
  groups_.fill({});
  outstanding_ = 0;
}

/// Indices in turn, but for those that wait for a response.
u16 Ats::next_group() {
  do {
    last_group_ = static_cast<u16>((last_group_ + 1) % kGroups);
  } while (groups_[last_group_].outstanding != 0);
  groups_[last_group_].response.reset();
  return last_group_;
}

bool Ats::request_page(const PageRequest& request) {
  if (!may_ask_for_pages()) return false;
  ++groups_[request.group].outstanding;
  ++outstanding_;
  ++statistics_.page_requests;
  agent_->request_page(request);
  return true;
}

void Ats::respond(const PageResponse& response) {
  if (pri_ == 0) return;
  last_response_ = response;
  Group& group = groups_[response.group % kGroups];
  if (group.outstanding == 0) return set_page_status(kUnexpectedGroup);
  outstanding_ -= group.outstanding;
  group = {.outstanding = 0, .response = response.code};
  if (response.code == PageResponseCode::ResponseFailure) set_page_status(kResponseFailure);
}

std::optional<PageResponseCode> Ats::take_response(u16 group) {
  std::optional<PageResponseCode> response;
  std::swap(response, groups_[group].response);
  return response;
}

}  // namespace tw::devices::pci
