// An SMMU that is not in a hurry: what a transaction may come to when structures may still hold what software has
// replaced. Written apart from the SMMU and its walker, over the same memory.
//
// Each word of a translation table, each STE and each CD has its present value, and former ones that a cache may still
// hold: until a command that is required to remove them, and a CMD_SYNC behind it. The walk forks at every such choice.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "unit/smmu/support.hpp"

namespace tw::test {

/// Ok with an address; or an abort with the event's number, S2 and CLASS (0 for silence).
struct Ending {
  bool ok = false;
  u64 value = 0;
  auto operator<=>(const Ending&) const = default;
  static Ending fault(unsigned number, bool stage2, unsigned of) { return {false, number | stage2 << 8 | of << 9}; }
};

/// Commands as far as they end the life of cached things.
struct Done {
  enum class What : u8 {
    NhAll,
    NhAsid,
    NhVa,
    NhVaa,
    El2All,
    El2Asid,
    El2Va,
    El2Vaa,
    S2Ipa,
    S12All,
    NsnhAll,
    CfgiSte,
    CfgiCd,
    CfgiAll
  };
  What what{};
  u16 vmid = 0, asid = 0;
  u64 address = 0, bytes = 4096;
  bool leaf = false;
  u32 stream = 0, substream = 0;
};

/// Shape of a table.
struct Geometry {
  unsigned page_bits, input_bits;
  int start;
  unsigned shift(int level) const { return page_bits + static_cast<unsigned>(3 - level) * (page_bits - 3); }
};

class Reference final {
 public:
  Reference(Streams& streams, Geometry stage1, Geometry stage2) : s_(streams), one_(stage1), two_(stage2) {}

  bool e2h = false;           ///< SMMU_CR2.E2H
  u16 vmid_mask = 0xFFFF;     ///< by SMMU_CR0.VMW
  std::set<u16> with_global;  ///< VMIDs with pages that are global

  // ---- what software does
  /// A descriptor of `level`, in the tables of a stage.
  void edit(u64 at, u64 value, int level) {
    if (s_.memory.word(at) == value) return;
    words_[at].push_back({++now_, s_.memory.word(at), level});
    s_.memory.set_word(at, value);
  }
  void edit_ste(u32 stream, const Ste& ste) {
    stes_[stream].push_back({++now_, at<8>(s_.ste_at(stream))});
    s_.put(stream, ste);
  }
  void edit_cd(u64 at_address, const Cd& cd) {
    cds_[at_address].push_back({++now_, at<8>(at_address)});
    s_.memory.set_words(at_address, cd.words);
  }
  void command(const Done& done) { pending_.push_back({++now_, done}); }
  void sync() {
    done_.insert(done_.end(), pending_.begin(), pending_.end());
    pending_.clear();
  }
  /// NSNH_ALL, EL2_ALL and CFGI_ALL have been synced.
  void forget() {
    words_.clear();
    stes_.clear();
    cds_.clear();
    done_.clear();
    pending_.clear();
  }

  // ---- what a transaction may come to
  std::set<Ending> endings(u32 stream, u32 substream, bool has_substream, u64 address, bool write) {
    Walk walk{.stream = stream,
              .substream = has_substream ? substream : 0,
              .has_substream = has_substream,
              .va = address,
              .write = write,
              .results = {}};
    for (const Words8& ste : versions(stes_[stream], at<8>(s_.ste_at(stream)), [&](const Done& d) {
           return d.what == Done::What::CfgiAll || (d.what == Done::What::CfgiSte && d.stream == stream);
         })) {
      by_ste(walk, ste);
    }
    return walk.results;
  }

 private:
  using Words8 = std::array<u64, 8>;
  struct WordEdit {
    u64 when, old;
    int level;
  };
  struct StructureEdit {
    u64 when;
    Words8 old;
  };
  struct Stamped {
    u64 when;
    Done done;
  };
  struct Walk {
    u32 stream, substream;
    bool has_substream;
    u64 va;
    bool write;
    std::set<Ending> results;
    // by STE and CD
    bool stage1 = false, stage2 = false, hyp = false;
    bool flag1 = false, dirty1 = false, flag2 = false, dirty2 = false;  ///< HA, HD
    u16 vmid = 0, asid = 0;
    u64 root1 = 0, root2 = 0;
  };

  template <std::size_t N>
  std::array<u64, N> at(u64 address) const {
    std::array<u64, N> result;
    for (std::size_t i = 0; i < N; ++i) result[i] = s_.memory.word(address + i * 8);
    return result;
  }
  static u64 get(const Words8& words, Field field) {
    return words[field.at / 64] >> (field.at % 64) & ((u64{1} << field.width) - 1);
  }
  template <class Ends>
  std::set<Words8> versions(const std::vector<StructureEdit>& edits, const Words8& present, Ends ends) const {
    std::set<Words8> result{present};
    for (const StructureEdit& edit : edits) {
      bool ended = false;
      for (const Stamped& s : done_) ended = ended || (s.when > edit.when && ends(s.done));
      if (!ended) result.insert(edit.old);
    }
    return result;
  }

  void by_ste(Walk& walk, const Words8& ste) {
    const u64 config = get(ste, ste::kConfig);
    if (get(ste, ste::kV) == 0) return end(walk, Ending::fault(0x04, false, 0));
    if (config < 4) return end(walk, {false, 0});
    walk.stage1 = (config & 1) != 0;
    walk.stage2 = (config & 2) != 0;
    walk.hyp = config == ste::kStage1 && get(ste, ste::kSTRW) == ste::kEl2;
    walk.flag2 = get(ste, ste::kS2HA) != 0;
    walk.dirty2 = walk.flag2 && get(ste, ste::kS2HD) != 0;
    walk.vmid = static_cast<u16>(get(ste, ste::kS2VMID));
    walk.root2 = get(ste, ste::kS2TTB) << 4;
    const bool substreams = walk.stage1 && get(ste, ste::kS1CDMax) != 0;
    if (walk.has_substream && !substreams) return end(walk, Ending::fault(0x08, false, 0));
    if (!walk.stage1 && !walk.stage2) return end(walk, {true, walk.va});
    if (!walk.stage1) return translate2(walk, walk.va, 2, [&](u64 pa, u64) { end(walk, {true, pa}); });
    // CDs are where stage 2 has them as they are.
    const u64 table = (get(ste, ste::kS1ContextPtr) << 6) + u64{64} * walk.substream;
    const auto ends = [&](const Done& d) {
      const bool this_stream = d.stream == walk.stream;
      return d.what == Done::What::CfgiAll || (d.what == Done::What::CfgiSte && this_stream) ||
             (d.what == Done::What::CfgiCd && this_stream && d.substream == walk.substream);
    };
    for (const Words8& cd : versions(cds_[table], at<8>(table), ends)) {
      if (get(cd, cd::kV) == 0) {
        end(walk, Ending::fault(0x0A, false, 0));
        continue;
      }
      walk.asid = static_cast<u16>(get(cd, cd::kASID));
      walk.root1 = get(cd, cd::kTTB0) << 4;
      walk.flag1 = get(cd, cd::kHA) != 0;
      walk.dirty1 = walk.flag1 && get(cd, cd::kHD) != 0;
      if ((walk.va >> one_.input_bits) != 0) {
        end(walk, Ending::fault(0x10, false, 2));
        continue;
      }
      descend1(walk, one_.start, walk.root1);
    }
  }

  static void end(Walk& walk, const Ending& ending) { walk.results.insert(ending); }

  // ---- stage 1
  void descend1(Walk& walk, int level, u64 table) {
    const u64 ipa = table + index(one_, level, walk.va) * 8;
    const auto read = [this, &walk, level, ipa](u64 pa, u64) {
      for (const u64 descriptor : values(pa, [&](const WordEdit& e) { return over1(walk, e); })) {
        at_stage1(walk, level, descriptor, ipa);
      }
    };
    if (walk.stage2) {
      translate2(walk, ipa, 1, read);
    } else {
      read(ipa, 0);
    }
  }
  void at_stage1(Walk& walk, int level, u64 descriptor, u64 at) {
    const unsigned shift = one_.shift(level);
    const auto fail = [&](unsigned number) { end(walk, Ending::fault(number, false, 2)); };
    if ((descriptor & 1) == 0 || (level == 3 && (descriptor & 2) == 0)) return fail(0x10);
    if (level < 3 && (descriptor & 2) != 0) return descend1(walk, level + 1, descriptor & table_mask(one_));
    if (level < 2) return fail(0x10);  // tests have no larger blocks
    const bool no_flag = (descriptor & kAccessFlag) == 0;
    if (no_flag && !walk.flag1) return fail(0x12);
    const bool user = (descriptor & s1::kUserAccess) != 0 || (walk.hyp && !e2h);
    const bool clean = walk.dirty1 && (descriptor & s1::kDbm) != 0;
    const bool read_only = (descriptor & s1::kReadOnly) != 0;
    if (!user || (walk.write && read_only && !clean)) return fail(0x13);
    const u64 out = (descriptor & 0xFFFF'FFFF'F000 & ~mask(shift)) | (walk.va & mask(shift));
    if (!walk.stage2) return end(walk, {true, out});
    const Found access = [&](u64, u64) { translate2(walk, out, 2, [&](u64 pa, u64) { end(walk, {true, pa}); }); };
    // An update of the descriptor is a write to its table.
    if (no_flag || (walk.write && read_only)) return translate2(walk, at, 1, access, true);
    access(0, 0);
  }

  // ---- stage 2; `of`: CLASS
  using Found = std::function<void(u64 pa, u64 ipa)>;
  void translate2(Walk& walk, u64 ipa, unsigned of, const Found& found, bool update = false) {
    if ((ipa >> two_.input_bits) != 0) return end(walk, Ending::fault(0x10, true, of));
    descend2(walk, ipa, of, two_.start, walk.root2, found, update || (of == 2 && walk.write));
  }
  void descend2(Walk& walk, u64 ipa, unsigned of, int level, u64 table, const Found& found, bool writes) {
    const u64 slot = table + index(two_, level, ipa) * 8;
    for (const u64 descriptor : values(slot, [&](const WordEdit& e) { return over2(walk, ipa, e); })) {
      const unsigned shift = two_.shift(level);
      const auto fail = [&](unsigned number) { end(walk, Ending::fault(number, true, of)); };
      if ((descriptor & 1) == 0 || (level == 3 && (descriptor & 2) == 0)) {
        fail(0x10);
      } else if (level < 3 && (descriptor & 2) != 0) {
        descend2(walk, ipa, of, level + 1, descriptor & table_mask(two_), found, writes);
      } else if (level < 2) {
        fail(0x10);
      } else if ((descriptor & kAccessFlag) == 0 && !walk.flag2) {
        fail(0x12);
      } else if (const bool clean = walk.dirty2 && (descriptor & s2::kDbm) != 0;
                 (descriptor & (writes ? s2::kWrite : s2::kRead)) == 0 && !(writes && clean)) {
        fail(0x13);
      } else {
        found((descriptor & 0xFFFF'FFFF'F000 & ~mask(shift)) | (ipa & mask(shift)), ipa);
      }
    }
  }

  static u64 mask(unsigned bits) { return (u64{1} << bits) - 1; }
  static u64 table_mask(const Geometry& g) { return 0xFFFF'FFFF'F000 & ~mask(g.page_bits); }
  static u64 index(const Geometry& g, int level, u64 input) {
    const unsigned width = level == g.start ? g.input_bits - g.shift(level) : g.page_bits - 3;
    return input >> g.shift(level) & mask(width);
  }

  // ---- which former values live
  template <class Over>
  std::set<u64> values(u64 address, Over over) const {
    std::set<u64> result{s_.memory.word(address)};
    const auto edits = words_.find(address);
    if (edits == words_.end()) return result;
    for (const WordEdit& edit : edits->second) {
      if (!over(edit)) result.insert(edit.old);
    }
    return result;
  }
  static bool is_table(const WordEdit& edit) { return edit.level < 3 && (edit.old & 3) == 3; }
  /// An address of the command is in the page of `input`, or in the block that the descriptor was.
  static bool reaches(const Done& d, u64 input, const WordEdit& edit, const Geometry& g) {
    const unsigned bits = (edit.old & 1) != 0 && !is_table(edit) ? g.shift(edit.level) : g.page_bits;
    const u64 first = d.address & ~mask(g.page_bits), begin = input & ~mask(bits);
    return first + d.bytes > begin && first < begin + mask(bits) + 1;
  }
  bool of_stage1(const Walk& walk, const Done& d, u64 va, const WordEdit& edit) const {
    using W = Done::What;
    const bool global = (edit.old & 1) != 0 && !is_table(edit) && (edit.old & s1::kNotGlobal) == 0;
    const bool by_va = !(d.leaf && is_table(edit)) && reaches(d, va, edit, one_);
    const bool asid = d.asid == walk.asid;
    if (walk.hyp) {
      if (d.what == W::El2All) return true;
      if (!e2h) return d.what == W::El2Va && by_va;
      if (d.what == W::El2Asid) return asid && !global;
      return (d.what == W::El2Vaa || (d.what == W::El2Va && (asid || global))) && by_va;
    }
    if (d.what == W::NsnhAll) return true;
    if (!same_vmid(d, walk)) return false;
    if (d.what == W::NhAll || d.what == W::S12All) return true;
    // A table that goes may leave global pages of it behind.
    if (d.what == W::NhAsid) return asid && !global && !(is_table(edit) && with_global.count(walk.vmid) != 0);
    return (d.what == W::NhVaa || (d.what == W::NhVa && (asid || global))) && by_va;
  }
  bool same_vmid(const Done& d, const Walk& walk) const { return ((d.vmid ^ walk.vmid) & vmid_mask) == 0; }
  bool over1(const Walk& walk, const WordEdit& edit) const {
    for (const Stamped& s : done_) {
      if (s.when > edit.when && of_stage1(walk, s.done, walk.va, edit)) return true;
    }
    return false;
  }
  /// Of stage 2: by IPA, and then, where stage 1 has been combined with it, by VA or by VMID (4.4.3.1).
  bool over2(const Walk& walk, u64 ipa, const WordEdit& edit) const {
    using W = Done::What;
    bool by_ipa = false;
    for (const Stamped& s : done_) {
      const Done& d = s.done;
      if (s.when <= edit.when) continue;
      if (d.what == W::NsnhAll || (d.what == W::S12All && same_vmid(d, walk))) return true;
      if (!same_vmid(d, walk)) continue;
      if (d.what == W::S2Ipa && !(d.leaf && is_table(edit)) && reaches(d, ipa, edit, two_)) {
        if (!walk.stage1) return true;
        by_ipa = true;
      }
      if (!by_ipa) continue;
      const u64 page = walk.va & ~mask(one_.page_bits);
      const bool here = (d.address & ~mask(one_.page_bits)) <= page && page < d.address + d.bytes;
      if (d.what == W::NhAll) return true;
      if (!d.leaf && here && (d.what == W::NhVaa || (d.what == W::NhVa && d.asid == walk.asid))) return true;
    }
    return false;
  }

  Streams& s_;
  Geometry one_, two_;
  u64 now_ = 0;
  std::map<u64, std::vector<WordEdit>> words_;
  std::map<u32, std::vector<StructureEdit>> stes_;
  std::map<u64, std::vector<StructureEdit>> cds_;
  std::vector<Stamped> done_, pending_;
};

}  // namespace tw::test
