#include "tlm/at_bench.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace tw::test {

namespace {

std::unique_ptr<AtBench> the_bench;

u64 now_ps() { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }

interconnect::Config turns() {
  interconnect::Config config;
  config.contention = true;
  return config;
}
interconnect::Config priorities() {
  interconnect::Config config = turns();
  config.arbitration = "priority";
  return config;
}
memory::DramConfig plain_dram() {
  memory::DramConfig config;
  config.clock_mhz = 1000;  // an edge at each run()'s beginning
  config.refi = 0;
  config.read_queue = 4;
  return config;
}

}  // namespace

Master::Master(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_bw(this, &Master::nb_transport_bw);
  SC_HAS_PROCESS(Master);
  SC_METHOD(issue);
  sensitive << go_;
  dont_initialize();
  SC_METHOD(end_response);
  sensitive << end_;
  dont_initialize();
}

void Master::send(Pa pa, unsigned bytes, bool write) {
  to_send_.push_back({pa, bytes, write});
  go_.notify(sc_core::SC_ZERO_TIME);
}

void Master::clear() {
  sent_.clear();
  keeps_response = sc_core::SC_ZERO_TIME;
}

void Master::issue() {
  if (requesting_ != nullptr || to_send_.empty()) return;
  const Item item = to_send_.front();
  to_send_.pop_front();
  auto* const payload = new ::tlm::tlm_generic_payload(this);
  payload->acquire();
  payload->set_command(item.write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
  payload->set_address(item.pa.value);
  payload->set_data_ptr(data.data());
  payload->set_data_length(item.bytes);
  payload->set_streaming_width(item.bytes);
  const std::size_t number = sent_.size();
  sent_.push_back({.begun = now_ps()});
  under_way_.emplace_back(payload, number);
  requesting_ = payload;
  ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  if (socket->nb_transport_fw(*payload, phase, delay) == ::tlm::TLM_COMPLETED) ended(number, *payload);
  if (requesting_ == nullptr) go_.notify(sc_core::SC_ZERO_TIME);
}

void Master::ended(std::size_t n, const ::tlm::tlm_generic_payload& payload) {
  sent_[n].ended = now_ps();
  sent_[n].status = payload.get_response_status();
  if (requesting_ == &payload) requesting_ = nullptr;
  std::erase_if(under_way_, [n](const auto& entry) { return entry.second == n; });
  const_cast<::tlm::tlm_generic_payload&>(payload).release();
}

::tlm::tlm_sync_enum Master::nb_transport_bw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                             sc_core::sc_time&) {
  std::size_t number = 0;
  for (const auto& [known, n] : under_way_) {
    if (known == &payload) number = n;
  }
  if (phase == ::tlm::END_REQ) {
    sent_[number].accepted = now_ps();
    requesting_ = nullptr;
    go_.notify(sc_core::SC_ZERO_TIME);
    return ::tlm::TLM_ACCEPTED;
  }
  if (keeps_response != sc_core::SC_ZERO_TIME) {
    sent_[number].ended = now_ps();
    sent_[number].status = payload.get_response_status();
    responding_ = &payload;
    end_.notify(keeps_response);
    return ::tlm::TLM_ACCEPTED;
  }
  ended(number, payload);
  return ::tlm::TLM_COMPLETED;
}

void Master::end_response() {
  ::tlm::tlm_phase phase = ::tlm::END_RESP;
  sc_core::sc_time delay;
  std::erase_if(under_way_, [this](const auto& entry) { return entry.first == responding_; });
  socket->nb_transport_fw(*responding_, phase, delay);
  responding_->release();
}

void Master::free(::tlm::tlm_generic_payload* payload) { delete payload; }

ScriptedTarget::ScriptedTarget(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  socket.register_b_transport(this, &ScriptedTarget::b_transport);
  socket.register_nb_transport_fw(this, &ScriptedTarget::nb_transport_fw);
  socket.register_get_direct_mem_ptr(this, &ScriptedTarget::get_direct_mem_ptr);
  socket.register_transport_dbg(this, &ScriptedTarget::transport_dbg);
}

ScriptedInitiator::ScriptedInitiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_bw(this, &ScriptedInitiator::nb_transport_bw);
  socket.register_invalidate_direct_mem_ptr(this, &ScriptedInitiator::invalidate_direct_mem_ptr);
}

AtBench::AtBench()
    : checkers([this](tlm::Rule rule, const std::string&) { violations.push_back(rule); }),
      fabric("fabric", clock, turns(), &checkers),
      priority_fabric("priority_fabric", clock, priorities(), &checkers),
      bytes(kBytes),
      ram("ram", bytes, {.latency = kRamLatency}, clock),
      limited("limited", bytes, {.latency = kRamLatency}, clock),
      dram("dram", bytes, {.model = "dram"}, clock, plain_dram()),
      priority_ram("priority_ram", bytes, {.latency = kRamLatency}, clock),
      device("device", *this, 0x100, {.read_latency = 3, .write_latency = 5, .clock = clock}),
      a("a"),
      b("b"),
      c("c"),
      low("low"),
      high("high"),
      blocking("blocking"),
      wrong_initiator("wrong_initiator"),
      checker("checker", "here", [this](tlm::Rule rule, const std::string&) { violations.push_back(rule); }),
      wrong_target("wrong_target") {
  interconnect::Link narrow = kLink;
  narrow.outstanding = kLimit;
  fabric.map("ram", kRam, kBytes, kLink, ram.socket);
  fabric.map("limited", kLimited, kBytes, narrow, limited.socket);
  fabric.map("dram", kDram, kBytes, kLink, dram.socket);
  fabric.map("device", kDevice, 0x100, kLink, device.socket);
  for (Master* master : {&a, &b, &c}) fabric.connect(master->socket, fabric.add_port(interconnect::kIdealLink));
  fabric.connect(blocking.socket, fabric.add_port(interconnect::kIdealLink));
  narrow.outstanding = 1;
  priority_fabric.map("ram", kRam, kBytes, narrow, priority_ram.socket);
  priority_fabric.connect(low.socket, priority_fabric.add_port(interconnect::kIdealLink));
  interconnect::Link favoured = interconnect::kIdealLink;
  favoured.qos = 5;
  priority_fabric.connect(high.socket, priority_fabric.add_port(favoured));
  wrong_initiator.socket.bind(checker.target);
  checker.initiator.bind(wrong_target.socket);
}

AtBench& at_bench() { return *the_bench; }

void run() { sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_US)); }

}  // namespace tw::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tw::test::the_bench = std::make_unique<tw::test::AtBench>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration binds the sockets
  const int result = RUN_ALL_TESTS();
  tw::test::the_bench.reset();
  return result;
}
