// Long calls are without the GIL: a second thread in the same object is an error of the caller, not a race.
#pragma once

#include <atomic>
#include <stdexcept>

namespace tw::python {

class Exclusive final {
 public:
  /// Throws (in Python a RuntimeError) when another thread is in the object.
  class Use final {
   public:
    explicit Use(Exclusive& object) : object_(object) {
      if (object.busy_.exchange(true)) throw std::runtime_error("another thread is using this object");
    }
    ~Use() { object_.busy_ = false; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Exclusive& object_;
  };

 private:
  std::atomic<bool> busy_ = false;
};

}  // namespace tw::python
