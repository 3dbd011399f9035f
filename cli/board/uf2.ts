// SPDX-License-Identifier: Apache-2.0
/**
 * Files for the drive that a board with its button held is: UF2, github.com/microsoft/uf2, "File format".
 *
 * @module
 */

/** Bytes of flash that are erased at once. */
export const SECTOR = 4096;

const MAGIC_START = 0x0a324655;
const MAGIC_SECOND = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const FAMILY_ID_PRESENT = 0x2000;
const PAYLOAD = 256;
const BLOCK = 512;

/** What is to be in flash from an address on. */
export interface Segment {
    /** A multiple of {@link SECTOR}. */
    address: number;
    data: Uint8Array;
}

/**
 * Makes a UF2 file.
 *
 * Each sector is filled up with 0xFF and whole: the RP2040's boot ROM erases one sector for every 16
 * blocks by their number, not by their address (`_write_uf2_page` in its virtual_disk.c).
 *
 * @param family - of the chip
 * @throws RangeError for an address within a sector
 */
export const makeUf2 = function (segments: readonly Segment[], family: number): Uint8Array {
    const pages = segments.flatMap(({ address, data }) => {
        if (address % SECTOR !== 0) throw new RangeError(`0x${address.toString(16)} is within a sector`);
        const whole = Buffer.alloc(Math.ceil(data.length / SECTOR) * SECTOR, 0xff);
        whole.set(data);
        return Array.from({ length: whole.length / PAYLOAD }, (_, page) => ({
            address: address + page * PAYLOAD,
            payload: whole.subarray(page * PAYLOAD, (page + 1) * PAYLOAD),
        }));
    });
    const file = Buffer.alloc(pages.length * BLOCK);
    for (const [number, page] of pages.entries()) {
        const block = file.subarray(number * BLOCK, (number + 1) * BLOCK);
        const head = [MAGIC_START, MAGIC_SECOND, FAMILY_ID_PRESENT, page.address, PAYLOAD, number, pages.length, family];
        for (const [at, word] of head.entries()) block.writeUInt32LE(word, at * 4);
        block.set(page.payload, 32);
        block.writeUInt32LE(MAGIC_END, BLOCK - 4);
    }
    return file;
};

/** The sectors of flash that a UF2 file writes. @throws Error when it is none */
export const readUf2 = function (file: Buffer): Segment[] {
    const sectors: Map<number, Buffer> = new Map();
    for (let at = 0; at === 0 || at < file.length; at += BLOCK) {
        const word = (index: number): number => (at + BLOCK <= file.length ? file.readUInt32LE(at + index * 4) : 0);
        const [address, size] = [word(3), word(4)];
        if (word(0) !== MAGIC_START || word(1) !== MAGIC_SECOND || size !== PAYLOAD || address % PAYLOAD !== 0) {
            throw new Error("it is no UF2 file of blocks of 256 bytes");
        }
        const start = address - (address % SECTOR);
        const sector = sectors.get(start) ?? Buffer.alloc(SECTOR, 0xff);
        sector.set(file.subarray(at + 32, at + 32 + PAYLOAD), address - start);
        sectors.set(start, sector);
    }
    return [...sectors].map(([address, data]) => ({ address, data }));
};
