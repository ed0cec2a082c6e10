#include "platforms/network/network.hpp"

namespace tw::network {

class Hub::Port final : public Line {
 public:
  explicit Port(Hub& hub) : hub_(hub) {}

 private:
  void send(Frame frame) override {
    for (const auto& other : hub_.ports_) {
      if (other.get() != this) static_cast<Port&>(*other).give(frame);
    }
  }
  Hub& hub_;
};

Line& Hub::plug() {
  ports_.push_back(std::make_unique<Port>(*this));
  return *ports_.back();
}

}  // namespace tw::network
