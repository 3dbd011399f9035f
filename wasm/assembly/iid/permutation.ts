// SPDX-License-Identifier: Apache-2.0
/** The permutation tests of SP 800-90B section 5.1. */
import { STATISTICS, calculate, prepareStatistics } from "./statistics";
import { below } from "./random";

/** So many permutations on either side decide that a statistic is nothing special. */
const ENOUGH = 5;

const wanted = new StaticArray<bool>(STATISTICS);
const original = new StaticArray<f64>(STATISTICS);
const permuted = new StaticArray<f64>(STATISTICS);
/** Per statistic: permutations with a higher, the same, and a lower value. */
const counts = new StaticArray<i32>(STATISTICS * 3);
let shuffled: StaticArray<u8> = new StaticArray<u8>(0);

/** Calculates the statistics of the samples as they are, and forgets all counts. */
export function begin(symbols: StaticArray<u8>): void {
    shuffled = StaticArray.slice(symbols);
    wanted.fill(true);
    counts.fill(0);
    prepareStatistics(symbols);
    calculate(symbols, wanted, original);
}

/** The value of a statistic for the samples as they are. */
export function originalStatistic(index: i32): f64 {
    return original[index];
}

/** How many permutations had a higher (0), the same (1) or a lower (2) value. */
export function countOf(index: i32, side: i32): i32 {
    return counts[index * 3 + side];
}

/** Whether a statistic is ranked well inside of those of the permutations. */
function isDecided(index: i32): bool {
    const at = index * 3;
    return counts[at] + counts[at + 1] > ENOUGH && counts[at + 1] + counts[at + 2] > ENOUGH;
}

/** Permutes once and counts (steps 2.1 and 2.2); returns how many statistics are undecided. */
export function permuteOnce(): i32 {
    for (let i = shuffled.length - 1; i > 0; i--) {
        const other = below(i + 1);
        const symbol = shuffled[other];
        shuffled[other] = shuffled[i];
        shuffled[i] = symbol;
    }
    calculate(shuffled, wanted, permuted);
    let open = 0;
    for (let i = 0; i < STATISTICS; i++) {
        if (!wanted[i]) continue;
        const side = permuted[i] > original[i] ? 0 : permuted[i] == original[i] ? 1 : 2;
        counts[i * 3 + side] += 1;
        wanted[i] = !isDecided(i);
        open += i32(wanted[i]);
    }
    return open;
}
