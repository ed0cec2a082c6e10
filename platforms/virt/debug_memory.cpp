#include "platforms/virt/debug_memory.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cpu/system/state.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/walker.hpp"

namespace tw::virt {

namespace {

constexpr u64 kPage = 4096;

[[noreturn]] void refuse(const char* member, const std::string& message) {
  throw UserError(Complaint{member, message});
}

/// Descriptors straight from memory, as they are.
class DebugDescriptors final : public vmsa::DescriptorPort {
 public:
  explicit DebugDescriptors(tlm::Initiator& bus) : bus_(bus) {}

 private:
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    vmsa::DescriptorReply reply;
    u8 bytes[sizeof reply.value];
    reply.ok = bus_.debug(request.address, bytes, sizeof bytes, false) == sizeof bytes;
    if (reply.ok) std::memcpy(&reply.value, bytes, sizeof bytes);
    return reply;
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64, u64) override { return fetch(request); }

  tlm::Initiator& bus_;
};

/// The translation controls of the core as of now, for an EL that it need not be at.
vmsa::Controls controls_at(const cpu::Cpu& cpu, El el) {
  vmsa::Controls controls = cpu.controls;
  controls.secure = cpu.config.has_el3 && (el == El::El3 || cpu::secure_below_el3(cpu));
  return controls;
}

vmsa::Access access_at(El el, u64 va, control::AccessType type) {
  return {.va = Va{va},
          .kind = type == control::AccessType::Fetch ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data,
          .read = type != control::AccessType::Write,
          .write = type == control::AccessType::Write,
          .privileged = el != El::El0,
          .regime = el == El::El3   ? vmsa::Regime::El3
                    : el == El::El2 ? vmsa::Regime::El2
                                    : vmsa::Regime::El10,
          .el = el};
}

El el_of(const cpu::Cpu& cpu, const control::View& view) {
  if (view.space == control::Space::Ipa) return El::El1;
  if (!view.el) return cpu.pstate.el;
  const auto el = static_cast<El>(*view.el);
  if (!cpu::has_el(cpu, el)) refuse("el", fmt::format("this core has no EL{}", *view.el));
  return el;
}

const char* name_of(vmsa::FaultType type) {
  static constexpr const char* kNames[] = {"",
                                           "Address size",
                                           "Translation",
                                           "Access flag",
                                           "Permission",
                                           "Alignment",
                                           "External abort on walk",
                                           "External abort",
                                           "TLB conflict",
                                           "Unsupported update",
                                           "Unsupported atomic"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(vmsa::FaultType::UnsupportedAtomic) + 1);
  return kNames[static_cast<unsigned>(type)];
}

const char* name_of(vmsa::MemoryType type) {
  static constexpr const char* kNames[] = {"Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE", "Normal"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(vmsa::MemoryType::Normal) + 1);
  return kNames[static_cast<unsigned>(type)];
}

void set_fault(control::Translation& result, const vmsa::Fault& fault) {
  result.fault = name_of(fault.type);
  result.fault_stage = fault.stage;
  result.fault_level = fault.level;
  if (fault.stage == 2) result.ipa = fault.ipa.value;
}

}  // namespace

control::Translation DebugMemory::translate(const control::View& view, u64 address, control::AccessType type) {
  cpu::CpuModule& shell = platform_.complexes()[view.core]->shell();
  const El el = el_of(shell.core(), view);
  const vmsa::Controls controls = controls_at(shell.core(), el);
  const vmsa::Access access = access_at(el, address, type);
  DebugDescriptors port(shell.bus);
  const vmsa::Walker walker(port);
  cost::WalkRecord record;
  const vmsa::WalkOptions options{.record = &record, .timed = false, .updates = false};
  const bool stage2 = vmsa::stage2_in_force(controls, access.regime);

  control::Translation result;
  if (view.space == control::Space::Ipa) {
    result.ipa = address;
    result.page_bytes = kPage;
    result.readable = result.writable = result.executable = true;
    if (!stage2) {
      result.pa = address;
    } else {
      const vmsa::Stage2Result found = walker.translate_ipa(Ipa{address}, access, controls, options);
      if (found.fault) {
        set_fault(result, found.fault);
      } else {
        result.pa = found.leaf.output(Ipa{address}).value;
        result.page_bytes = u64{1} << found.leaf.page_bits;
        result.readable = (found.leaf.s2ap & 1) != 0;
        result.writable = (found.leaf.s2ap & 2) != 0;
        result.executable = (found.leaf.xn & 2) == 0;
      }
    }
  } else {
    const vmsa::Translation found = walker.translate(access, controls, options).translation;
    if (!found.ok()) {
      set_fault(result, found.fault);
    } else {
      result.pa = found.pa.value;
      if (stage2) result.ipa = found.ipa.value;
      result.page_bytes = u64{1} << found.page_bits;
      result.readable = found.readable;
      result.writable = found.writable;
      result.executable = found.executable;
      result.memory = name_of(found.attributes.type);
    }
  }
  for (const cost::DescriptorFetch& fetch : record.fetches) {
    result.walk.push_back({.stage = fetch.stage,
                           .level = fetch.level,
                           .for_stage1_level = fetch.for_stage1_level,
                           .address = fetch.address.value,
                           .descriptor = fetch.descriptor});
  }
  return result;
}

std::vector<DebugMemory::Piece> DebugMemory::pieces(const control::View& view, u64 address, u64 bytes) {
  std::vector<Piece> pieces;
  while (bytes != 0) {
    const u64 length = std::min(bytes, kPage - address % kPage);
    u64 pa = address;
    if (view.space != control::Space::Physical) {
      const control::Translation found = translate(view, address, control::AccessType::Read);
      if (!found.pa) {
        refuse("address", fmt::format("{:#x} does not translate: {} fault, stage {}, level {}", address, found.fault,
                                      found.fault_stage, found.fault_level));
      }
      pa = *found.pa;
    }
    pieces.push_back({Pa{pa}, length});
    address += length;
    bytes -= length;
  }
  return pieces;
}

std::vector<u8> DebugMemory::read(const control::View& view, u64 address, u64 bytes) {
  std::vector<u8> data(bytes);
  u8* to = data.data();
  for (const Piece& piece : pieces(view, address, bytes)) {
    const unsigned done =
        platform_.complexes()[view.core]->shell().bus.debug(piece.at, to, static_cast<unsigned>(piece.bytes), false);
    if (done != piece.bytes)
      refuse("address", fmt::format("nothing can be read at physical address {:#x}", piece.at.value + done));
    to += piece.bytes;
  }
  return data;
}

void DebugMemory::write(const control::View& view, u64 address, const std::vector<u8>& bytes) {
  cpu::CpuModule& shell = platform_.complexes()[view.core]->shell();
  const std::vector<Piece> all = pieces(view, address, bytes.size());
  for (const Piece& piece : all) {
    if (!shell.bus.is_memory(piece.at, true) || !shell.bus.is_memory(piece.at + (piece.bytes - 1), true))
      refuse("address", fmt::format("physical address {:#x} is not RAM", piece.at.value));
  }
  std::vector<u8> data = bytes;
  u8* from = data.data();
  for (const Piece& piece : all) {
    shell.bus.debug(piece.at, from, static_cast<unsigned>(piece.bytes), true);
    shell.core().code.written(piece.at, piece.bytes);
    from += piece.bytes;
  }
}

}  // namespace tw::virt
