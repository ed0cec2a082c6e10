#include "sc_main/flash_option.hpp"

#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::command {

FlashOption parse_flash(const std::string& text) {
  const auto refuse = [](const std::string& message) { throw UserError(Complaint{"--pflash", message}); };
  const std::vector<std::string> words = {"readonly", "snapshot=off", "snapshot=on"};
  FlashOption option;
  std::size_t comma = text.find(',');
  option.path = text.substr(0, comma);
  if (option.path.empty()) refuse("'" + text + "' is not FILE[,readonly][,snapshot=off]");
  while (comma != std::string::npos) {
    const std::size_t next = text.find(',', comma + 1);
    const std::string word = text.substr(comma + 1, next == std::string::npos ? next : next - comma - 1);
    if (word == "readonly") {
      option.readonly = true;
    } else if (word == "snapshot=on" || word == "snapshot=off") {
      option.write_back = word == "snapshot=off";
    } else {
      refuse(fmt::format("'{}' is neither readonly nor snapshot=off{}", word, config::did_you_mean(word, words)));
    }
    comma = next;
  }
  if (option.readonly && option.write_back) refuse("readonly and snapshot=off: nothing would ever change");
  return option;
}

}  // namespace tw::command
