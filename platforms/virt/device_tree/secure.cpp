// Nodes that only Secure software uses: disabled for the others (Devicetree bindings, arm/secure.txt).
#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

void secure_only(Tree& tree, const std::string& path) {
  tree.text(path, "status", "disabled");
  tree.text(path, "secure-status", "okay");
}

void add_pin_user(Tree& tree, const char* name, u32 pin) {
  const std::string path = fmt::format("/{}", name);
  tree.node(path);
  tree.text(path, "compatible", name);
  tree.cells(path, "gpios", {kSecureGpioHandle, pin, 0});
  secure_only(tree, path);
}

}  // namespace

void add_secure(Tree& tree) {
  tree.node("/secure-chosen");
  tree.text("/secure-chosen", "stdout-path", fmt::format("/pl011@{:x}", kSecureUart.base.value));
  const std::string flash = fmt::format("/secflash@{:x}", kFlash0.base.value);
  tree.node(flash);
  tree.text(flash, "compatible", "cfi-flash");
  tree.reg(flash, {kFlash0});
  tree.cells(flash, "bank-width", {4});
  secure_only(tree, flash);
  const std::string ram = fmt::format("/secram@{:x}", kSecureRam.base.value);
  tree.node(ram);
  tree.text(ram, "device_type", "memory");
  tree.reg(ram, {kSecureRam});
  secure_only(tree, ram);
  secure_only(tree, add_uart(tree, kSecureUart, kSecureUartSpi));
  const std::string gpio = add_gpio(tree, kSecureGpio, kSecureGpioSpi, kSecureGpioHandle);
  secure_only(tree, gpio);
  add_pin_user(tree, "gpio-poweroff", kSecurePowerOffPin);
  add_pin_user(tree, "gpio-restart", kSecureRestartPin);
}

}  // namespace tw::virt
