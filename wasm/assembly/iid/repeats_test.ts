// SPDX-License-Identifier: Apache-2.0
import { Repeats } from "../repeats";
import { countsOf, share } from "./bins";

/** What the test of {@link testRepeats} found. */
export class RepeatsTest {
    /** The chance that two samples are equal, P_col. */
    readonly collision: f64;
    /** The length of the longest repeated substring, W. */
    readonly longest: i32;
    /** The chance of a repetition of that length, Pr(X ≥ 1). */
    readonly p: f64;

    constructor(collision: f64, longest: i32, p: f64) {
        this.collision = collision;
        this.longest = longest;
        this.p = p;
    }
}

/** The length of the longest repeated substring test, SP 800-90B section 5.2.5. */
export function testRepeats(
    symbols: StaticArray<u8>, alphabet: i32, repeats: Repeats,
): RepeatsTest {
    const counts = countsOf(symbols, alphabet);
    let collision: f64 = 0.0;
    for (let i = 0; i < alphabet; i++) {
        const p = share(counts[i], symbols.length);
        collision += p * p;
    }
    const longest = repeats.longest;
    const tuples = <f64>(symbols.length - longest + 1);
    const pairs = (tuples * (tuples - 1.0)) / 2.0;
    // (1 − P_col^W)^pairs, whose base is too near to 1 for a double.
    const none = pairs * Math.log1p(-Math.pow(collision, <f64>longest));
    return new RepeatsTest(collision, longest, -Math.expm1(none));
}
