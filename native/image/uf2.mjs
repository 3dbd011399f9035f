// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** UF2 files, which a boot drive takes: github.com/microsoft/uf2, "File format". */

const MAGIC = [0x0a324655, 0x9e5d5157, 0x0ab16f30];
const FAMILY_ID_PRESENT = 0x2000;
const PAYLOAD = 256;
const BLOCK = 512;

/**
 * @param {Uint8Array} data
 * @param {number} address of its first byte; a multiple of 256
 * @param {number} family
 */
export function makeUf2(data, address, family) {
    const count = Math.ceil(data.length / PAYLOAD);
    const file = Buffer.alloc(count * BLOCK);
    for (let i = 0; i < count; i += 1) {
        const block = file.subarray(i * BLOCK, (i + 1) * BLOCK);
        const head = [MAGIC[0], MAGIC[1], FAMILY_ID_PRESENT, address + i * PAYLOAD, PAYLOAD, i, count, family];
        head.forEach((word, at) => block.writeUInt32LE(word ?? 0, at * 4));
        block.set(data.subarray(i * PAYLOAD, (i + 1) * PAYLOAD), 32);
        block.writeUInt32LE(MAGIC[2] ?? 0, BLOCK - 4);
    }
    return file;
}
