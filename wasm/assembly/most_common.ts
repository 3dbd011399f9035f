// SPDX-License-Identifier: Apache-2.0
import { upperBound } from "./numeric";

/** The most common value estimate, SP 800-90B section 6.3.1. */
export function mostCommon(data: StaticArray<u8>): f64 {
    const counts = new StaticArray<i32>(256);
    for (let i = 0; i < data.length; i++) counts[data[i]] += 1;
    let most = 0;
    for (let value = 0; value < 256; value++) most = max(most, counts[value]);
    const length = <f64>data.length;
    return -Math.log2(upperBound(<f64>most / length, length));
}
