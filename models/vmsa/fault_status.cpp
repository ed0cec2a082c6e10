#include "vmsa/fault_status.hpp"

namespace tw::vmsa {
namespace {

struct StatusRow {
  FaultType type;
  u8 code;
  bool adds_level;
};

constexpr StatusRow kStatus[] = {
    {FaultType::AddressSize, 0b000000, true},        {FaultType::Translation, 0b000100, true},
    {FaultType::AccessFlag, 0b001000, true},         {FaultType::Permission, 0b001100, true},
    {FaultType::External, 0b010000, false},          {FaultType::ExternalOnWalk, 0b010100, true},
    {FaultType::Alignment, 0b100001, false},         {FaultType::TlbConflict, 0b110000, false},
    {FaultType::UnsupportedUpdate, 0b110001, false}, {FaultType::UnsupportedAtomic, 0b110101, false},
};

}  // namespace

u8 fault_status_code(const Fault& fault) {
  for (const StatusRow& row : kStatus) {
    if (row.type == fault.type) return static_cast<u8>(row.code | (row.adds_level ? fault.level & 3 : 0));
  }
  return 0;
}

}  // namespace tw::vmsa
