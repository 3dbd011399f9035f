// SPDX-License-Identifier: Apache-2.0
/** How often the tuples of every length occur, for SP 800-90B sections 5.2.5, 6.3.5 and 6.3.6. */
import { suffixArray } from "./suffix_array";

/**
 * The lengths of the beginnings that neighbours in a suffix array share, by J. Kärkkäinen,
 * G. Manzini, S. J. Puglisi, "Permuted Longest-Common-Prefix Array", CPM 2009. They replace the
 * suffix array; the first one is 0.
 */
function sharedBeginnings(data: StaticArray<u8>, sorted: StaticArray<i32>): StaticArray<i32> {
    const length = data.length;
    const shared = new StaticArray<i32>(length); // at first the neighbour, both by place in the text
    shared[sorted[0]] = -1;
    for (let i = 1; i < length; i++) shared[sorted[i]] = sorted[i - 1];
    let count = 0;
    for (let i = 0; i < length; i++) {
        const other = shared[i];
        if (other < 0) count = 0;
        else {
            const most = length - max(i, other);
            while (count < most && data[i + count] == data[other + count]) count += 1;
        }
        shared[i] = count;
        if (count > 0) count -= 1;
    }
    for (let i = 0; i < length; i++) sorted[i] = shared[sorted[i]];
    return sorted;
}

/** Counts of repeated tuples by their length. */
export class Repeats {
    /** The length of the longest repeated substring, v. */
    readonly longest: i32;
    /** How often the most common tuple of each length occurs: Q of section 6.3.5. */
    readonly most: StaticArray<i32>;
    /** Pairs of equal tuples of each length: the sums of section 6.3.6, step 3. */
    readonly pairs: StaticArray<u64>;

    /**
     * Tuples that occur several times are intervals of the suffix array. An interval whose
     * suffixes share h letters, inside one that shares g < h, stands for one tuple of each of the
     * lengths g + 1 … h, each as often as the interval is wide.
     */
    constructor(data: StaticArray<u8>, alphabet: i32) {
        const length = data.length;
        const shared = sharedBeginnings(data, suffixArray<u8>(data, length, alphabet));
        let longest = 0;
        for (let i = 0; i < length; i++) longest = max(longest, shared[i]);
        const most = new StaticArray<i32>(longest + 2);
        const pairs = new StaticArray<u64>(longest + 2);
        // The open intervals, each sharing more than the one below it, and where they began.
        const sharing = new StaticArray<i32>(longest + 2);
        const starts = new StaticArray<i32>(longest + 2);
        let top = 0;
        for (let i = 1; i <= length; i++) {
            const current = i < length ? shared[i] : 0;
            let start = i - 1;
            while (sharing[top] > current) {
                const letters = sharing[top];
                start = starts[top];
                top -= 1;
                const width = i - start;
                const equal = (<u64>width * <u64>(width - 1)) >>> 1;
                most[letters] = max(most[letters], width);
                pairs[letters] += equal;
                pairs[max(current, sharing[top])] -= equal;
            }
            if (sharing[top] < current) {
                top += 1;
                sharing[top] = current;
                starts[top] = start;
            }
        }
        for (let size = longest - 1; size > 0; size--) {
            most[size] = max(most[size], most[size + 1]);
            pairs[size] += pairs[size + 1];
        }
        this.longest = longest;
        this.most = most;
        this.pairs = pairs;
    }
}

let latest: StaticArray<u8> | null = null;
let found: Repeats | null = null;

/** The repeats of the data; once for several estimates. */
export function repeatsOf(data: StaticArray<u8>, alphabet: i32): Repeats {
    const known = found;
    if (known && latest == data) return known;
    const fresh = new Repeats(data, alphabet);
    latest = data;
    found = fresh;
    return fresh;
}

/** Lets go of what is kept for the next estimate. */
export function forgetRepeats(): void {
    latest = null;
    found = null;
}
