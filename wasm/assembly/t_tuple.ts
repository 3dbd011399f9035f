// SPDX-License-Identifier: Apache-2.0
import { NOT_APPLICABLE, upperBound } from "./numeric";
import { Repeats } from "./repeats";

/** A tuple has to occur so often to count. */
const LEAST = 35;

/** The shortest length of which no tuple occurs 35 times: u of section 6.3.6. */
export function rareLength(repeats: Repeats): i32 {
    let length = 1;
    while (length <= repeats.longest && repeats.most[length] >= LEAST) length += 1;
    return length;
}

/**
 * The t-tuple estimate, SP 800-90B section 6.3.5: the most common tuples of every length that has
 * one that occurs 35 times.
 *
 * @returns {@link NOT_APPLICABLE} when not even a single value does
 */
export function tTuple(repeats: Repeats, count: i32): f64 {
    const end = rareLength(repeats);
    if (end == 1) return NOT_APPLICABLE;
    let most: f64 = 0.0;
    for (let length = 1; length < end; length++) {
        const share = <f64>repeats.most[length] / <f64>(count - length + 1);
        most = Math.max(most, Math.pow(share, 1.0 / <f64>length));
    }
    return -Math.log2(upperBound(most, <f64>count));
}
