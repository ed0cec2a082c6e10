// Packets g, G, p, P: registers, and H, T: whose.
#include "base/error.hpp"
#include "platforms/gdb/handlers.hpp"

namespace tw::gdb {

namespace {

std::string read(Attached& attached, const Register& what) {
  if (what.kind == Register::Kind::Vector) {
    const control::Vector value = attached.target.read_vector(attached.core, what.index);
    return to_hex(value[0], sizeof(u64)) + to_hex(value[1], sizeof(u64));
  }
  return to_hex(attached.target.read_register(attached.core, what.name), what.bytes);
}

u64 number_of(std::span<const u8> bytes) {
  u64 value = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) value |= u64{bytes[n]} << 8 * n;
  return value;
}

void write(Attached& attached, const Register& what, std::span<const u8> bytes) {
  if (what.kind == Register::Kind::Vector) {
    const control::Vector value{number_of(bytes.first(sizeof(u64))), number_of(bytes.subspan(sizeof(u64)))};
    attached.target.write_vector(attached.core, what.index, value);
  } else {
    attached.target.write_register(attached.core, what.name, number_of(bytes));
  }
}

std::vector<u8> take_bytes(const Scanner& rest) {
  std::optional<std::vector<u8>> bytes = from_hex(rest.rest());
  if (!bytes) throw Malformed{};
  return std::move(*bytes);
}

const Register& take_register(const Attached& attached, Scanner& rest) {
  const u64 number = rest.number();
  if (number >= attached.description.registers().size()) throw Malformed{};
  return attached.description.registers()[number];
}

Answer read_general(Attached& attached, Scanner rest) {
  rest.expect_end();
  std::string all;
  for (std::size_t n = 0; n < attached.description.general(); ++n)
    all += read(attached, attached.description.registers()[n]);
  return {all};
}

Answer write_general(Attached& attached, Scanner rest) {
  const std::vector<u8> bytes = take_bytes(rest);
  std::size_t all = 0;
  for (std::size_t n = 0; n < attached.description.general(); ++n) all += attached.description.registers()[n].bytes;
  if (bytes.size() != all) throw Malformed{};
  std::span<const u8> left = bytes;
  for (std::size_t n = 0; n < attached.description.general(); ++n) {
    const Register& what = attached.description.registers()[n];
    write(attached, what, left.first(what.bytes));
    left = left.subspan(what.bytes);
  }
  return ok();
}

Answer read_one(Attached& attached, Scanner rest) {
  const Register& what = take_register(attached, rest);
  rest.expect_end();
  return {read(attached, what)};
}

Answer write_one(Attached& attached, Scanner rest) {
  const Register& what = take_register(attached, rest);
  rest.expect("=");
  const std::vector<u8> bytes = take_bytes(rest);
  if (bytes.size() != what.bytes) throw Malformed{};
  write(attached, what, bytes);
  return ok();
}

Answer choose_looked_at(Attached& attached, Scanner rest) {
  attached.core = take_thread(attached, rest).value_or(attached.stop.core);
  return ok();
}

Answer choose_resumed(Attached& attached, Scanner rest) {
  attached.resumed = take_thread(attached, rest).value_or(attached.stop.core);
  return ok();
}

Answer is_alive(Attached& attached, Scanner rest) {
  if (!take_thread(attached, rest)) throw Malformed{};
  return ok();
}

constexpr Packet kPackets[] = {
    {"g", read_general},      {"G", write_general, Errors::Text},
    {"p", read_one},          {"P", write_one, Errors::Text},
    {"Hg", choose_looked_at}, {"Hc", choose_resumed},
    {"T", is_alive},
};

}  // namespace

std::span<const Packet> register_packets() { return kPackets; }

}  // namespace tw::gdb
