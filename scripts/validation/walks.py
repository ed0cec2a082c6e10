"""What walks and stage 2 cost."""

from validation.row import A53, N1, Row, single

KERNELS = ("bitcount", "dijkstra", "sort", "smooth", "prefixes")
BOUND = "random loads in 64 MB; what it saves are descriptors in the L1, some cycles each"
SIMPLE = ("five small programs of our own, without an operating system: few refills, whose tables stay in the caches; "
          "less than random replacement's noise")


def overhead(runs, over, under, *options):
    """Mean over the programs, in per cent."""
    run = runs("stage2", A53, *options)
    return 100 * sum(run[f"stage2.{over}.{k}"] / run[f"stage2.{under}.{k}"] - 1 for k in KERNELS) / len(KERNELS)


def cycles_a_refill(runs):
    run = runs("stage2", A53)
    extra = sum(run[f"stage2.2m_4k.{k}"] - run[f"stage2.2m.{k}"] for k in KERNELS)
    refills = sum(run[f"stage2.2m_4k.{k} l2d_tlb_refill"] - run[f"stage2.2m.{k} l2d_tlb_refill"] for k in KERNELS)
    return extra / refills


def performance(runs, worse, better):
    """How much faster random loads become, in per cent."""
    return 100 * (runs("walks", A53, *worse)["walks.4k_4k"] / runs("walks", A53, *better)["walks.4k_4k"] - 1)


LARGE = ("walks_large", N1, "--memory", "2G"), 3
HUGE = ("walks_huge", N1, "--memory", "18G", "--timed-from", "measuring"), 1


def nested(field, run):
    def of(runs):
        walk = runs(*run[0]).walks(run[1])
        if field == "mean":
            return walk["cycles"]["sum"] / walk["count"]
        return 100 * walk["cycles_final_stage2"] / walk["cycles"]["sum"]

    return of


def off(*structures):
    return tuple(part for s in structures for part in ("--set", f"mmu.{s}.entries=0"))


ROWS = [
    single("11", "a nested walk of 4 KB pages", 400, "cycles", "SagePTE, simulated", N1, nested("mean", HUGE),
           "16 GB of random loads: tables exceed the caches; a Redis there"),
    single("11", "its last stage-2 walk", 43, "%", "SagePTE, simulated", N1, nested("final", HUGE), "16 GB"),
    single("11", "a nested walk of 4 KB pages", 400, "cycles", "SagePTE, simulated", N1, nested("mean", LARGE),
           "1 GB: the tables, 4 MB, stay in the system cache of 32 MB"),
    single("11", "its last stage-2 walk", 43, "%", "SagePTE, simulated", N1, nested("final", LARGE), "1 GB"),
    single("12", "stage 2 with 2 MB leaves", 0.04, "%", "Bao artifact, A53", A53,
           lambda runs: overhead(runs, "4k_2m", "4k"), SIMPLE),
    single("12", "stage 2 with 4 KB leaves", 1.42, "%", "Bao artifact, A53", A53,
           lambda runs: overhead(runs, "4k_4k", "4k"), SIMPLE),
    Row("12", "a refill because of 4 KB leaves", "70–125", 70, 125, "cycles", "Bao artifact, A53", A53,
        cycles_a_refill,
        "over stage-1 leaves of 2 MB, which 4 KB of stage 2 break up; 105 before guests/validation/vm.c grew by a few "
        "functions: it depends on where tables and code lie in the caches"),
    Row("12a", "walk cache", "15–38", 15, 38, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("walk_cache", "ipa"), off("ipa")), BOUND),
    Row("12a", "nested TLB (IPA cache) beside it", "3–7", 3, 7, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("ipa"), ()), BOUND),
    Row("12a", "2 MB leaves at stage 2", "3–22", 3, 22, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: 100 * (runs("walks", A53)["walks.4k_4k"] / runs("walks", A53)["walks.4k_2m"] - 1),
        "random loads in 64 MB: more than programs have"),
]
