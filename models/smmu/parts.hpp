// What an SMMU is made of, and how a transaction goes through it.
#pragma once

#include <deque>

#include "smmu/registers.hpp"
#include "smmu/smmu.hpp"
#include "smmu/tbu.hpp"
#include "smmu/tcu.hpp"
#include "smmu/under_way.hpp"

namespace tw::smmu {

struct Smmu::Parts final : Maintenance {
  Parts(const Config& with, unsigned tbu_count, MemoryPort& with_memory, SignalPort& with_signals,
        EndpointPort& with_endpoints);

  Response translate(Tbu& tbu, const Request& request, u64 now);
  AtsReply ats_translate(const AtsRequest& request, u64 now);
  Look look(const Request& request) const;
  void reset();

  // ---- Maintenance
  u64 invalidate(const vmsa::Invalidate& what, u64 now) override;
  u64 invalidate(const ConfigurationInvalidate& what, u64 now) override;
  u64 prefetch(StreamKey key, const Iova* address, u64 now) override;
  u64 settled(u64 now) override;
  std::optional<bool> page_response_has_pasid(StreamId stream, u64 now) override;

  /// After a write of a register.
  void note_state();
  Statistics statistics() const;
  void clear_statistics();

  const Config config;
  MemoryPort& memory;
  Statistics counted;  ///< commands and events
  RegisterFile registers;
  ProgrammingInterface& programmed;
  Configuration configuration;
  vmsa::Walker walker;
  Accounts accounts;
  ResolvedStreams streams;
  Tcu tcu;
  std::deque<Tbu> tbus;
  UnderWay under_way;
  cost::EventRing<TranslationEvent>* events = nullptr;
  ObserverPort* observer = nullptr;
  u64 acknowledged = 0;  ///< when all TBUs have acknowledged the invalidations so far
  u32 last_cr0 = 0;
  u32 last_cr2 = 0;

 private:
  /// Without a look at any table: SMMUEN is off, or the transaction is Translated.
  std::optional<Response> arrive(Tbu& tbu, const Request& request, Trip& trip);
  /// The TBU's main TLB, and what that does not answer either.
  Response second_level(Tbu& tbu, const Request& request, Resolved& known, const vmsa::Access& access, Va va,
                        Trip& trip);
  /// What the TBU alone cannot answer.
  Response ask(Tbu& tbu, const Request& request, Trip& trip);
  Response end(const Verdict& verdict, const Request& request, const Stream& stream, u64 now);
  Response fail(Event event, const Request& request, const Stream& stream, u64 now);
  Response file(Response response, const Trip& trip, HitLevel level, const Request& request, Account& account);
  ProgrammingInterface& of(const Request& request) { return registers.of(request.security); }
};

}  // namespace tw::smmu
