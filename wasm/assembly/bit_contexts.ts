// SPDX-License-Identifier: Apache-2.0

/**
 * The dictionaries of SP 800-90B sections 6.3.9 and 6.3.10 for bits: two counts for every context
 * of up to 16 bits. A context is named by its bits with a 1 before them, so that each length has
 * names of its own.
 */
export class BitContexts {
    private readonly counts: StaticArray<i32> = new StaticArray<i32>(1 << 18);

    /** The name of the last so many bits of a history. */
    @inline
    static name(history: u32, length: i32): i32 {
        return (1 << length) | <i32>(history & ((1 << length) - 1));
    }

    /** How often a bit followed a context. */
    @inline
    get(name: i32, bit: u8): i32 {
        return this.counts[name * 2 + bit];
    }

    /** Counts a bit that followed a context. */
    @inline
    count(name: i32, bit: u8): void {
        this.counts[name * 2 + bit] += 1;
    }

    /** The bit that followed most often, 1 in case of a tie. */
    @inline
    predictionOf(name: i32): u8 {
        return this.counts[name * 2] > this.counts[name * 2 + 1] ? 0 : 1;
    }
}
