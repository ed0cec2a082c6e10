#include "platforms/virt/device_tree/tree.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <libfdt.h>

namespace tw::virt {

namespace {

void check(int result, const std::string& path) {
  if (result < 0) throw std::runtime_error(fmt::format("device tree: {}: {}", path, fdt_strerror(result)));
}

}  // namespace

Tree::Tree() : blob_(kBytes) { check(fdt_create_empty_tree(blob_.data(), static_cast<int>(blob_.size())), "/"); }

Tree::Tree(const images::Bytes& source) : blob_(std::max(kBytes, source.size() * 2)) {
  check(fdt_open_into(source.data(), blob_.data(), static_cast<int>(blob_.size())), "/");
}

bool Tree::has(const std::string& path) const { return fdt_path_offset(blob_.data(), path.c_str()) >= 0; }

int Tree::find(const std::string& path) const {
  const int offset = fdt_path_offset(blob_.data(), path.c_str());
  check(offset, path);
  return offset;
}

void Tree::node(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  check(fdt_add_subnode(blob_.data(), find(parent), path.c_str() + slash + 1), path);
}

void Tree::text(const std::string& path, const char* name, std::string_view value) {
  const std::string terminated(value);
  check(fdt_setprop(blob_.data(), find(path), name, terminated.c_str(), static_cast<int>(value.size() + 1)), path);
}

void Tree::cells(const std::string& path, const char* name, std::initializer_list<u32> values) {
  cells(path, name, std::vector<u32>(values));
}

void Tree::cells(const std::string& path, const char* name, std::vector<u32> values) {
  for (u32& value : values) value = cpu_to_fdt32(value);
  check(fdt_setprop(blob_.data(), find(path), name, values.data(), static_cast<int>(values.size() * 4)), path);
}

void Tree::wide(const std::string& path, const char* name, u64 value) {
  cells(path, name, {static_cast<u32>(value >> 32), static_cast<u32>(value)});
}

void Tree::flag(const std::string& path, const char* name) {
  check(fdt_setprop(blob_.data(), find(path), name, nullptr, 0), path);
}

void Tree::reg(const std::string& path, std::initializer_list<Range> ranges) {
  std::vector<u32> values;
  for (const Range& range : ranges) {
    for (const u64 value : {range.base.value, range.size}) {
      values.push_back(static_cast<u32>(value >> 32));
      values.push_back(static_cast<u32>(value));
    }
  }
  cells(path, "reg", std::move(values));
}

void Tree::root_reg(const std::string& path, const Range& range) {
  std::vector<u32> values;
  const auto append = [&](u64 value, int width) {
    for (int cell = width - 1; cell >= 0; --cell) values.push_back(cell > 1 ? 0 : static_cast<u32>(value >> 32 * cell));
  };
  append(range.base.value, fdt_address_cells(blob_.data(), 0));
  append(range.size, fdt_size_cells(blob_.data(), 0));
  cells(path, "reg", std::move(values));
}

void Tree::remove_type(std::string_view type) {
  const std::string terminated(type);
  const auto find_one = [&] {
    return fdt_node_offset_by_prop_value(blob_.data(), -1, "device_type", terminated.c_str(),
                                         static_cast<int>(terminated.size() + 1));
  };
  for (int offset = find_one(); offset > 0; offset = find_one()) check(fdt_del_node(blob_.data(), offset), terminated);
}

}  // namespace tw::virt
