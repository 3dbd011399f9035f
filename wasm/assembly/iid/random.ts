// SPDX-License-Identifier: Apache-2.0

let a: u64 = 0;
let b: u64 = 0;
let c: u64 = 0;
let d: u64 = 0;

/** Sets the generator up from 64 bits, by SplitMix64. */
export function seed(value: u64): void {
    let state = value;
    for (let i = 0; i < 4; i++) {
        state += 0x9e3779b97f4a7c15;
        let z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111eb;
        a = b;
        b = c;
        c = d;
        d = z ^ (z >>> 31);
    }
}

/** The next 64 bits of xoshiro256** 1.0 (D. Blackman, S. Vigna, 2018). Not for secrets. */
function next(): u64 {
    const result = rotl<u64>(b * 5, 7) * 9;
    const shifted = b << 17;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotl<u64>(d, 45);
    return result;
}

/**
 * A number below a limit, all of them alike (D. Lemire, "Fast Random Integer Generation in an
 * Interval", 2019).
 */
export function below(limit: u32): u32 {
    let product = (next() >>> 32) * limit;
    if (<u32>product < limit) {
        const least: u32 = (0 - limit) % limit;
        while (<u32>product < least) product = (next() >>> 32) * limit;
    }
    return <u32>(product >>> 32);
}
