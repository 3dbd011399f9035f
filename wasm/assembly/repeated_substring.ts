// SPDX-License-Identifier: Apache-2.0
import { NOT_APPLICABLE, upperBound } from "./numeric";
import { Repeats } from "./repeats";
import { rareLength } from "./t_tuple";

/**
 * The longest repeated substring (LRS) estimate, SP 800-90B section 6.3.6: how probable it is that
 * two tuples are equal, for the lengths that the t-tuple estimate leaves out.
 *
 * @returns {@link NOT_APPLICABLE} when there is no such length with a repetition
 */
export function longestRepeatedSubstring(repeats: Repeats, count: i32): f64 {
    const start = rareLength(repeats);
    if (repeats.longest < start) return NOT_APPLICABLE;
    let most: f64 = 0.0;
    for (let length = start; length <= repeats.longest; length++) {
        const tuples = <f64>(count - length + 1);
        const share = <f64>repeats.pairs[length] / ((tuples * (tuples - 1.0)) / 2.0);
        most = Math.max(most, Math.pow(share, 1.0 / <f64>length));
    }
    return -Math.log2(upperBound(most, <f64>count));
}
