// A flattened device tree under construction, over libfdt.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/images/images.hpp"
#include "platforms/virt/memory_map.hpp"

namespace tw::virt {

/// libfdt puts new nodes and properties first, so the result reads backwards, as QEMU's does. Paths are absolute; a
/// path or property that libfdt refuses is a bug of the caller (std::runtime_error).
class Tree final {
 public:
  /// Room for firmware to grow the tree in place, as QEMU leaves it.
  static constexpr std::size_t kBytes = std::size_t{1} << 20;

  Tree();
  /// A tree that passed fdt_check_full.
  explicit Tree(const images::Bytes& source);

  bool has(const std::string& path) const;
  /// Makes the node; its parent exists.
  void node(const std::string& path);
  /// Several strings are separated by '\0' inside `value`.
  void text(const std::string& path, const char* name, std::string_view value);
  void cells(const std::string& path, const char* name, std::initializer_list<u32> values);
  void cells(const std::string& path, const char* name, std::vector<u32> values);
  /// Two cells, the high half first.
  void wide(const std::string& path, const char* name, u64 value);
  void flag(const std::string& path, const char* name);
  /// reg = <base size ...>, two cells each.
  void reg(const std::string& path, std::initializer_list<Range> ranges);
  /// The same for a child of the root, whose #address-cells and #size-cells may be the user's.
  void root_reg(const std::string& path, const Range& range);
  /// Removes all nodes whose device_type is `type`.
  void remove_type(std::string_view type);

  images::Bytes take() { return std::move(blob_); }

 private:
  int find(const std::string& path) const;

  images::Bytes blob_;
};

}  // namespace tw::virt
