#include "devices/pl330/instructions.hpp"

#include <algorithm>

namespace tw::devices::pl330 {

namespace {

constexpr u8 kAll = kByChannel | kByManager, kDebug = kByDebugger;

/// Disjoint (a test holds that); what no row matches is undefined, the reserved combinations of bs, x and p with it. An
/// unconditional instruction and its S and B forms are rows of their own.
constexpr InstructionRow kRows[] = {
    {"DMAEND", 0xFF, 0x00, 1, kAll, Opcode::End},
    {"DMAKILL", 0xFF, 0x01, 1, kAll | kDebug, Opcode::Kill},
    {"DMALD", 0xFF, 0x04, 1, kByChannel, Opcode::Load},
    {"DMALD<S|B>", 0xFD, 0x05, 1, kByChannel, Opcode::Load},
    {"DMAST", 0xFF, 0x08, 1, kByChannel, Opcode::Store},
    {"DMAST<S|B>", 0xFD, 0x09, 1, kByChannel, Opcode::Store},
    {"DMASTZ", 0xFF, 0x0C, 1, kByChannel, Opcode::StoreZero},
    {"DMARMB", 0xFF, 0x12, 1, kByChannel, Opcode::ReadBarrier},
    {"DMAWMB", 0xFF, 0x13, 1, kByChannel, Opcode::WriteBarrier},
    {"DMANOP", 0xFF, 0x18, 1, kAll, Opcode::Nop},
    {"DMALP", 0xFD, 0x20, 2, kByChannel, Opcode::Loop},
    {"DMALDP<S|B>", 0xFD, 0x25, 2, kByChannel, Opcode::LoadPeripheral},
    {"DMALPEND", 0xEB, 0x28, 2, kByChannel, Opcode::LoopEnd},
    {"DMASTP<S|B>", 0xFD, 0x29, 2, kByChannel, Opcode::StorePeripheral},
    {"DMALPEND<S|B>, forever", 0xFD, 0x2D, 2, kByChannel, Opcode::LoopEnd},
    {"DMAWFP<S|B>", 0xFD, 0x30, 2, kByChannel, Opcode::WaitForPeripheral},
    {"DMAWFPP", 0xFF, 0x31, 2, kByChannel, Opcode::WaitForPeripheral},
    {"DMASEV", 0xFF, 0x34, 2, kAll | kDebug, Opcode::SendEvent},
    {"DMAFLUSHP", 0xFF, 0x35, 2, kByChannel, Opcode::FlushPeripheral},
    {"DMAWFE", 0xFF, 0x36, 2, kAll, Opcode::WaitForEvent},
    {"DMALPEND<S|B>", 0xF9, 0x39, 2, kByChannel, Opcode::LoopEnd},
    {"DMAADDH", 0xFD, 0x54, 3, kByChannel, Opcode::AddHalfword},
    {"DMAADNH", 0xFD, 0x5C, 3, kByChannel, Opcode::AddNegativeHalfword},
    {"DMAGO", 0xFD, 0xA0, 6, kByManager | kDebug, Opcode::Go},
    {"DMAMOV", 0xFF, 0xBC, 6, kByChannel, Opcode::Move},
};

}  // namespace

std::span<const InstructionRow> instruction_rows() { return kRows; }

const InstructionRow* find_instruction(u8 byte0) {
  static constexpr auto kByByte = [] {
    std::array<const InstructionRow*, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      for (const InstructionRow& row : kRows) {
        if ((byte & row.mask) == row.match) table[byte] = &row;
      }
    }
    return table;
  }();
  return kByByte[byte0];
}

}  // namespace tw::devices::pl330
