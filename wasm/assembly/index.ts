// SPDX-License-Identifier: Apache-2.0
/**
 * The entropy estimators of NIST SP 800-90B, January 2018, as WebAssembly.
 *
 * The host reserves memory, copies the samples there, has them prepared, and asks for estimates
 * one after the other: `wasm/entropy.ts` shows how.
 */
import { collision } from "./collision";
import { compression } from "./compression";
import { alphabet, bits, derive, reserve, symbols } from "./data";
import { lag } from "./lag";
import { ChiSquare, goodnessOfFit, independence } from "./iid/chi_square";
import { begin, countOf, originalStatistic, permuteOnce } from "./iid/permutation";
import { seed } from "./iid/random";
import { testRepeats } from "./iid/repeats_test";
import { longestRepeatedSubstring } from "./repeated_substring";
import { lz78y } from "./lz78y";
import { markov } from "./markov";
import { mostCommon } from "./most_common";
import { multiMarkovModel } from "./multi_mmc";
import { multiMostCommonInWindow } from "./multi_mcw";
import { NOT_APPLICABLE } from "./numeric";
import { forgetRepeats, repeatsOf } from "./repeats";
import { tTuple } from "./t_tuple";

/** Makes room for `length` samples and returns its address. */
export function allocate(length: i32): usize {
    forgetRepeats();
    return reserve(length);
}

/** Prepares the samples; returns the index of the first one that has more than `width` bits, or -1. */
export function prepare(width: i32): i32 {
    return derive(width);
}

/** How many different values the samples have. */
export function alphabetSize(): i32 {
    return alphabet;
}

/**
 * One estimate of min-entropy.
 *
 * @param section - of SP 800-90B: 1 for 6.3.1 up to 10 for 6.3.10
 * @param ofBits - of the string of bits instead of the samples
 * @returns bits per sample or per bit, NaN when the data are too few or of the wrong kind for it
 */
export function estimate(section: i32, ofBits: bool): f64 {
    const data = ofBits ? bits : symbols;
    const values = ofBits ? 2 : alphabet;
    if (values > 2 && section >= 2 && section <= 4) return NOT_APPLICABLE;
    switch (section) {
        case 1: return mostCommon(data);
        case 2: return collision(data);
        case 3: return markov(data);
        case 4: return compression(data);
        case 5: return tTuple(repeatsOf(data, values), data.length);
        case 6: return longestRepeatedSubstring(repeatsOf(data, values), data.length);
        case 7: return multiMostCommonInWindow(data, values);
        case 8: return lag(data, values);
        case 9: return multiMarkovModel(data, values);
        case 10: return lz78y(data, values);
        default: return NOT_APPLICABLE;
    }
}

let chiSquare: ChiSquare = new ChiSquare(0.0, 0.0);

/**
 * The chi-square tests of section 5.2: of independence, or of goodness of fit. Returns the p-value;
 * below 0.001 the test is failed.
 */
export function testChiSquare(ofFit: bool): f64 {
    chiSquare = ofFit ? goodnessOfFit(symbols, alphabet) : independence(symbols, alphabet);
    return chiSquare.p;
}

/** The score T of the latest chi-square test. */
export function chiSquareScore(): f64 {
    return chiSquare.score;
}

/** The degrees of freedom of the latest chi-square test. */
export function chiSquareDegrees(): f64 {
    return chiSquare.degrees;
}

/** The test of section 5.2.5. Returns Pr(X ≥ 1); below 0.001 the test is failed. */
export function testLongestRepeat(): f64 {
    return testRepeats(symbols, alphabet, repeatsOf(symbols, alphabet)).p;
}

/** The length of the longest repeated substring of the samples. */
export function longestRepeat(): i32 {
    return repeatsOf(symbols, alphabet).longest;
}

/** The chance that two samples are equal, as the test of section 5.2.5 has it. */
export function collisionChance(): f64 {
    return testRepeats(symbols, alphabet, repeatsOf(symbols, alphabet)).collision;
}

/**
 * Begins the permutation tests of section 5.1 with the statistics of the samples as they are.
 *
 * @param start - decides all permutations
 */
export function beginPermutations(start: u64): void {
    seed(start);
    begin(symbols);
}

/** A statistic (0 to 18) of the samples as they are. */
export function statistic(index: i32): f64 {
    return originalStatistic(index);
}

/** Permutes so many times, or until all is decided. Returns how many statistics are undecided. */
export function permute(times: i32): i32 {
    let open = 1;
    for (let i = 0; i < times && open > 0; i++) open = permuteOnce();
    return open;
}

/** How many permutations had a higher (0), the same (1) or a lower (2) value of a statistic. */
export function rank(index: i32, side: i32): i32 {
    return countOf(index, side);
}

/** Frees what no estimate needs any more. Between calls only. */
export function collect(): void {
    forgetRepeats();
    __collect();
}
