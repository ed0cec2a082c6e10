// Errors of the user are exceptions with file, line and key. Guest-visible faults are values, never exceptions.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace tw {

/// One thing wrong with what the user gave: a configuration, an image, a command line. `where` is "file:line:column",
/// "--option" or empty.
struct Complaint {
  std::string where;
  std::string message;
};

/// Thrown at the edge (command line, files), before elaboration. Holds every complaint, so that one run shows all.
class UserError final : public std::runtime_error {
 public:
  explicit UserError(Complaint complaint) : UserError(std::vector<Complaint>{std::move(complaint)}) {}
  explicit UserError(std::vector<Complaint> complaints)
      : std::runtime_error(join(complaints)), complaints_(std::move(complaints)) {}
  const std::vector<Complaint>& complaints() const { return complaints_; }

 private:
  static std::string join(const std::vector<Complaint>& complaints) {
    std::string text;
    for (const Complaint& complaint : complaints) {
      if (!text.empty()) text += '\n';
      if (!complaint.where.empty()) text += complaint.where + ": ";
      text += complaint.message;
    }
    return text;
  }
  std::vector<Complaint> complaints_;
};

}  // namespace tw
