// The members of a request: typed, and with a message for what is missing, wrong or misspelt.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/types.hpp"

namespace tw::control {

/// All throw UserError.
class Members final {
 public:
  explicit Members(const nlohmann::json& request) : request_(request) {}

  /// Nothing else may be there, but `id` and `command`.
  void allow(const std::vector<std::string>& names) const;

  bool has(std::string_view name) const;
  /// A number, or text like "0xffff000000081000".
  u64 number(std::string_view name) const;
  std::optional<u64> number_if(std::string_view name) const;
  u64 number_within(std::string_view name, u64 last) const;
  bool truth(std::string_view name, bool otherwise) const;
  std::string text(std::string_view name) const;
  std::optional<std::string> text_if(std::string_view name) const;
  /// The index of one of `words`.
  unsigned one_of(std::string_view name, std::initializer_list<std::string_view> words,
                  std::string_view otherwise) const;
  /// Pairs of hexadecimal digits.
  std::vector<u8> bytes(std::string_view name) const;
  /// A list of numbers up to `last`, as bits.
  u8 set(std::string_view name, u64 last) const;

 private:
  const nlohmann::json& at(std::string_view name) const;
  const nlohmann::json& request_;
};

}  // namespace tw::control
