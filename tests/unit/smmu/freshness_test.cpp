// Random sequences of table edits, commands and DMAs: what has been invalidated and synced is new, what has not may be
// old or new, and nothing else ever comes out (IHI 0070, 3.21, 4.4).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "unit/smmu/machine.hpp"
#include "unit/smmu/reference.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Config;
using smmu::Outcome;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 2026;
}

struct Setting {
  unsigned page1, page2;
  bool aarch32 = false;
  bool httu = false, e2h = false;
  unsigned vmw = 0;
};

/// Trees of stage 1 by (VMID, ASID), of stage 2 by VMID; streams over them.
class World {
 public:
  World(const Config& config, Setting setting, u64 with_seed)
      : random_(with_seed),
        setting_(setting),
        one_{setting.page1, setting.aarch32 ? 32u : 48u, start_level(setting.page1, setting.aarch32 ? 32 : 48)},
        two_{setting.page2, 40, setting.page2 == 12 ? 1 : 2},
        m_(config, 2),
        reference_(m_.streams, one_, two_) {
    m_.register32(0x20, 0);
    m_.register32(0x2C, setting.e2h);
    m_.register32(0x20, 0xD | setting.vmw << 6);
    reference_.e2h = setting.e2h;
    reference_.vmid_mask = static_cast<u16>(0xFFFF << setting.vmw);
    reference_.with_global = {2};
    for (auto& tree : stage1_) tree = &new_tree(one_);
    for (auto& tree : stage2_) tree = &new_tree(two_);
    for (unsigned n = 0; n < stage1_.size(); ++n) {
      for (unsigned region = 0; region < kRegions; ++region) {
        for (unsigned page = 0; page < kPages; ++page) write(*stage1_[n], va(region, page), 3, leaf1(3, n));
      }
    }
    for (TableTree* tree : stage2_) {
      for (unsigned unit = 0; unit < kUnits; ++unit) write(*tree, ipa(unit), 3, leaf2(3));
    }
    // Under nested streams, the tables of stage 1 and the CDs are where they seem to be.
    for (const unsigned n : {2u, 3u}) map_as_they_are(*stage1_[n], *stage2_[0]);
    map_as_they_are(*stage1_[4], *stage2_[1]);
    for (unsigned n = 0; n < cds_.size(); ++n) {
      cds_[n] = m_.streams.memory.allocate(0x1'0000);
      for (TableTree* tree : stage2_) tree->map(cds_[n], cds_[n], 3, s2::kPlain);
    }
    m_.streams.put_cd(cds_[0], 0, cd(0, 1));
    m_.streams.put_cd(cds_[1], 0, cd(1, 2));
    m_.streams.put_cd(cds_[2], 0, cd(2, 1));
    m_.streams.put_cd(cds_[3], 0, cd(3, 2));
    m_.streams.put_cd(cds_[4], 0, cd(4, 1));
    m_.streams.put_cd(cds_[5], 0, cd(0, 1));
    m_.streams.put_cd(cds_[5], 1, cd(1, 2));
    const auto put = [&](u32 stream, const Ste& ste) { m_.streams.put(stream, ste.with({{ste::kEATS, 1}})); };
    put(1, stage1_ste(cds_[0]));
    put(2, stage1_ste(cds_[1]));
    put(3, over(bypass_ste(), 0));
    put(4, over(stage1_ste(cds_[2]), 0));
    put(5, over(stage1_ste(cds_[3]), 0));
    put(6, over(stage1_ste(cds_[4]), 1));
    m_.streams.put(7, bypass_ste());
    m_.streams.put(8, stage1_ste(cds_[5], 1));
    m_.streams.put_cd(cds_[6], 0, cd(5, 1));
    m_.streams.put(9, stage1_ste(cds_[6]).with({{ste::kSTRW, ste::kEl2}}));
  }

  void run(u64 steps) {
    for (u64 step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const u64 what = below(100);
      if (what < 8) {
        ask();
      } else if (what < 60) {
        dma();
      } else if (what < 78) {
        edit();
      } else if (what < 96) {
        command();
      } else if (what < 99) {
        sync();
      } else if (below(4) == 0) {
        all();
      }
    }
  }
  u64 certain = 0, uncertain = 0, passed = 0;

 private:
  static constexpr unsigned kRegions = 2, kPages = 5, kUnits = 6, kStreams = 9;
  static constexpr u64 kOutput = 0x8'0000'0000;

  u64 below(u64 n) { return random_() % n; }
  u64 va(u64 region, u64 page) const {
    const u64 base = setting_.aarch32 ? 0x4000'0000 : 0x40'4000'0000;
    return base + (region << one_.shift(2)) + (page << one_.page_bits);
  }
  u64 random_va() { return va(below(kRegions), below(kPages)); }
  u64 ipa(u64 unit) const { return 0x20'0000'0000 + (unit << 16); }

  TableTree& new_tree(const Geometry& g) {
    return m_.trees.emplace_back(m_.streams.memory.words, g.page_bits, g.input_bits, g.start);
  }
  void map_as_they_are(const TableTree& tables, TableTree& stage2) {
    for (const u64 table : tables.tables) {
      for (u64 at = table; at < table + (u64{1} << one_.page_bits); at += u64{1} << two_.page_bits) {
        stage2.map(at, at, 3, s2::kPlain);
      }
    }
  }
  Cd cd(unsigned tree, u16 asid) const {
    const u64 root = stage1_[tree]->root();
    if (setting_.aarch32) return cd32_of(root, 0, 0, 0, asid).with({{cd::kT1SZ, 7}});
    return cd_of(root, one_.page_bits, one_.input_bits, 0, asid)
        .with({{cd::kHA, setting_.httu}, {cd::kHD, setting_.httu}});
  }
  Ste over(const Ste& ste, unsigned tree) const {
    return with_stage2(ste, stage2_[tree]->root(), static_cast<u16>(tree + 1), two_.page_bits, two_.input_bits,
                       two_.start)
        .with({{ste::kS2HA, setting_.httu}, {ste::kS2HD, setting_.httu}});
  }
  /// Of stage 1 alone, the output is as good as an IPA.
  u64 leaf1(int level, u64 tree) {
    if (below(8) == 0) return 0;
    const bool global = tree == 4 && below(2) == 0;  // the only ASID of its VMID
    u64 descriptor = (global ? 0 : s1::kNotGlobal) | (below(3) == 0 ? s1::kDbm : 0) |
                     (below(12) == 0 ? 0 : kAccessFlag) | (level == 3 ? 3 : 1);
    descriptor |= below(8) == 0 ? 0 : s1::kUserAccess;
    if (below(4) == 0) descriptor |= s1::kReadOnly;
    return descriptor | (ipa(below(kUnits)) & ~((u64{1} << one_.shift(level)) - 1));
  }
  u64 leaf2(int level) {
    if (below(8) == 0) return 0;
    u64 descriptor =
        s2::kNormal | (below(3) == 0 ? s2::kDbm : 0) | (below(12) == 0 ? 0 : kAccessFlag) | (level == 3 ? 3 : 1);
    descriptor |= below(4) == 0 ? s2::kRead : below(8) == 0 ? s2::kWrite : s2::kReadWrite;
    return descriptor | ((kOutput + (below(16) << 16)) & ~((u64{1} << two_.shift(level)) - 1));
  }
  void write(TableTree& tree, u64 input, int level, u64 descriptor) { tree.write_leaf(input, level, descriptor); }

  void dma() {
    const u32 stream = static_cast<u32>(1 + below(kStreams));
    u64 address = random_va() + below(u64{1} << one_.page_bits) / 8 * 8;
    if (stream == 3) address = ipa(below(kUnits)) + below(0x1'0000) / 8 * 8;
    smmu::Request request = test::dma(address, stream, below(3) == 0);
    if ((stream == 8) != (below(16) == 0)) {
      request.from.has_substream = true;
      request.from.substream = 1;
    }
    const std::set<Ending> expected =
        reference_.endings(stream, request.from.substream, request.from.has_substream, address, request.write);
    const Ending ending = seen(m_.go(request, static_cast<unsigned>(below(2))));
    EXPECT_TRUE(expected.count(ending) != 0) << [&] {
      std::string text = "stream " + std::to_string(stream) + " " + testing::PrintToString(address) + " gave " +
                         testing::PrintToString(std::pair(ending.ok, ending.value)) + " of";
      for (const Ending& e : expected) text += " " + testing::PrintToString(std::pair(e.ok, e.value));
      return text;
    }();
    ++(expected.size() == 1 ? certain : uncertain);
    passed += ending.ok;
  }
  /// A translation request; what it grants, an access may do.
  void ask() {
    const u32 stream = static_cast<u32>(1 + below(6));
    const u64 address = stream == 3 ? ipa(below(kUnits)) : random_va();
    smmu::AtsRequest request;
    request.from.stream = StreamId{stream};
    request.address = Iova{address};
    request.write = below(2) == 0;
    const std::set<Ending> reads = reference_.endings(stream, 0, false, address, false);
    const std::set<Ending> writes = reference_.endings(stream, 0, false, address, true);
    const smmu::AtsReply reply = m_.smmu->ats_translate(0, request, m_.clock);
    m_.clock += reply.cycles + SmmuMachine::kLong;
    const u64 inside = address & ((u64{1} << reply.page_bits) - 1);
    const Ending granted{true, reply.pa.value | inside};
    const auto denied = [](const Ending& ending) { return !ending.ok; };
    SCOPED_TRACE(testing::Message() << "stream " << stream << std::hex << " " << address << " gave " << reply.pa.value);
    if (reply.status == smmu::AtsReply::Status::CompleterAbort) {
      EXPECT_TRUE(reads.count(Ending::fault(0x0A, false, 0)) != 0);  // C_BAD_CD
      return;
    }
    ASSERT_EQ(reply.status, smmu::AtsReply::Status::Success);
    EXPECT_TRUE(reply.readable ? reads.count(granted) != 0 : std::any_of(reads.begin(), reads.end(), denied));
    EXPECT_TRUE(!reply.writable || writes.count(granted) != 0);
    EXPECT_TRUE(reply.writable || !request.write || std::any_of(writes.begin(), writes.end(), denied));
  }
  /// The response, or what the event queue says of it.
  Ending seen(const smmu::Response& response) {
    const u64 prod = m_.smmu->access({.offset = 0x100A8}).value;
    const bool event = prod != consumed_;
    const u64 at = SmmuMachine::kEvents + 32 * (consumed_ & ((1u << SmmuMachine::kEventBits) - 1));
    consumed_ = prod;
    m_.register32(0x100AC, prod);
    if (response.outcome == Outcome::Ok) {
      EXPECT_FALSE(event);
      return {true, response.pa.value};
    }
    EXPECT_EQ(response.outcome, Outcome::Abort);
    if (!event) return {false, 0};
    const u64 low = m_.streams.memory.word(at), high = m_.streams.memory.word(at + 8);
    const unsigned number = low & 0xFF;
    if (number < 0x10) return Ending::fault(number, false, 0);
    return Ending::fault(number, high >> 39 & 1, high >> 40 & 3);
  }

  void edit() {
    const u64 what = below(16);
    if (what < 6) {
      const u64 n = below(stage1_.size());
      TableTree& tree = *stage1_[n];
      const u64 at = random_va();
      if ((m_.streams.memory.word(tree.slot(at, 2)) & 3) != 3) return;
      reference_.edit(tree.slot(at, 3), leaf1(3, n), 3);
      recent_ = at;
    } else if (what < 8) {  // a block, nothing, or a table again: its own, or a neighbour's
      const u64 n = below(stage1_.size());
      TableTree& tree = *stage1_[n];
      const u64 at = va(below(kRegions), 0);
      const u64 slot = tree.slot(at, 2);
      tables_.try_emplace({n, 0}, m_.streams.memory.word(tree.slot(va(0, 0), 2)));
      tables_.try_emplace({n, 1}, m_.streams.memory.word(tree.slot(va(1, 0), 2)));
      reference_.edit(slot, below(3) == 0 ? leaf1(2, n) : tables_[{n, below(2)}], 2);
      recent_ = at + (below(kPages) << one_.page_bits);
    } else if (what < 11) {
      TableTree& tree = *stage2_[below(stage2_.size())];
      const u64 at = ipa(below(kUnits));
      if ((m_.streams.memory.word(tree.slot(at, 2)) & 3) != 3) return;
      reference_.edit(tree.slot(at, 3), leaf2(3), 3);
      recent_ipa_ = at;
    } else if (what < 12) {
      const u64 n = below(stage2_.size());
      TableTree& tree = *stage2_[n];
      const u64 slot = tree.slot(ipa(0), 2);
      const u64 table = tables_.try_emplace({10 + n, 0}, m_.streams.memory.word(slot)).first->second;
      reference_.edit(slot, below(2) == 0 ? leaf2(2) : table, 2);
      recent_ipa_ = ipa(below(kUnits));
    } else if (what < 14) {  // a table of a nested stage 1 goes elsewhere, or away, or comes back
      const u64 n = 2 + below(3);
      const u64 table = stage1_[n]->tables[below(stage1_[n]->tables.size())] & ~((u64{1} << two_.page_bits) - 1);
      TableTree& tree = *stage2_[n == 4];
      const u64 as_it_is = table | s2::kPlain | kAccessFlag | 3;
      const u64 read_only = as_it_is & ~s2::kWrite;
      const u64 how = below(4);
      reference_.edit(tree.slot(table, 3), how == 0 ? leaf2(3) : how == 1 ? read_only : as_it_is, 3);
      recent_ipa_ = table;
    } else if (what < 15) {
      const std::array<Ste, 5> others = {bypass_ste(), Ste{{ste::kV, 1}}, Ste{}, stage1_ste(cds_[0]),
                                         over(stage1_ste(cds_[2]), 0)};
      reference_.edit_ste(7, others[below(others.size())]);
    } else {
      const std::array<Cd, 3> others = {cd(0, 1), cd(1, 2), Cd{}};
      reference_.edit_cd(below(2) == 0 ? cds_[1] : cds_[5] + 64, others[below(others.size())]);
    }
  }

  void send(const Words& words, const Done& done) {
    m_.command(words);
    ASSERT_TRUE(m_.all_consumed()) << std::hex << words[0] << " " << words[1];
    reference_.command(done);
  }
  void sync() {
    m_.command(test::sync());
    reference_.sync();
  }
  void all() {
    send(tlbi_nsnh_all(), {.what = Done::What::NsnhAll});
    send({0x20, 0}, {.what = Done::What::El2All});
    send(cfgi_all(), {.what = Done::What::CfgiAll});
    sync();
    reference_.forget();
  }
  void command() {
    using W = Done::What;
    const u16 vmid = static_cast<u16>(below(3)), asid = static_cast<u16>(1 + below(2));
    const u64 named = u64{vmid} << 32 | u64{asid} << 48;
    const u64 address = below(2) == 0 ? recent_ : random_va();
    const u64 leaf = below(2);
    // A granule and NUM say a range, where SCALE is 0.
    const u64 pages = below(3) == 0 ? 1 + below(8) : 0;
    const auto range = [&](const Geometry& g, u64& low, u64& high) {
      if (pages < 2) return u64{1} << g.page_bits;
      low |= (pages - 1) << 12;
      high |= (u64{g.page_bits} - 10) / 2 << 10;
      return pages << g.page_bits;
    };
    switch (below(17)) {
      case 0:
        send(tlbi_nh_all(vmid), {.what = W::NhAll, .vmid = vmid});
        break;
      case 1:
        send({0x11 | named, 0}, {.what = W::NhAsid, .vmid = vmid, .asid = asid});
        break;
      case 2:
      case 3:
      case 4: {
        u64 low = 0x12 | named, high = address | leaf;
        const u64 bytes = range(one_, low, high);
        send({low, high},
             {.what = W::NhVa, .vmid = vmid, .asid = asid, .address = address, .bytes = bytes, .leaf = leaf != 0});
        break;
      }
      case 5:
      case 6: {
        u64 low = 0x13 | u64{vmid} << 32, high = address | leaf;
        const u64 bytes = range(one_, low, high);
        send({low, high}, {.what = W::NhVaa, .vmid = vmid, .address = address, .bytes = bytes, .leaf = leaf != 0});
        break;
      }
      case 7:
      case 8:
      case 9: {
        const u64 at = below(2) == 0 ? recent_ipa_ : ipa(below(kUnits));
        u64 low = 0x2A | u64{vmid} << 32, high = at | leaf;
        const u64 bytes = range(two_, low, high);
        send({low, high}, {.what = W::S2Ipa, .vmid = vmid, .address = at, .bytes = bytes, .leaf = leaf != 0});
        if (below(2) == 0) send(tlbi_nh_all(vmid), {.what = W::NhAll, .vmid = vmid});
        break;
      }
      case 10:
        send(tlbi_s12_vmall(vmid), {.what = W::S12All, .vmid = vmid});
        break;
      case 11:
        send(cfgi_ste(7), {.what = W::CfgiSte, .stream = 7});
        break;
      case 12: {
        const u32 stream = below(2) == 0 ? 2 : 8;
        send(cfgi_cd(stream, stream == 8), {.what = W::CfgiCd, .stream = stream, .substream = stream == 8});
        break;
      }
      case 13:
        send({0x20, 0}, {.what = W::El2All});
        break;
      case 14:
      case 15: {
        // By VA of all ASIDs and by ASID there are with E2H alone.
        const bool all = setting_.e2h && below(2) == 0;
        if (setting_.e2h && below(4) == 0) {
          send({0x21 | u64{asid} << 48, 0}, {.what = W::El2Asid, .asid = asid});
          break;
        }
        u64 low = (all ? 0x23 : 0x22) | (all ? 0 : u64{asid} << 48), high = address | leaf;
        const u64 bytes = range(one_, low, high);
        send({low, high},
             {.what = all ? W::El2Vaa : W::El2Va, .asid = asid, .address = address, .bytes = bytes, .leaf = leaf != 0});
        break;
      }
      default:
        send(tlbi_nsnh_all(), {.what = W::NsnhAll});
        break;
    }
    if (below(2) == 0) sync();
  }

  std::mt19937_64 random_;
  Setting setting_;
  Geometry one_, two_;
  SmmuMachine m_;
  Reference reference_;
  std::array<TableTree*, 6> stage1_{};
  std::array<TableTree*, 2> stage2_{};
  std::array<u64, 7> cds_{};
  std::map<std::pair<u64, u64>, u64> tables_;
  u64 recent_ = 0x4000'0000, recent_ipa_ = 0x20'0000'0000;
  u64 consumed_ = 0;
};

/// Small structures, so that entries come and go; large ones, so that they stay.
Config small() {
  Config config;
  config.tbu_entries = 4;
  config.tlb_entries = config.walk_cache_entries = config.walk_cache2_entries = config.ipa_entries = 8;
  return config;
}

TEST(SmmuFreshness, NothingOutlivesItsInvalidation) {
  constexpr Setting kSettings[] = {{12, 12},
                                   {14, 12},
                                   {16, 12},
                                   {12, 14},
                                   {12, 16},
                                   {16, 16},
                                   {14, 16},
                                   {12, 12, true},
                                   {12, 12, false, true},
                                   {16, 12, false, true},
                                   {12, 16, false, false, true},
                                   {12, 12, false, false, false, 1}};
  u64 n = 0;
  for (const Setting& setting : kSettings) {
    for (const bool large : {false, true}) {
      const u64 number = seed() + ++n;
      SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed() << " " << setting.page1 << " over " << setting.page2
                                      << (setting.aarch32 ? " AArch32" : "") << (setting.httu ? " HTTU" : "")
                                      << (setting.e2h ? " E2H" : "") << " VMW " << setting.vmw
                                      << (large ? " large" : " small"));
      Config config = large ? Config{} : small();
      if (!large && n % 4 == 1) config.prefetch = "next-page";
      World world(config, setting, number);
      constexpr u64 kSteps = 10'000;
      world.run(kSteps);
      // The test is about something.
      EXPECT_GT(world.certain, kSteps / 10);
      EXPECT_GT(world.uncertain, kSteps / 30);
      EXPECT_GT(world.passed, kSteps / 10);
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tw
