// SPDX-License-Identifier: Apache-2.0
import { NOT_APPLICABLE, Sum, Z_ALPHA, solveFalling } from "./numeric";

/** Bits of a block. */
const BLOCK = 6;
const VALUES = 1 << BLOCK;
/** Blocks that fill the dictionary. */
const DICTIONARY = 1000;
/** Below this a power of 1 − z adds nothing any more. */
const NEGLIGIBLE: f64 = 1e-290;

let blocks: i32 = 0;
/** log₂ of all distances that can be. */
let logs: StaticArray<f64> = new StaticArray<f64>(0);

function blockAt(bits: StaticArray<u8>, index: i32): i32 {
    let block = 0;
    for (let i = index * BLOCK; i < (index + 1) * BLOCK; i++) block = (block << 1) | bits[i];
    return block;
}

/**
 * G of step 6 for one symbol's probability z.
 *
 * Its double sum over t and u ≤ t meets the term log₂(u)·(1 − z)^(u−1) once for every t above u
 * (with factor z²) and once for t = u (with factor z), so that one pass is enough.
 */
function expectation(z: f64): f64 {
    const tested = blocks - DICTIONARY;
    const before = new Sum();
    const within = new Sum();
    const weighted = new Sum();
    let power: f64 = 1.0;
    for (let u = 1; u <= blocks && power > NEGLIGIBLE; u++) {
        const term = logs[u] * power;
        if (u <= DICTIONARY) {
            before.add(term);
        } else {
            within.add(term);
            weighted.add(<f64>(blocks - u) * term);
        }
        power *= 1.0 - z;
    }
    weighted.add(<f64>tested * before.value);
    return (z * (z * weighted.value + within.value)) / <f64>tested;
}

/** The right side of step 7: one block of probability p, all others alike. */
function meanFor(p: f64): f64 {
    const q = (1.0 - p) / <f64>(VALUES - 1);
    return expectation(p) + <f64>(VALUES - 1) * expectation(q);
}

/** The compression estimate for bits, SP 800-90B section 6.3.4. */
export function compression(bits: StaticArray<u8>): f64 {
    blocks = bits.length / BLOCK;
    if (blocks <= DICTIONARY + 1) return NOT_APPLICABLE;
    logs = new StaticArray<f64>(blocks + 1);
    for (let i = 1; i <= blocks; i++) logs[i] = Math.log2(<f64>i);

    const lastSeen = new StaticArray<i32>(VALUES);
    const sum = new Sum();
    const squares = new Sum();
    for (let i = 0; i < blocks; i++) {
        const block = blockAt(bits, i);
        if (i >= DICTIONARY) {
            const log = logs[i + 1 - lastSeen[block]];
            sum.add(log);
            squares.add(log * log);
        }
        lastSeen[block] = i + 1;
    }
    const tested = <f64>(blocks - DICTIONARY);
    const mean = sum.value / tested;
    const deviation = 0.5907 * Math.sqrt(squares.value / (tested - 1.0) - mean * mean);
    const lower = mean - (Z_ALPHA * deviation) / Math.sqrt(tested);
    const least = 1.0 / <f64>VALUES;
    const p = meanFor(least) > lower ? solveFalling(meanFor, lower, least, 1.0, least) : least;
    logs = new StaticArray<f64>(0);
    return p > least ? -Math.log2(p) / <f64>BLOCK : 1.0;
}
