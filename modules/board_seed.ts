// SPDX-License-Identifier: Apache-2.0
/**
 * What the random generator of a board gets beside its noise, worth no bits: the chip's identity, and the seed
 * that the last start has left in Storage. A core without any source of noise gets the firmware's.
 *
 * @module
 */

import { ENTRY_ENTROPY_ADD } from "./abi.gen.ts";
import { entropyState, restoreSeed, SEED_SIZE } from "./entropy.ts";
import type { Binding } from "./host.ts";
import { addHwRand } from "./hw_rand.ts";

// On a board these functions are loaded for one call each: they may leave no function behind.

/** Seeds of the last starts, one behind the other after a mark: Storage makes a new file only when it is full. */
const FILE = "tls-seed";
const MARK = "etls";
const SEEDS = 32;

interface Storage {
    read(name: string): string | undefined;
    write(name: string, data: string, offset: number, size: number): boolean;
    erase(name: string): void;
    getFree(): number;
}

/** Hands these to the core, and leaves the next seed. @throws TlsError `ETLS_ENTROPY_FAILED` */
export const seedCore = function (binding: Binding): void {
    const storage = require("Storage") as Storage;
    const size = MARK.length + SEEDS * SEED_SIZE;
    const serial = "" + getSerial();
    binding.call(ENTRY_ENTROPY_ADD, binding.put(serial, 0, serial.length), serial.length, 0);
    if (entropyState(binding).sources.length === 0) addHwRand(binding, E.hwRand);
    const file = storage.read(FILE) || "";
    const empty = "".padEnd(SEED_SIZE, "\xff");
    let next = file ? MARK.length : size;
    while (next < size && file.substr(next, SEED_SIZE) !== empty) next += SEED_SIZE;
    restoreSeed(binding, {
        read: function () {
            return next > MARK.length ? file.substr(next - SEED_SIZE, SEED_SIZE) : "";
        },
        write: function (seed) {
            try {
                if (next === size) {
                    // A compaction would move the image, so there has to be room without.
                    if (storage.getFree() < size + 64) return;
                    storage.erase(FILE);
                    storage.write(FILE, MARK, 0, size);
                    next = MARK.length;
                }
                storage.write(FILE, seed, next, size);
            } catch {
                // Flash that cannot be written: the next start has its noise alone.
            }
        },
    });
};
