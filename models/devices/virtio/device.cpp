#include "devices/virtio/device.hpp"

#include <algorithm>
#include <utility>

namespace tw::devices::virtio {

namespace {

constexpr u64 kCommonFeatures = feature::kVersion1 | feature::kIndirect | feature::kEventIdx;

}  // namespace

Device::Device(DeviceType type, u64 features, std::vector<Virtqueue> queues, std::size_t config_bytes,
               const Surroundings& around)
    : type_(type),
      offered_(features | kCommonFeatures | (around.translated ? feature::kAccessPlatform : 0)),
      around_(around),
      queues_(std::move(queues)),
      config_(config_bytes),
      notified_(queues_.size()) {}

bool Device::live() const {
  return (status_ & status::kDriverOk) && (status_ & status::kFeaturesOk) && !(status_ & status::kNeedsReset);
}

void Device::set_driver_features(u64 features) {
  if ((status_ & status::kFeaturesOk) == 0) accepted_ = features;
}

/// A subset of what was offered, of a driver that knows version 1: there is no legacy interface (6.1). Behind an SMMU
/// one that gives physical addresses is refused, as 6.2 allows and QEMU does.
bool Device::features_suit() const {
  const u64 needed = feature::kVersion1 | (offered_ & feature::kAccessPlatform);
  return (accepted_ & ~offered_) == 0 && (accepted_ & needed) == needed;
}

void Device::write_status(u8 value) {
  if (value == 0) {
    reset();
    return;
  }
  const bool was_live = live();
  u8 next = static_cast<u8>(value & ~status::kNeedsReset);
  const bool had_features = (status_ & status::kFeaturesOk) != 0;
  if ((next & status::kFeaturesOk) && !had_features && !features_suit()) next &= static_cast<u8>(~status::kFeaturesOk);
  status_ = static_cast<u8>(next | (status_ & status::kNeedsReset));
  if ((status_ & status::kFeaturesOk) && !had_features) {
    for (Virtqueue& queue : queues_) queue.negotiate(accepted(feature::kIndirect), accepted(feature::kEventIdx));
  }
  if (!was_live && live()) {
    // What was made available before DRIVER_OK counts from now on.
    std::fill(notified_.begin(), notified_.end(), true);
    work_arrived();
  }
}

void Device::reset() {
  status_ = 0;
  accepted_ = 0;
  trouble_.clear();
  finished_.clear();
  std::fill(notified_.begin(), notified_.end(), false);
  for (Virtqueue& queue : queues_) queue.reset();
  on_reset();
}

void Device::enable_queue(unsigned index) {
  const auto enabled = queues_[index].enable();
  if (const Broken* broken = std::get_if<Broken>(&enabled)) fail(broken->why);
}

void Device::disable_queue(unsigned index) {
  queues_[index].disable();
  std::erase_if(finished_, [&](const Finished& done) { return done.queue == index; });
}

void Device::notify(unsigned index) {
  if (index >= queues_.size()) return;
  notified_[index] = true;
  if (live()) work_arrived();
}

u64 Device::read_config(u64 offset, unsigned size) const {
  u64 value = 0;
  for (unsigned i = 0; i < size && offset + i < config_.size(); ++i) value |= u64{config_[offset + i]} << (8 * i);
  return value;
}

void Device::write_config(u64 offset, unsigned size, u64 value) {
  if (offset >= config_.size() || size > config_.size() - offset) return;
  u8 bytes[sizeof value];
  store_le(std::span<u8>(bytes), value);
  on_config_write(offset, std::span<const u8>(bytes).first(size));
}

void Device::on_config_write(u64, std::span<const u8>) {}

void Device::changed_config() {
  ++generation_;
  if (status_ & status::kDriverOk) transport_->configuration_changed();
}

void Device::warn(std::string_view message) const {
  if (around_.warn) around_.warn(message);
}

std::optional<Chain> Device::take(unsigned queue) {
  if (!notified_[queue]) return std::nullopt;
  return look(queue);
}

std::optional<Chain> Device::look(unsigned queue) {
  if (!live()) return std::nullopt;
  auto popped = queues_[queue].pop(dma());
  if (const Broken* broken = std::get_if<Broken>(&popped)) fail(broken->why);
  if (Chain* chain = std::get_if<Chain>(&popped)) {
    chain->queue = queue;
    return std::move(*chain);
  }
  notified_[queue] = false;
  return std::nullopt;
}

void Device::finish(const Chain& chain, u64 written) {
  finished_.push_back({chain.queue, chain.head, static_cast<u32>(written)});
}

void Device::fail(std::string_view why) {
  if (status_ & status::kNeedsReset) return;
  trouble_ = why;
  finished_.clear();
  status_ |= status::kNeedsReset;
  if (status_ & status::kDriverOk) transport_->configuration_changed();
}

void Device::publish() {
  std::vector<bool> used(queues_.size());
  for (const Finished& done : std::exchange(finished_, {})) {
    used[done.queue] = true;
    if (!queues_[done.queue].push(dma(), done.head, done.written)) return fail("the used ring cannot be written");
  }
  for (unsigned index = 0; index < used.size(); ++index) {
    if (!used[index]) continue;
    const auto published = queues_[index].publish(dma());
    if (const Broken* broken = std::get_if<Broken>(&published)) return fail(broken->why);
    if (*std::get_if<bool>(&published)) transport_->used_buffer(index);
  }
}

std::optional<Work> Device::work() {
  busy_ = true;
  publish();
  const std::optional<Work> begun = live() ? execute() : std::nullopt;
  busy_ = false;
  return live() ? begun : std::nullopt;
}

}  // namespace tw::devices::virtio
