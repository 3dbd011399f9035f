// SPDX-License-Identifier: Apache-2.0
import { blockSize } from "./block";

/** A block takes letters until it has so many: 5 × 100,000 less a reserve. */
const FULL = 5 * 100000 - 19;

const block = new StaticArray<u8>(FULL + 19);
let filled: i32 = 0;
let bits: i32 = 0;
let letter: i32 = -1;
let run: i32 = 0;

/**
 * Writes the pending letters to the block. bzip2 shortens runs of four and more here, which
 * decimal numbers of up to three digits never have.
 */
function endRun(): void {
    for (; run > 0; run--) block[filled++] = <u8>letter;
}

function put(next: i32): void {
    if (filled >= FULL) {
        bits += blockSize(block, filled);
        filled = 0;
    }
    if (next != letter) endRun();
    letter = next;
    run += 1;
}

/**
 * How many bytes `bzip2 -5` makes of the samples in decimal with spaces between them: the
 * compression statistic of SP 800-90B section 5.1.11. Only the length is found out, nothing is
 * written.
 *
 * @param values - the value behind each symbol
 */
export function compressedSize(symbols: StaticArray<u8>, values: StaticArray<u8>): i32 {
    filled = bits = run = 0;
    letter = -1;
    for (let i = 0; i < symbols.length; i++) {
        const value = <i32>values[symbols[i]];
        if (i > 0) put(0x20);
        if (value >= 100) put(0x30 + value / 100);
        if (value >= 10) put(0x30 + (value / 10) % 10);
        put(0x30 + value % 10);
    }
    endRun();
    if (filled > 0) bits += blockSize(block, filled);
    const ends = 32 + 48 + 32; // "BZh5", magic, CRC
    return (bits + ends + 7) >>> 3;
}
