// SPDX-License-Identifier: Apache-2.0
import { Z_ALPHA } from "./numeric";

/**
 * The collision estimate for bits, SP 800-90B section 6.3.2.
 *
 * Among bits the first repetition comes after two or three, so the expected time of step 7 is
 * 2 + 2p(1 − p), which a square root solves for p; above 2.5 there is no solution, which step 8
 * takes for full entropy.
 */
export function collision(bits: StaticArray<u8>): f64 {
    const length = bits.length;
    let count: f64 = 0.0;
    let squares: f64 = 0.0;
    let at = 0;
    while (at < length - 1) {
        const time = bits[at] == bits[at + 1] ? 2 : 3;
        if (at + time > length) break;
        at += time;
        count += 1.0;
        squares += <f64>(time * time);
    }
    const mean = <f64>at / count;
    const deviation = Math.sqrt((squares - <f64>at * mean) / (count - 1.0));
    const lower = Math.max(2.0, mean - (Z_ALPHA * deviation) / Math.sqrt(count));
    if (!(lower < 2.5)) return 1.0;
    return -Math.log2(0.5 + Math.sqrt(1.25 - 0.5 * lower));
}
