"""What the translation of DMA costs: the DMA study beside real machines."""

from validation.row import single
from validation.runs import Failure

BENCH, GRACE_SOURCE = "pcie-bench data", "NVIDIA, NV-Kernels pull request 182"
STRICT = "most times of this machine's SMMU and software are placeholders: the shape, not the figure"
PCIE_BENCH, GRACE, MMU500 = "studies/pcie-bench", "studies/grace", "smmu/mmu-500-like"
WARM = {"traffic.warm_up": 30000, "traffic.requests": 200000}


def reads(report):
    return report["study"]["masters"][0]["streams"][0]


def one_at_a_time(runs, pages):
    """Reads of so many pages in turn."""
    return runs.study(
        PCIE_BENCH,
        {
            "traffic.pattern": "strided",
            "traffic.window": 4096 * pages,
            "traffic.outstanding": 1,
            "traffic.engine": 0,
            "traffic.warm_up": 1000,
            "traffic.requests": 10000,
        },
    )


def one_read(pages):
    """Median of 64-byte reads one at a time, in ns."""
    return lambda runs: reads(one_at_a_time(runs, pages))["read_latency"]["p50_ps"] / 1000


def pages_without_a_miss(runs):
    def walks(pages):
        return one_at_a_time(runs, pages)["smmu"][0]["streams"][0]["translations"]["walk"]

    return max(pages for pages in (16, 32, 48, 63, 64, 65, 80, 128) if walks(pages) == 0)


def read_bandwidth(size, window):
    """Random reads, in Gb/s."""

    def of(runs):
        report = runs.study(
            PCIE_BENCH, {"traffic.size": size, "traffic.alignment": size, "traffic.window": window} | WARM
        )
        return reads(report)["read_bytes"] * 8e3 / report["study"]["masters"][0]["elapsed_ps"]

    return of


def lost(size, window):
    """Of the bandwidth in a window without a miss, in per cent."""
    return lambda runs: 100 * (1 - read_bandwidth(size, window)(runs) / read_bandwidth(size, "256K")(runs))


def ios(parameter, value):
    """Million a second, of both sockets."""

    def of(runs):
        io = runs.study(GRACE, {"traffic.warm_up": 5000, "study.ios": 40000, parameter: value})["study"]["io"]
        if io["wrong"]:
            raise Failure(f"{io['wrong']} I/Os with wrong data")
        return 2e6 * io["count"] / io["elapsed_ps"]

    return of


def unmapping(command, kind):
    def of(runs):
        report = runs.study(
            GRACE,
            {
                "study.io": "2M",
                "study.ios": 16,
                "study.cpus": 1,
                "study.depth": 2,
                "study.masters": 1,
                "study.command": command,
            },
        )
        return sum(row["count"] for row in report["smmu"][0]["commands"] if row["name"] == kind)

    return of


def mmu500(runs, pages, outstanding):
    """Strided, without walk caches and main TLB, so that each miss is as long."""
    return runs.study(
        MMU500,
        {
            "traffic.pattern": "strided",
            "traffic.window": 4096 * pages,
            "traffic.outstanding": outstanding,
            "smmu.tlb.entries": 0,
            "smmu.walk_cache.entries": 0,
            "traffic.warm_up": 1000,
            "traffic.requests": 20000,
            "memory.size": "512M",
        },
    )


def tbu_hit(runs):
    """Cycles of the SMMU."""
    stream = mmu500(runs, 1, 1)["smmu"][0]["streams"][0]
    return stream["latency"]["sum"] / stream["translations"]["tbu"]


def walks_at_a_time(runs):
    """Little's law: the rate of misses times what one takes."""
    many, one = mmu500(runs, 4096, 256), mmu500(runs, 4096, 1)
    alone = one["smmu"][0]["streams"][0]["latency"]
    seconds = alone["sum"] / alone["count"] / (one["smmu"][0]["frequency_mhz"] * 1e6)
    return reads(many)["reads"] * 1e12 / many["study"]["masters"][0]["elapsed_ps"] * seconds


ROWS = [
    single("14", "64-byte DMA read, IOTLB hit", 490, "ns", BENCH, PCIE_BENCH, one_read(64), "root complex fitted",
           fitted=True),
    single("14", "the same, IOTLB miss", 770, "ns", BENCH, PCIE_BENCH, one_read(65),
           "latency of a descriptor fitted: four of them", fitted=True),
    single("14", "pages in turn without a miss", 64, "pages", BENCH, PCIE_BENCH, pages_without_a_miss,
           "entries are a parameter; the 65th page makes all miss", fitted=True),
    single("14", "64-byte reads in 256 KB", 27.6, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(64, "256K"),
           "outstanding requests fitted", fitted=True),
    single("14", "256-byte reads in 256 KB", 46.4, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(256, "256K"),
           "the link's formula; the card does not reach it"),
    single("14", "512-byte reads in 256 KB", 55.0, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(512, "256K"),
           "the link's formula"),
    single("14", "64-byte reads in 64 MB: lost", 65, "%", BENCH, PCIE_BENCH, lost(64, "64M"), "walks at a time fitted",
           fitted=True),
    single("14", "in 4 MB: lost", 61, "%", BENCH, PCIE_BENCH, lost(64, "4M"), "27.58 to 10.65 Gb/s"),
    single("14", "in 1 MB: lost", 48, "%", BENCH, PCIE_BENCH, lost(64, "1M"), "27.58 to 14.33 Gb/s"),
    single("14", "in 512 KB: lost", 27, "%", BENCH, PCIE_BENCH, lost(64, "512K"), "27.58 to 20.20 Gb/s"),
    single("14", "128-byte reads in 64 MB: lost", 54, "%", BENCH, PCIE_BENCH, lost(128, "64M"), "41.95 to 19.48 Gb/s"),
    single("14", "256-byte reads in 64 MB: lost", 28, "%", BENCH, PCIE_BENCH, lost(256, "64M"), "46.43 to 33.53 Gb/s"),
    single("14", "512-byte reads in 64 MB: lost", 2.5, "%", BENCH, PCIE_BENCH, lost(512, "64M"), "55.02 to 53.65 Gb/s"),
    single("15", "I/Os, lazy", 16.4, "M/s", GRACE_SOURCE, GRACE, ios("study.invalidation", "deferred"),
           "the SSDs' rate fitted; one socket, doubled", fitted=True),
    single("15", "I/Os, passthrough", 16.5, "M/s", GRACE_SOURCE, GRACE, ios("study.translation", "bypass"),
           "as lazy: nothing waits for the SMMU"),
    single("15", "I/Os, strict", 2.8, "M/s", GRACE_SOURCE, GRACE, ios("study.invalidation", "strict"), STRICT),
    single("15", "unmapping 32 MB by VA", 8192, "commands", "Linux, arm-smmu: tlb_flush_walk", GRACE,
           unmapping("va", "CMD_TLBI_NH_VA"), "exact, counted by the SMMU"),
    single("15", "the same by ASID", 16, "commands", "Linux, arm-smmu: tlb_flush_walk", GRACE,
           unmapping("asid", "CMD_TLBI_NH_ASID"), "exact, counted by the SMMU"),
    single("16", "a hit in a TBU", 2, "clocks", "MMU-500", MMU500, tbu_hit, "a parameter", fitted=True),
    single("16", "walks of a TBU at a time", 8, "walks", "MMU-500", MMU500, walks_at_a_time,
           "a parameter; by Little's law from rate and latency", fitted=True),
]
