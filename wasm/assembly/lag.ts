// SPDX-License-Identifier: Apache-2.0
import { Score } from "./prediction";

/** The longest lag, and how many samples back are kept. */
const LAGS = 128;

/**
 * The lag prediction estimate, SP 800-90B section 6.3.8: the sample so many places back is the
 * prediction; of 128 lags the one predicts that was right most often.
 *
 * Only the lags that are right change their score. They are found along a chain: `before` holds
 * for each of the last 128 samples where its value occurred before it.
 */
export function lag(data: StaticArray<u8>, alphabet: i32): f64 {
    const before = new StaticArray<i32>(LAGS);
    const lastAt = new StaticArray<i32>(256).fill(-LAGS - 1);
    const scores = new StaticArray<i32>(LAGS + 1);
    const score = new Score();
    let winner = 1;
    for (let i = 0; i < data.length; i++) {
        const value = data[i];
        if (i > 0) score.count(i >= winner && data[i - winner] == value);
        let highest = scores[winner];
        for (let at = lastAt[value]; i - at <= LAGS; at = before[at & (LAGS - 1)]) {
            const distance = i - at;
            const count = scores[distance] + 1;
            scores[distance] = count;
            if (count >= highest) {
                highest = count;
                winner = distance;
            }
        }
        before[i & (LAGS - 1)] = lastAt[value];
        lastAt[value] = i;
    }
    return score.estimate(data.length - 1, alphabet);
}
