// The command queue of the ITS. Encodings: IHI 0069, 5.3.
#include "gic/v3/its.hpp"

namespace tw::gic::v3 {

namespace {

constexpr u64 kCommandBytes = 32;

}  // namespace

std::span<const Its::CommandRow> Its::commands() {
  static constexpr CommandRow kRows[] = {
      {0x01, "MOVI", &Its::move},           {0x03, "INT", &Its::trigger},
      {0x04, "CLEAR", &Its::clear},         {0x05, "SYNC", &Its::synchronise},
      {0x08, "MAPD", &Its::map_device},     {0x09, "MAPC", &Its::map_collection},
      {0x0A, "MAPTI", &Its::map_interrupt}, {0x0B, "MAPI", &Its::map_event},
      {0x0C, "INV", &Its::invalidate},      {0x0D, "INVALL", &Its::invalidate_all},
      {0x0E, "MOVALL", &Its::move_all},     {0x0F, "DISCARD", &Its::discard},
  };
  return kRows;
}

/// A write offset beyond the queue is never reached: nothing runs (its effect is UNPREDICTABLE).
void Its::run_queue() {
  if (!enabled_ || !(queue_base_ & kItsValid) || queue_write_ >= queue_bytes() || queue_read_ >= queue_bytes()) return;
  while (!stalled_ && queue_read_ != queue_write_) {
    if (run_next() == Outcome::Stall) {
      stalled_ = true;
      return;
    }
    queue_read_ = (queue_read_ + kCommandBytes) % queue_bytes();
  }
}

Its::Outcome Its::run_next() {
  const Pa at{bits<51, 12>(queue_base_) << 12 | queue_read_};
  Command command;
  for (unsigned n = 0; n < 4; ++n) {
    const std::optional<u64> word = memory_.read(at + n * sizeof(u64), sizeof(u64));
    if (!word) return Outcome::Stall;
    command.words[n] = *word;
  }
  return run(command);
}

/// An opcode that does not exist is passed over.
Its::Outcome Its::run(const Command& command) {
  for (const CommandRow& row : commands()) {
    if (row.opcode == command.opcode()) return (this->*row.run)(command);
  }
  return Outcome::Continue;
}

Its::Outcome Its::map_device(const Command& command) {
  if (!command.valid()) return store(devices_, command.device(), 0);
  if (command.event_bits() > kEventBits) return Outcome::Continue;
  return store(devices_, command.device(), DeviceEntry{command.itt(), command.event_bits()}.encode());
}

Its::Outcome Its::map_collection(const Command& command) {
  if (!command.valid()) return store(collections_, command.collection(), 0);
  if (!lpis_of(command.processor())) return Outcome::Continue;
  return store(collections_, command.collection(), CollectionEntry{command.processor()}.encode());
}

Its::Outcome Its::map_interrupt(const Command& command) { return map(command, command.intid()); }
Its::Outcome Its::map_event(const Command& command) { return map(command, command.event()); }

Its::Outcome Its::map(const Command& command, u32 intid) {
  const Found<DeviceEntry> device = look_up<DeviceEntry>(devices_, command.device());
  if (!device.entry || !is_lpi(intid) || u64{command.event()} >> device.entry->event_bits != 0) {
    return device.otherwise();
  }
  const Pa at = device.entry->itt + u64{command.event()} * kItsEntryBytes;
  return store(at, TranslationEntry{intid, command.collection()}.encode());
}

/// The pending state goes along when both collections are mapped.
Its::Outcome Its::move(const Command& command) {
  const Found<Target> target = find(command.device(), command.event());
  if (!target.entry) return target.otherwise();
  const Found<CollectionEntry> collection = look_up<CollectionEntry>(collections_, command.collection());
  Lpis* const to = collection.entry ? lpis_of(collection.entry->processor) : nullptr;
  if (!to) return collection.otherwise();
  target.entry->lpis->move(target.entry->entry.intid, *to);
  return store(target.entry->at, TranslationEntry{target.entry->entry.intid, command.collection()}.encode());
}

Its::Outcome Its::move_all(const Command& command) {
  Lpis* const from = lpis_of(command.processor());
  Lpis* const to = lpis_of(command.second_processor());
  if (from && to) from->move_all(*to);
  return Outcome::Continue;
}

Its::Outcome Its::trigger(const Command& command) {
  const Found<Target> target = find(command.device(), command.event());
  if (!target.entry) return target.otherwise();
  target.entry->lpis->set_pending(target.entry->entry.intid, true);
  return Outcome::Continue;
}

Its::Outcome Its::clear(const Command& command) {
  const Found<Target> target = find(command.device(), command.event());
  if (!target.entry) return target.otherwise();
  target.entry->lpis->set_pending(target.entry->entry.intid, false);
  return Outcome::Continue;
}

Its::Outcome Its::discard(const Command& command) {
  const Found<Target> target = find(command.device(), command.event());
  if (!target.entry) return target.otherwise();
  target.entry->lpis->set_pending(target.entry->entry.intid, false);
  return store(target.entry->at, 0);
}

Its::Outcome Its::invalidate(const Command& command) {
  const Found<Target> target = find(command.device(), command.event());
  if (!target.entry) return target.otherwise();
  target.entry->lpis->reload(target.entry->entry.intid);
  return Outcome::Continue;
}

Its::Outcome Its::invalidate_all(const Command& command) {
  const Found<CollectionEntry> collection = look_up<CollectionEntry>(collections_, command.collection());
  if (!collection.entry) return collection.otherwise();
  if (Lpis* const lpis = lpis_of(collection.entry->processor)) lpis->reload_all();
  return Outcome::Continue;
}

/// All effects are there already.
Its::Outcome Its::synchronise(const Command&) { return Outcome::Continue; }

}  // namespace tw::gic::v3
