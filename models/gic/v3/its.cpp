#include "gic/v3/its.hpp"

namespace tw::gic::v3 {

void Its::reset() {
  enabled_ = stalled_ = false;
  queue_base_ = queue_write_ = queue_read_ = 0;
  devices_.reset();
  collections_.reset();
}

template <class Entry>
Its::Found<Entry> Its::look_up(const TableBase& table, u64 id) {
  Found<Entry> found;
  const std::optional<Pa> at = table.entry(memory_, id, found.failed);
  if (!at) return found;
  const std::optional<u64> value = memory_.read(*at, kItsEntryBytes);
  found.failed = !value;
  if (value) found.entry = Entry::decode(*value);
  return found;
}
template Its::Found<DeviceEntry> Its::look_up(const TableBase& table, u64 id);
template Its::Found<CollectionEntry> Its::look_up(const TableBase& table, u64 id);

Lpis* Its::lpis_of(u64 processor) {
  return processor < distributor_.cpus() ? &distributor_.lpis(static_cast<unsigned>(processor)) : nullptr;
}

Its::Found<Its::Target> Its::find(u32 device, u32 event) {
  const Found<DeviceEntry> its_device = look_up<DeviceEntry>(devices_, device);
  if (!its_device.entry || u64{event} >> its_device.entry->event_bits != 0)
    return {.entry = {}, .failed = its_device.failed};
  Target target;
  target.at = its_device.entry->itt + u64{event} * kItsEntryBytes;
  const std::optional<u64> value = memory_.read(target.at, kItsEntryBytes);
  if (!value) return {.entry = {}, .failed = true};
  const std::optional<TranslationEntry> entry = TranslationEntry::decode(*value);
  if (!entry) return {};
  target.entry = *entry;
  const Found<CollectionEntry> collection = look_up<CollectionEntry>(collections_, entry->collection);
  if (!collection.entry) return {.entry = {}, .failed = collection.failed};
  target.lpis = lpis_of(collection.entry->processor);
  if (!target.lpis) return {};
  return {.entry = target};
}

Its::Outcome Its::store(const TableBase& table, u64 id, u64 value) {
  bool failed = false;
  const std::optional<Pa> at = table.entry(memory_, id, failed);
  if (!at) return failed ? Outcome::Stall : Outcome::Continue;
  return store(*at, value);
}

void Its::translate(u32 device, u32 event) {
  if (!enabled_) return;
  if (const Found<Target> target = find(device, event); target.entry) {
    target.entry->lpis->set_pending(target.entry->entry.intid, true);
  }
}

}  // namespace tw::gic::v3
