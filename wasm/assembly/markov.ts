// SPDX-License-Identifier: Apache-2.0

/** Bits of the sequences whose probability is looked for. */
const LENGTH: f64 = 128.0;

/** The bits that a sequence costs: its first bit, then two kinds of steps, each so many times. */
function cost(first: f64, p: f64, times: f64, q: f64, more: f64): f64 {
    if (p <= 0.0 || q <= 0.0) return Infinity;
    return -Math.log2(first) - times * Math.log2(p) - more * Math.log2(q);
}

/**
 * The Markov estimate for bits, SP 800-90B section 6.3.3: the likeliest of the six sequences of
 * 128 bits that can be the likeliest of all.
 */
export function markov(bits: StaticArray<u8>): f64 {
    const length = bits.length;
    const steps = new StaticArray<f64>(4);
    for (let i = 1; i < length; i++) steps[bits[i - 1] * 2 + bits[i]] += 1.0;
    const zeros = steps[0] + steps[1];
    const ones = steps[2] + steps[3];
    const p00 = zeros > 0.0 ? steps[0] / zeros : 0.0;
    const p01 = zeros > 0.0 ? 1.0 - p00 : 0.0;
    const p10 = ones > 0.0 ? steps[2] / ones : 0.0;
    const p11 = ones > 0.0 ? 1.0 - p10 : 0.0;
    const p0 = (zeros + (bits[length - 1] == 0 ? 1.0 : 0.0)) / <f64>length;
    const p1 = 1.0 - p0;

    let least = LENGTH;
    least = Math.min(least, cost(p0, p00, 127.0, 1.0, 0.0)); // 000…
    least = Math.min(least, cost(p0, p01, 64.0, p10, 63.0)); // 0101…
    least = Math.min(least, cost(p0, p01, 1.0, p11, 126.0)); // 0111…
    least = Math.min(least, cost(p1, p10, 1.0, p00, 126.0)); // 1000…
    least = Math.min(least, cost(p1, p10, 64.0, p01, 63.0)); // 1010…
    least = Math.min(least, cost(p1, p11, 127.0, 1.0, 0.0)); // 111…
    return Math.min(least / LENGTH, 1.0);
}
