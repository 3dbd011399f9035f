// SPDX-License-Identifier: Apache-2.0
/**
 * Espruino's `E.hwRand()` as a seed, for firmware whose core has no noise source of its own.
 *
 * A word of 32 bits is credited with a quarter of a bit. On the RP2040 it comes from pico_rand, which
 * takes one bit of the ring oscillator for it and spreads it; on the STM32 from 32 readings of the
 * voltage reference, folded into each other. What looks like 32 random bits is worth no more than
 * the noise that went in, and the folding hides how much that is.
 *
 * @module
 */

import { ENTRY_ENTROPY_ADD } from "./abi.gen.ts";
import { ERR_ENTROPY_FAILED } from "./errors.gen.ts";
import { failure } from "./errors.ts";
import type { Binding } from "./host.ts";

/** Words handed over at once, and how often: 2,048 words, 512 bits credited. */
const WORDS = 64;
const PIECES = 32;

/** Bits credited to `WORDS` words. */
const CREDIT = 16;

/**
 * Takes as many words as a first seed needs and hands them to the core.
 *
 * @param hwRand - `E.hwRand`
 * @throws TlsError `ETLS_ENTROPY_FAILED` when a word comes twice in a row, which is as unlikely as 2^-32
 */
export const addHwRand = function (binding: Binding, hwRand: () => number): void {
    let last: number | undefined;
    for (let piece = 0; piece < PIECES; piece += 1) {
        let data = "";
        for (let i = 0; i < WORDS; i += 1) {
            const word = hwRand();
            if (word === last) {
                const samples = piece * WORDS + i + 1;
                throw failure(ERR_ENTROPY_FAILED, { source: "E.hwRand", test: "repetition count", samples });
            }
            last = word;
            data += String.fromCharCode(word & 255, (word >> 8) & 255, (word >> 16) & 255, (word >> 24) & 255);
        }
        const address = binding.put(data, 0, data.length);
        const error = binding.call(ENTRY_ENTROPY_ADD, address, data.length, CREDIT);
        binding.wipe(data.length);
        if (error < 0) throw failure(error, {});
    }
};
