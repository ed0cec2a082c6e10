#include "sc_main/consoles.hpp"

#include "sc_main/region_options.hpp"

namespace tw::command {

namespace {

void watch_one(console::Console& console, const RunOptions& options, virt::Platform& platform) {
  virt::RunControl& control = platform.control();
  if (!options.until.empty()) {
    console.when_printed(options.until, [&] { control.stop(virt::StopCause::Milestone); });
  }
  for (const std::string& text : texts_of(control.plan().options())) {
    console.whenever_printed(text, [&control, text] { control.printed(text); });
  }
  console.on_power_key([&] { platform.press_power_key(); });
  if (!options.press_power_after.empty()) {
    console.when_printed(options.press_power_after, [&] { platform.press_power_key(); });
  }
}

}  // namespace

Consoles::Consoles(const RunOptions& options)
    : serial(console::open_host_port(options.serial, "--serial")),
      virtio(options.virtio_console.empty() ? nullptr
                                            : std::make_unique<console::Console>(
                                                  console::open_host_port(options.virtio_console, "--virtio-console"))),
      secure(console::open_host_port(options.secure_serial, "--secure-serial")) {}

void Consoles::watch(const RunOptions& options, virt::Platform& platform) {
  watch_one(serial, options, platform);
  if (virtio) watch_one(*virtio, options, platform);
  // Who types at prompts sits at one of the two.
  console::Console& typist = virtio && options.serial == "none" ? *virtio : serial;
  for (const auto& [prompt, text] : options.replies) typist.reply_to(prompt, text);
}

void Consoles::flush() {
  serial.flush();
  if (virtio) virtio->flush();
  secure.flush();
}

}  // namespace tw::command
