// SPDX-License-Identifier: Apache-2.0
/** The chi-square tests of SP 800-90B section 5.2. */
import { Bins, countsOf, share } from "./bins";
import { chiSquareTail } from "./gamma";

/** The longest tuple of bits. */
const LONGEST = 11;
const LEAST: f64 = 5.0;
/** Parts whose distributions are compared. */
const PARTS = 10;

/** What a test found. */
export class ChiSquare {
    readonly score: f64;
    readonly degrees: f64;
    /** The chance of so high a score, were the samples independent and identically distributed. */
    readonly p: f64;

    constructor(score: f64, degrees: f64) {
        this.score = score;
        this.degrees = degrees;
        this.p = chiSquareTail(score, degrees);
    }
}

/** Independence, sections 5.2.1 and 5.2.3. */
export function independence(symbols: StaticArray<u8>, alphabet: i32): ChiSquare {
    return alphabet == 2 ? independenceOfBits(symbols) : independenceOfPairs(symbols, alphabet);
}

/** Goodness of fit, sections 5.2.2 and 5.2.4. */
export function goodnessOfFit(symbols: StaticArray<u8>, alphabet: i32): ChiSquare {
    return alphabet == 2 ? fitOfBits(symbols) : fitOfSymbols(symbols, alphabet);
}

/** Pairs of neighbours against what the single values make expect. */
function independenceOfPairs(symbols: StaticArray<u8>, alphabet: i32): ChiSquare {
    const counts = countsOf(symbols, alphabet);
    const pairs = <f64>(symbols.length >>> 1);
    const expectations = new StaticArray<f64>(alphabet * alphabet);
    for (let i = 0; i < alphabet; i++) {
        const first = share(counts[i], symbols.length);
        for (let j = 0; j < alphabet; j++) {
            expectations[i * alphabet + j] = first * share(counts[j], symbols.length) * pairs;
        }
    }
    const bins = new Bins(expectations);
    for (let i = 1; i < symbols.length; i += 2) {
        bins.observe(<i32>symbols[i - 1] * alphabet + symbols[i]);
    }
    return new ChiSquare(bins.score(), <f64>(bins.size - alphabet));
}

/** Values in ten parts of the samples against those of all. */
function fitOfSymbols(symbols: StaticArray<u8>, alphabet: i32): ChiSquare {
    const counts = countsOf(symbols, alphabet);
    const size = symbols.length / PARTS;
    const expectations = new StaticArray<f64>(alphabet);
    for (let i = 0; i < alphabet; i++) {
        expectations[i] = share(counts[i], symbols.length) * <f64>size;
    }
    const bins = new Bins(expectations);
    let score: f64 = 0.0;
    for (let part = 0; part < PARTS; part++) {
        for (let i = part * size; i < (part + 1) * size; i++) bins.observe(symbols[i]);
        score += bins.score();
    }
    return new ChiSquare(score, <f64>((PARTS - 1) * (bins.size - 1)));
}

function onesOf(bits: StaticArray<u8>, from: i32, to: i32): i32 {
    let ones = 0;
    for (let i = from; i < to; i++) ones += bits[i];
    return ones;
}

/** Tuples as long as the rarest one is expected five times. */
function independenceOfBits(bits: StaticArray<u8>): ChiSquare {
    const p1 = <f64>onesOf(bits, 0, bits.length) / <f64>bits.length;
    const p0 = 1.0 - p1;
    const rarer = Math.min(p0, p1);
    let size = LONGEST;
    while (size > 1 && Math.pow(rarer, <f64>size) * <f64>(bits.length / size) < LEAST) size -= 1;
    if (size < 2) return new ChiSquare(0.0, 0.0);
    const tuples = bits.length / size;
    const observed = new StaticArray<i32>(1 << size);
    for (let i = 0; i < tuples; i++) {
        let tuple = 0;
        for (let j = i * size; j < (i + 1) * size; j++) tuple = (tuple << 1) | bits[j];
        observed[tuple] += 1;
    }
    let score: f64 = 0.0;
    for (let tuple = 0; tuple < observed.length; tuple++) {
        const ones = <f64>popcnt(tuple);
        const chance = Math.pow(p1, ones) * Math.pow(p0, <f64>size - ones);
        const expected = chance * <f64>tuples;
        score += ((<f64>observed[tuple] - expected) * (<f64>observed[tuple] - expected)) / expected;
    }
    return new ChiSquare(score, <f64>(observed.length - 2));
}

/** Ones in ten parts of the bits against those of all. */
function fitOfBits(bits: StaticArray<u8>): ChiSquare {
    const size = bits.length / PARTS;
    const p1 = <f64>onesOf(bits, 0, bits.length) / <f64>bits.length;
    const zeros = (1.0 - p1) * <f64>size;
    const ones = p1 * <f64>size;
    let score: f64 = 0.0;
    for (let part = 0; part < PARTS; part++) {
        const found = <f64>onesOf(bits, part * size, (part + 1) * size);
        const missing = <f64>size - found;
        score += ((missing - zeros) * (missing - zeros)) / zeros;
        score += ((found - ones) * (found - ones)) / ones;
    }
    return new ChiSquare(score, <f64>(PARTS - 1));
}
