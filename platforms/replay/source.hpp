// Whence the records of a trace come: a file, or memory.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trace/reader.hpp"
#include "trace/record.hpp"

namespace tw::replay {

class Source {
 public:
  virtual ~Source() = default;
  /// As the report names it.
  virtual const std::string& name() const = 0;
  virtual trace::Contents contents() const = 0;
  virtual trace::Provenance provenance() const { return {}; }
  /// That next() has given and will give.
  virtual u64 records() const = 0;
  /// Of the whole trace, where only a part is given.
  virtual u64 records_of_trace() const { return records(); }
  /// The next records, at most some 100,000; none at the end. They stay until the next call.
  virtual std::span<const trace::Record> next() = 0;
};

/// A trace file (docs/trace-format.md), all of it or a part. Whatever is wrong with it is a UserError.
class FileSource final : public Source {
 public:
  explicit FileSource(const std::filesystem::path& path, u64 from = 0, std::optional<u64> records = {});

  const std::string& name() const override { return name_; }
  trace::Contents contents() const override { return reader_.header().contents; }
  trace::Provenance provenance() const override { return reader_.header().provenance; }
  u64 records() const override { return records_; }
  u64 records_of_trace() const override { return reader_.records(); }
  std::span<const trace::Record> next() override;

 private:
  std::string name_;
  trace::Reader reader_;
  u64 records_, left_;
};

/// Records in memory, which must outlive it.
class MemorySource final : public Source {
 public:
  MemorySource(std::string name, std::span<const trace::Record> records, trace::Contents contents)
      : name_(std::move(name)), records_(records), left_(records), contents_(contents) {}

  const std::string& name() const override { return name_; }
  trace::Contents contents() const override { return contents_; }
  u64 records() const override { return records_.size(); }
  std::span<const trace::Record> next() override;

 private:
  std::string name_;
  std::span<const trace::Record> records_, left_;
  trace::Contents contents_;
};

/// The records of another source, whose guests all are the VM `vmid`.
class OneMachine final : public Source {
 public:
  OneMachine(Source& of, Vmid vmid) : of_(of), vmid_(vmid) {}

  const std::string& name() const override { return of_.name(); }
  trace::Contents contents() const override { return of_.contents(); }
  trace::Provenance provenance() const override { return of_.provenance(); }
  u64 records() const override { return of_.records(); }
  u64 records_of_trace() const override { return of_.records_of_trace(); }
  std::span<const trace::Record> next() override;

 private:
  Source& of_;
  Vmid vmid_;
  std::vector<trace::Record> records_;
};

}  // namespace tw::replay
