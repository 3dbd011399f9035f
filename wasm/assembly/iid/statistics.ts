// SPDX-License-Identifier: Apache-2.0
/** The statistics of SP 800-90B section 5.1, in its order, each lag being one of its own. */
import { alphabet, valueOf } from "../data";
import { compressedSize } from "./compressed_size";
import { Runs } from "./runs";

/** How many statistics. */
export const STATISTICS = 19;

const LAGS: StaticArray<i32> = [1, 2, 8, 16, 32];

/** The mean of the values, which no permutation changes. */
let mean: f64 = 0.0;
/** The median of the symbols; 0.5 for two (sections 5.1.5 and 5.1.6). */
let median: f64 = 0.0;

/** Finds mean and median. */
export function prepareStatistics(symbols: StaticArray<u8>): void {
    const counts = new StaticArray<i32>(256);
    let sum: u64 = 0;
    for (let i = 0; i < symbols.length; i++) {
        counts[symbols[i]] += 1;
        sum += valueOf[symbols[i]];
    }
    mean = <f64>sum / <f64>symbols.length;
    const middle = symbols.length >>> 1;
    const upper = nth(counts, middle);
    const lower = symbols.length & 1 ? upper : nth(counts, middle - 1);
    median = alphabet == 2 ? 0.5 : <f64>(upper + lower) / 2.0;
}

/** The symbol at a place of the sorted symbols. */
function nth(counts: StaticArray<i32>, place: i32): i32 {
    let symbol = 0;
    for (let passed = counts[0]; passed <= place; passed += counts[symbol]) symbol += 1;
    return symbol;
}

/** Section 5.1.1: how far the running sum gets from the one expected. */
function excursion(symbols: StaticArray<u8>): f64 {
    let farthest: f64 = 0.0;
    let sum: f64 = 0.0;
    for (let i = 0; i < symbols.length; i++) {
        sum += <f64>valueOf[symbols[i]];
        farthest = Math.max(farthest, Math.abs(sum - <f64>(i + 1) * mean));
    }
    return farthest;
}

/** Conversion I of section 5.1: the ones among each eight bits. */
function onesOfEight(bits: StaticArray<u8>): StaticArray<u8> {
    const sums = new StaticArray<u8>((bits.length + 7) >>> 3);
    for (let i = 0; i < bits.length; i++) sums[i >>> 3] += bits[i];
    return sums;
}

/** Conversion II: each eight bits as a number. */
function bytesOfEight(bits: StaticArray<u8>): StaticArray<u8> {
    const bytes = new StaticArray<u8>((bits.length + 7) >>> 3);
    for (let i = 0; i < bits.length; i++) bytes[i >>> 3] |= bits[i] << <u8>(7 - (i & 7));
    return bytes;
}

/** Sections 5.1.7 and 5.1.8: values until one comes for the second time; mean and most. */
function collisions(data: StaticArray<u8>, results: StaticArray<f64>, at: i32): void {
    const seenIn = new StaticArray<i32>(256);
    let round = 1;
    let start = 0;
    let longest = 0;
    for (let i = 0; i < data.length; i++) {
        if (seenIn[data[i]] != round) {
            seenIn[data[i]] = round;
            continue;
        }
        longest = max(longest, i + 1 - start);
        start = i + 1;
        round += 1;
    }
    results[at] = <f64>start / <f64>(round - 1);
    results[at + 1] = <f64>longest;
}

/** Section 5.1.9: values that come again after a lag. */
function periodicity(data: StaticArray<u8>, lag: i32): f64 {
    let count = 0;
    for (let i = lag; i < data.length; i++) count += i32(data[i] == data[i - lag]);
    return <f64>count;
}

/** Section 5.1.10: the sum of the products of values a lag apart. */
function covariance(data: StaticArray<u8>, values: StaticArray<u8>, lag: i32): f64 {
    let sum: i64 = 0;
    for (let i = lag; i < data.length; i++) {
        sum += <i64>(<i32>values[data[i]] * <i32>values[data[i - lag]]);
    }
    return <f64>sum;
}

const IDENTITY: StaticArray<u8> = new StaticArray<u8>(256);
for (let value = 0; value < 256; value++) IDENTITY[value] = <u8>value;

/**
 * The statistics of samples in some order. With two values those that say so in section 5.1 are
 * of the converted data.
 *
 * @param wanted - which ones; the others are left as they are
 */
export function calculate(
    symbols: StaticArray<u8>, wanted: StaticArray<bool>, results: StaticArray<f64>,
): void {
    const binary = alphabet == 2;
    const sums = binary ? onesOfEight(symbols) : symbols;
    if (wanted[0]) results[0] = excursion(symbols);
    if (wanted[1] || wanted[2] || wanted[3]) {
        const steps = Runs.ofSteps(sums);
        results[1] = <f64>steps.count;
        results[2] = <f64>steps.longest;
        results[3] = <f64>steps.majority;
    }
    if (wanted[4] || wanted[5]) {
        const halves = Runs.ofHalves(symbols, median);
        results[4] = <f64>halves.count;
        results[5] = <f64>halves.longest;
    }
    if (wanted[6] || wanted[7]) collisions(binary ? bytesOfEight(symbols) : symbols, results, 6);
    const values = binary ? IDENTITY : valueOf;
    for (let i = 0; i < LAGS.length; i++) {
        if (wanted[8 + i]) results[8 + i] = periodicity(sums, LAGS[i]);
        if (wanted[13 + i]) results[13 + i] = covariance(sums, values, LAGS[i]);
    }
    if (wanted[18]) results[18] = <f64>compressedSize(symbols, valueOf);
}
