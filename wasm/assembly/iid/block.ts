// SPDX-License-Identifier: Apache-2.0
/** One block of bzip2's output, for {@link compressedSize}. */
import { suffixArray } from "../suffix_array";
import { Codes } from "./huffman";

/** Symbols of a run of zeros, in the bijective binary system. */
const RUN_A: u16 = 0;
const RUN_B: u16 = 1;

/** Where the least rotation of a block begins, and the length after which it repeats. */
class LeastRotation {
    readonly start: i32;
    readonly period: i32;

    constructor(text: StaticArray<u8>, length: i32) {
        let a = 0;
        let b = 1;
        let same = 0;
        while (a < length && b < length && same < length) {
            const x = text[(a + same) % length];
            const y = text[(b + same) % length];
            if (x == y) {
                same += 1;
                continue;
            }
            if (x > y) a += same + 1;
            else b += same + 1;
            if (a == b) b += 1;
            same = 0;
        }
        this.start = min(a, b);
        this.period = same == length && length > 1 ? abs(a - b) : length;
    }
}

/**
 * The last letters of all rotations of a block, these being sorted (M. Burrows, D. J. Wheeler,
 * "A Block-sorting Lossless Data Compression Algorithm", 1994).
 *
 * The least rotation is a power of a Lyndon word, whose rotations sort as its suffixes do.
 */
function lastLetters(text: StaticArray<u8>, length: i32): StaticArray<u8> {
    const least = new LeastRotation(text, length);
    const period = least.period;
    const rotated = new StaticArray<u8>(period);
    for (let i = 0; i < period; i++) rotated[i] = text[(least.start + i) % length];
    const sorted = suffixArray<u8>(rotated, period, 256);
    const last = new StaticArray<u8>(length);
    const times = length / period;
    for (let i = 0, at = 0; i < period; i++) {
        const letter = rotated[sorted[i] > 0 ? sorted[i] - 1 : period - 1];
        for (let j = 0; j < times; j++) last[at++] = letter;
    }
    return last;
}

/** Letters as places in a list from which each moves to the front, zeros as runs. */
class Symbols {
    readonly list: StaticArray<u16>;
    count: i32 = 0;
    private zeros: i32 = 0;

    constructor(letters: StaticArray<u8>, used: StaticArray<bool>, different: i32) {
        this.list = new StaticArray<u16>(letters.length + 1);
        const order = new StaticArray<u8>(256);
        for (let letter = 0, at = 0; letter < 256; letter++) {
            if (used[letter]) order[at++] = <u8>letter;
        }
        for (let i = 0; i < letters.length; i++) {
            const letter = letters[i];
            let place = 0;
            while (order[place] != letter) place += 1;
            if (place == 0) {
                this.zeros += 1;
                continue;
            }
            for (let j = place; j > 0; j--) order[j] = order[j - 1];
            order[0] = letter;
            this.endRun();
            this.list[this.count++] = <u16>(place + 1);
        }
        this.endRun();
        this.list[this.count++] = <u16>(different + 1); // end of block
    }

    private endRun(): void {
        for (let left = this.zeros; left > 0; left = (left - 1) >>> 1) {
            this.list[this.count++] = left & 1 ? RUN_A : RUN_B;
        }
        this.zeros = 0;
    }
}

/** The bits of a block with so many letters in the output. */
export function blockSize(text: StaticArray<u8>, length: i32): i32 {
    const used = new StaticArray<bool>(256);
    for (let i = 0; i < length; i++) used[text[i]] = true;
    let different = 0;
    let ranges = 0;
    for (let range = 0; range < 256; range += 16) {
        const before = different;
        for (let letter = range; letter < range + 16; letter++) different += used[letter] ? 1 : 0;
        if (different > before) ranges += 1;
    }
    const symbols = new Symbols(lastLetters(text, length), used, different);
    const codes = new Codes(symbols.list, symbols.count, different + 2);
    const head = 48 + 32 + 1 + 24; // magic, CRC, not randomised, where the text begins
    return head + 16 + 16 * ranges + codes.size();
}
