// SPDX-License-Identifier: Apache-2.0

/** A bin is complete when so many are expected in it. */
const LEAST: f64 = 5.0;

/**
 * The share of a value that occurs so often among `total`.
 *
 * Added up as the reference tool does: its rounding decides the order of expectations that would
 * otherwise be equal, and so which of them share a bin.
 */
export function share(count: i32, total: i32): f64 {
    const one = 1.0 / <f64>total;
    let sum: f64 = 0.0;
    for (let i = 0; i < count; i++) sum += one;
    return sum;
}

/** How often each symbol occurs. */
export function countsOf(symbols: StaticArray<u8>, alphabet: i32): StaticArray<i32> {
    const counts = new StaticArray<i32>(alphabet);
    for (let i = 0; i < symbols.length; i++) counts[symbols[i]] += 1;
    return counts;
}

let sortedBy: StaticArray<f64> = new StaticArray<f64>(0);

/** Items in bins of which each is expected at least five times, the rarest items first. */
export class Bins {
    /** How many bins. */
    readonly size: i32;
    private readonly binOf: StaticArray<i32>;
    private readonly expected: StaticArray<f64>;
    private readonly observed: StaticArray<i32>;

    /** @param expectations - how often each item is expected */
    constructor(expectations: StaticArray<f64>) {
        const items = expectations.length;
        const order = new StaticArray<i32>(items);
        for (let i = 0; i < items; i++) order[i] = i;
        sortedBy = expectations;
        order.sort((a, b) => {
            if (sortedBy[a] != sortedBy[b]) return sortedBy[a] < sortedBy[b] ? -1 : 1;
            return a - b;
        });
        const binOf = new StaticArray<i32>(items);
        const expected = new StaticArray<f64>(items);
        let bin = 0;
        for (let i = 0; i < items; i++) {
            if (expected[bin] >= LEAST) bin += 1;
            binOf[order[i]] = bin;
            expected[bin] += expectations[order[i]];
        }
        if (bin > 0 && expected[bin] < LEAST) {
            // What is left over joins the bin before it.
            for (let i = 0; i < items; i++) binOf[i] = min(binOf[i], bin - 1);
            expected[bin - 1] += expected[bin];
            bin -= 1;
        }
        this.binOf = binOf;
        this.expected = expected;
        this.size = bin + 1;
        this.observed = new StaticArray<i32>(bin + 1);
    }

    /** Takes an observed item. */
    @inline
    observe(item: i32): void {
        this.observed[this.binOf[item]] += 1;
    }

    /** χ² of what was observed, which is then forgotten. */
    score(): f64 {
        let sum: f64 = 0.0;
        for (let bin = 0; bin < this.size; bin++) {
            const difference = <f64>this.observed[bin] - this.expected[bin];
            sum += (difference * difference) / this.expected[bin];
        }
        this.observed.fill(0);
        return sum;
    }
}
