#include "sc_main/run_options.hpp"

#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "base/error.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/device_options.hpp"
#include "sc_main/events_option.hpp"
#include "sc_main/options.hpp"
#include "sc_main/quantities.hpp"
#include "sc_main/region_options.hpp"
#include "sc_main/report_paths.hpp"

namespace tw::command {

namespace po = boost::program_options;
using region::unescape;

namespace {

constexpr const char* kCommand = "trapwalk run";

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  throw UserError(Complaint{option, message});
}

po::options_description describe(RunOptions& o) {
  po::options_description all("trapwalk run: boots a guest on the virt platform");
  po::options_description machine("The machine"), images("What it runs"), end("When it ends"),
      measure("What is measured");
  machine.add_options()("platform", po::value<std::string>(),
                        "virt (default), or dma-study, which has options of its own: --platform dma-study --help")(
      "cpu", po::value(&o.cpu),
      "core: generic, cortex-a7, -a15, -a53, -a55, -a57 (default), -a72, -a76, neoverse-n1, x-gene-1-like, max")(
      "smp", po::value(&o.smp), "number of cores, 1..8")("memory,m", po::value<std::string>(),
                                                         "size of RAM: 512M, 1G …")(
      "gic", po::value<unsigned>(), "version of the interrupt controller: 2 (default) or 3")(
      "smmu", po::value<std::string>(),
      "none (default), or v3: an SMMUv3 between memory and all masters but fw_cfg; v3,only=pci: only PCIe is behind "
      "it, as on QEMU; v3,msi=on: the device tree has its interrupts as messages; v3,model=NAME: with the parameters "
      "of mmu-500-like, mmu-600-like or gem5-default-like")("serial", po::value(&o.serial),
                                                            "stdio (default), file:PATH, socket:PORT, none")(
      "drive", po::value<std::vector<std::string>>(),
      "FILE[,readonly][,snapshot=on|off][,bus=pci]: a disk (virtio-blk) from a raw file, which is not changed unless "
      "snapshot=off; may be repeated")("netdev", po::value<std::vector<std::string>>(),
                                       "user[,hostfwd=tcp:127.0.0.1:PORT-:PORT][,restrict=on][,bus=pci], hub, none: a "
                                       "network device (virtio-net); may be "
                                       "repeated")("virtio-console", po::value(&o.virtio_console),
                                                   "hvc0 (virtio-console): as --serial")(
      "virtio-rng", po::bool_switch(&o.virtio.rng), "an entropy device, from device.rng_seed")(
      "device", po::value<std::vector<std::string>>(),
      "edu[,dma_mask=MASK][,addr=SLOT][,ats=on][,pri=on][,pasid=on]: a PCIe endpoint that does DMA on command; "
      "pl330: a DMA controller; may be repeated")("semihosting", po::bool_switch(&o.semihosting),
                                                  "serve Arm semihosting calls (HLT #0xF000)")(
      "config", po::value(&o.configs), "a TOML file of parameters; may be repeated")(
      "set", po::value(&o.sets), "KEY=VALUE, a parameter; may be repeated");
  images.add_options()("software", po::value<std::string>(),
                       "a name of `trapwalk software list`: its files and options, fetched when they are not here; "
                       "options given beside it override them")(
      "bios", po::value(&o.bios), "firmware, in flash at 0; with --kernel, it starts that itself (fw_cfg)")(
      "kernel", po::value(&o.kernel), "Linux Image (also gzip, xz, zstd or EFI zboot), ELF or raw binary")(
      "initrd", po::value(&o.initrd), "initial RAM disk for --kernel")(
      "append", po::value(&o.append), "command line of the kernel")("dtb", po::value(&o.dtb),
                                                                    "device tree instead of the generated one")(
      "dump-dtb", po::value(&o.dump_dtb), "write the device tree to this file and end")(
      "load", po::value(&o.loads)->composing(), "FILE@ADDRESS, its bytes into memory; may be repeated")(
      "hypervisor", po::value(&o.hypervisor), "Xen: it starts instead; --kernel, --initrd and --append are its dom0's")(
      "hypervisor-args", po::value(&o.hypervisor_args), "command line of the hypervisor")(
      "domain", po::value<std::vector<std::string>>(),
      "kernel=FILE,initrd=FILE,append=TEXT,name=NAME,memory=SIZE,cpus=N,vpl011: a guest that the hypervisor starts "
      "itself; may be repeated");
  machine.add_options()(
      "secure", po::bool_switch(&o.secure),
      "the secure machine: EL3, a GIC with two security states, memory and devices for Secure software "
      "alone; firmware in flash at 0 serves PSCI")("secure-serial", po::value(&o.secure_serial),
                                                   "the secure UART's output: none (default), file:PATH");
  images.add_options()(
      "pflash", po::value<std::vector<std::string>>(),
      "FILE[,readonly][,snapshot=off] in flash bank 0, then in bank 1; the file stays as it is without "
      "snapshot=off");
  end.add_options()("until", po::value(&o.until), "text on the console that ends the run with status 0")(
      "type", po::value<std::vector<std::string>>(), "'PROMPT=>TEXT': type TEXT when PROMPT is printed; in order")(
      "max-instructions", po::value<std::string>(), "end after so many instructions of all cores")(
      "max-time", po::value<std::string>(), "end at this simulated time: 2s, 10ms …");
  end.add_options()("press-power-after", po::value(&o.press_power_after), "press the power key when this is printed")(
      "press-power-at", po::value<std::string>(), "press the power key at this simulated time");
  measure.add_options()("fidelity", po::value<std::string>(), "functional (default) or timed")(
      "timed-from", po::value<std::string>(),
      "functional up to a mark, then timed and measured: text on a console, or pc:0xADDRESS, symbol:NAME, "
      "instructions:N, hint:0..31, vmid:N, vmid:any, text:TEXT")("timed-until", po::value<std::string>(),
                                                                 "functional again from a mark, and measured no more")(
      "timed-repeat", po::bool_switch(&o.region.repeat), "the region begins again whenever its first mark comes again")(
      "symbols", po::value(&o.symbols),
      "an ELF or a System.map for symbol:NAME, instead of the ELF that runs; may be repeated")(
      "warm-up", po::value<std::string>(), "instructions at the region's beginning that are timed but not measured")(
      "sample", po::value<std::string>(),
      "period:N,warm:M,measure:K: of every N instructions, M are timed and K more measured; means and confidence "
      "intervals in the report")("keep-walks", po::value<std::string>(),
                                 "full records of the last N translation table walks of each core (8)")(
      "keep-longest-walks", po::value<std::string>(), "and of the N longest (0)")(
      "events", po::value<std::string>()->implicit_value(""),
      "[limit=N][,keep=first|last][,kinds=A+B|all][,sample=CYCLES]: logs what happens when, for the timeline of a "
      "page: the last (or first) N (20000) of each kind and core; kinds: traps, worlds, idle, interrupts, dma, "
      "samples, and walks, which are many and only logged when they are named")(
      "perfetto", po::value(&o.perfetto),
      "FILE.json: the events (those of --events, or its defaults) as a trace for ui.perfetto.dev and chrome://tracing")(
      "report", po::value(&o.reports), "FILE.txt, FILE.json or FILE.html; may be repeated")(
      "ghost", po::value<std::vector<std::string>>(),
      "STRUCTURE=entries:FROM[..TO][,ways:N|full]: what tlb.l2, walk_cache or ipa of other sizes would miss, or "
      "smmu.tlb, smmu.walk_cache, smmu.ipa, in the same run; FROM is doubled up to TO; may be repeated")(
      "fork-points", po::value(&o.fork_points),
      "FILE.json: when the region begins, fork once for each point of FILE, with parameters and a report of its own: "
      "one boot for all (docs/regions.md)")("fork-jobs", po::value(&o.fork_jobs),
                                            "so many of them at a time; as many as the host has processors")(
      "control-fd", po::value<std::string>(),
      "another process controls the run over this open socket (docs/run-protocol.md)")(
      "gdb", po::value<std::string>(),
      "[HOST:]PORT or /PATH of a socket[,wait=on|off]: for a debugger that speaks gdb's remote protocol; the run waits "
      "for it before the first instruction unless wait=off (docs/gdb.md)")(
      "status-fd", po::value<std::string>(),
      "JSON lines of progress on this open file descriptor (docs/run-protocol.md)")(
      "record", po::value(&o.record),
      "FILE[,records=N][,el=0+1][,kinds=fetch+read+write+table-write+invalidate]: a trace of all accesses of the "
      "measured region, or of the whole run, as long as there are not N records. Of several cores it is stem.cpuN.ext; "
      "stem.dma.ext is that of the masters behind an SMMU (docs/trace-format.md)")("help,h", po::bool_switch(&o.help),
                                                                                   "this page");
  all.add(machine).add(images).add(end).add(measure);
  return all;
}

/// What several processes could not share.
void check_forking(const RunOptions& o) {
  if (o.region.plain()) refuse("--fork-points", "needs --timed-from or --fidelity timed: the region begins there");
  if (!o.record.empty()) refuse("--fork-points, --record", "a trace belongs to one process");
  if (!o.reports.empty()) refuse("--fork-points, --report", "every point has a report of its own");
  if (!o.virtio.netdevs.empty()) refuse("--fork-points, --netdev", "a network device belongs to one process");
  for (const std::string& port : {o.serial, o.virtio_console}) {
    if (port.starts_with("socket:")) refuse("--fork-points", port + " belongs to one process");
  }
  for (const virt::DriveSettings& drive : o.virtio.drives) {
    if (drive.access == storage::Access::WriteThrough) refuse("--fork-points, --drive", drive.file + " is written to");
  }
  for (const FlashOption& flash : o.pflash) {
    if (flash.write_back) refuse("--fork-points, --pflash", flash.path + " is written to");
  }
}

}  // namespace

std::string run_usage() {
  RunOptions unused;
  std::ostringstream text;
  text << describe(unused)
       << "\nExit status: 0 the text of --until was printed, or without --until the guest powered off, or the status "
          "that\n"
          "a semihosting program gave; 1 the simulator failed; 2 something is wrong with what the user gave; 3 a limit "
          "was\n"
          "reached, or the guest stopped, before the milestone; 4 the guest asked for a reset; 5 a package of "
          "--software\n"
          "cannot be had; 6 a point of --fork-points failed; 130 interrupted.\n"
          "\nOn user networking (10.0.2.0/24, DHCP, gateway 10.0.2.2, DNS 10.0.2.3) the host's packets arrive when "
          "they come:\nsuch a run depends on the host as one at a keyboard does.\n"
          "\nWith --serial stdio, standard input is the UART's: a keyboard, a pipe, or a file (always the same run).\n"
          "At a keyboard, Ctrl-C and Ctrl-A x end the run in order, Ctrl-A c types Ctrl-C, Ctrl-A a types Ctrl-A,\n"
          "Ctrl-A p presses the power key;\n"
          "while every core waits, simulated time goes at the pace of the host's. With </dev/null nobody types, and\n"
          "a run ends when every core waits for nothing.\n"
          "U-Boot counts down 2 simulated seconds, 4 thousand million instructions at 2 GHz: a key ends it.\n";
  return text.str();
}

RunOptions parse_run_options(const std::vector<std::string>& words) {
  RunOptions o;
  std::vector<std::string> arguments = words;
  join_events_value(arguments);
  const po::options_description description = describe(o);
  po::variables_map given;
  store_options(kCommand, arguments, description, {}, given);
  if (given.count("software") && !given["help"].as<bool>()) {
    // What was stored first stays: the user's options override those of the software.
    store_options(kCommand, software_arguments(given["software"].as<std::string>()), description, {}, given);
  }
  po::notify(given);
  if (o.help) return o;
  const auto text = [&](const char* name) { return given.count(name) ? given[name].as<std::string>() : std::string(); };
  if (o.smp < 1 || o.smp > 8) refuse("--smp", fmt::format("1 to 8 cores, not {}", o.smp));
  if (given.count("gic")) o.gic = given["gic"].as<unsigned>();
  if (o.gic && *o.gic != 2 && *o.gic != 3) refuse("--gic", fmt::format("version 2 or 3, not {}", *o.gic));
  if (given.count("memory")) o.memory = parse_size(text("memory"), "--memory");
  if (given.count("max-instructions"))
    o.max_instructions = parse_number(text("max-instructions"), "--max-instructions");
  if (given.count("max-time")) o.max_time_ps = parse_time_ps(text("max-time"), "--max-time");
  if (given.count("press-power-at")) o.press_power_at_ps = parse_time_ps(text("press-power-at"), "--press-power-at");
  if (given.count("fidelity")) {
    if (text("fidelity") != "functional" && text("fidelity") != "timed")
      refuse("--fidelity", fmt::format("functional or timed, not '{}'", text("fidelity")));
    o.region.timed = text("fidelity") == "timed";
  }
  if (given.count("timed-from")) o.region.from = region::parse_mark(text("timed-from"), "--timed-from");
  if (given.count("timed-until")) o.region.until = region::parse_mark(text("timed-until"), "--timed-until");
  if (given.count("warm-up")) o.region.warm_up = parse_number(text("warm-up"), "--warm-up");
  if (given.count("sample")) o.region.sampling = parse_sampling(text("sample"));
  check_region(o.region);
  if (given.count("events")) o.events = parse_events(text("events"));
  if (!o.perfetto.empty()) {
    if (!o.fork_points.empty()) refuse("--perfetto, --fork-points", "every point has reports of its own");
    check_folder("--perfetto", o.perfetto);
    if (!o.events) o.events.emplace();
  }
  if (given.count("keep-walks")) o.ledger.recent_walks = parse_number(text("keep-walks"), "--keep-walks");
  if (given.count("keep-longest-walks"))
    o.ledger.longest_walks = parse_number(text("keep-longest-walks"), "--keep-longest-walks");
  if (given.count("record") && o.record.empty()) refuse("--record", "to which file?");
  if (given.count("type")) {
    for (const std::string& pair : given["type"].as<std::vector<std::string>>()) {
      // The last "=>" separates, so that a prompt of "=> " can be written.
      const std::size_t arrow = pair.rfind("=>");
      if (arrow == std::string::npos || arrow == 0) refuse("--type", "'" + pair + "' is not 'PROMPT=>TEXT'");
      o.replies.emplace_back(unescape(pair.substr(0, arrow)), unescape(pair.substr(arrow + 2)));
    }
  }
  if (given.count("ghost")) {
    for (const std::string& ghost : given["ghost"].as<std::vector<std::string>>()) {
      parse_ghost(ghost, o.ghosts);
    }
  }
  if (given.count("smmu")) o.smmu = parse_smmu(text("smmu"));
  if (given.count("drive")) {
    for (const std::string& drive : given["drive"].as<std::vector<std::string>>())
      o.virtio.drives.push_back(parse_drive(drive));
  }
  if (given.count("netdev")) {
    for (const std::string& netdev : given["netdev"].as<std::vector<std::string>>())
      o.virtio.netdevs.push_back(parse_netdev(netdev));
  }
  if (given.count("device")) {
    for (const std::string& device : given["device"].as<std::vector<std::string>>()) add_device(device, o.devices);
  }
  if (o.serial == "stdio" && o.virtio_console == "stdio") refuse("--serial, --virtio-console", "both are stdio");
  o.until = unescape(o.until);
  o.press_power_after = unescape(o.press_power_after);
  if (given.count("control-fd")) o.control_descriptor = parse_descriptor(text("control-fd"), "--control-fd");
  if (o.control_descriptor && !o.fork_points.empty()) refuse("--control-fd, --fork-points", "one of the two");
  if (given.count("gdb")) o.gdb = parse_gdb(text("gdb"));
  if (o.gdb && o.control_descriptor) refuse("--gdb, --control-fd", "one of the two");
  if (o.gdb && !o.fork_points.empty()) refuse("--gdb, --fork-points", "one of the two");
  if (given.count("status-fd")) o.status_descriptor = parse_descriptor(text("status-fd"), "--status-fd");
  check_reports(o.reports);
  if (given.count("domain")) {
    for (const std::string& domain : given["domain"].as<std::vector<std::string>>()) {
      o.domains.push_back(parse_domain(domain, static_cast<unsigned>(o.domains.size() + 1)));
      for (std::size_t i = 0; i + 1 < o.domains.size(); ++i) {
        if (o.domains[i].name == o.domains.back().name) refuse("--domain", "two are called " + o.domains[i].name);
      }
    }
  }
  if (o.hypervisor.empty() && (!o.hypervisor_args.empty() || !o.domains.empty()))
    refuse("--hypervisor-args, --domain", "need --hypervisor");
  if (!o.hypervisor.empty() && !o.bios.empty()) refuse("--bios, --hypervisor", "one of the two");
  if (!o.hypervisor.empty() && o.kernel.empty() && o.domains.empty())
    refuse("--hypervisor", "has nothing to run: give --kernel or --domain");
  if (o.kernel.empty() && (!o.initrd.empty() || !o.append.empty())) refuse("--initrd, --append", "need --kernel");
  if (given.count("pflash")) {
    for (const std::string& flash : given["pflash"].as<std::vector<std::string>>()) {
      o.pflash.push_back(parse_flash(flash));
    }
  }
  if (o.secure_serial != "none" && !o.secure_serial.starts_with("file:"))
    refuse("--secure-serial", "none or file:PATH");
  if (!o.fork_points.empty()) check_forking(o);
  if (o.secure_serial != "none" && !o.secure) refuse("--secure-serial", "needs --secure");
  if (o.pflash.size() > 2) refuse("--pflash", "there are two banks");
  if (!o.pflash.empty() && !o.bios.empty()) refuse("--bios, --pflash", "one of the two");
  return o;
}

}  // namespace tw::command
