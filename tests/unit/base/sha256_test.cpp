#include "base/sha256.hpp"

#include <gtest/gtest.h>

namespace tw {
namespace {

std::string digest_of(std::string_view text, std::size_t step) {
  Sha256 sha;
  for (std::size_t at = 0; at < text.size(); at += step) sha.add(text.substr(at, step));
  return sha.digest();
}

/// NIST's examples for FIPS 180-4.
TEST(Sha256, Examples) {
  const std::string million(1'000'000, 'a');
  for (const std::size_t step : {1u, 7u, 64u, 65u, 1'000'000u}) {
    EXPECT_EQ(digest_of("", step), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digest_of("abc", step), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(digest_of(million, step), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

}  // namespace
}  // namespace tw
