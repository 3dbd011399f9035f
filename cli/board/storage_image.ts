// SPDX-License-Identifier: Apache-2.0
/**
 * Espruino's Storage as bytes of flash, in the format of its src/jsflash.c: files one after the other,
 * each with a header of 32 bytes (size, name filled up with zeros) and filled up to four bytes; 0xFF
 * after the last one.
 *
 * @module
 */
import { makeError } from "../../modules/errors.ts";

const HEADER = 32;
const ALIGNMENT = 4;

/** Bytes of a name. */
const NAME = 28;

/** A file: its name of at most 28 ASCII characters, and at least one byte. */
export type StoredFile = [name: string, data: Uint8Array];

/**
 * The bytes of a Storage of a size that holds these files and no others.
 *
 * @throws TlsError `ETLS_BOARD` when they do not fit into it
 */
export const storageImage = function (files: readonly StoredFile[], size: number): Uint8Array {
    const flash = Buffer.alloc(size, 0xff);
    let at = 0;
    for (const [name, data] of files) {
        if (!/^[!-~]{1,28}$/.test(name) || data.length === 0) throw new RangeError(`${name} is no file for Storage`);
        const end = at + HEADER + Math.ceil(data.length / ALIGNMENT) * ALIGNMENT;
        if (end + HEADER > size) {
            throw makeError("ETLS_BOARD", `Storage has ${size} bytes, and with ${name} more would be in it; give fewer --ca`);
        }
        flash.writeUInt32LE(data.length, at);
        flash.fill(0, at + HEADER - NAME, at + HEADER);
        flash.write(name, at + HEADER - NAME, "latin1");
        flash.set(data, at + HEADER);
        at = end;
    }
    return flash;
};
