// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** From a linked ELF file to an image: its bytes, its table of relocations, its header. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { fieldOffset } from "../tools/image_header.mjs";
import { SHN_ABS } from "./elf.mjs";

/** @typedef {import("./elf.mjs").Elf} Elf */

/** Relocation types: "ELF for the Arm Architecture" (IHI 0044), section 4.6.1. */
const R_ARM_ABS32 = 2;
/** Those that do not care where the image is: relative to the place itself or to the static base. */
export const PLACE_INDEPENDENT = new Set([
    3, // R_ARM_REL32
    9, // R_ARM_SBREL32
    10, // R_ARM_THM_CALL
    30, // R_ARM_THM_JUMP24
    40, // R_ARM_V4BX
    42, // R_ARM_PREL31
    102, // R_ARM_THM_JUMP11
    51, // R_ARM_THM_JUMP19
    5, // R_ARM_THM_ABS5: an offset
    11, // R_ARM_THM_PC8
]);

/**
 * Whether an instruction that names r9 only reads it: as the base of a load or store that does not
 * change its base, as what is stored or compared, or as a source of mov, add and sub.
 *
 * @param {string} code
 */
function onlyReads(code) {
    const [, name = "", operands = ""] = /^(\w+)(?:\.[wn])?\s+(.*)$/.exec(code) ?? [];
    if (/\br9\]!|\[r9\],|\[r9[^\]]*\]!/.test(operands)) return false;
    if (/^(?:str|cmp|cmn|tst)/.test(name)) return true;
    if (/^ldr/.test(name)) return !/\br9\b/.test(operands.split("[")[0] ?? "");
    return /^(?:mov|add|sub)/.test(name) && !operands.startsWith("r9");
}

/** How the disassembly shows data among code: bytes in hexadecimal and as text, in which "sb" may stand. */
const DATA = /^(?:[0-9a-f]{2} )+/;

/**
 * Proves that nothing but the entries' common part writes the base of the static data.
 *
 * @param {string} disassembly
 * @throws Error that names the instruction
 */
export function checkStaticBase(disassembly) {
    let name = "";
    let seen = 0;
    for (const line of disassembly.split("\n")) {
        const label = /^[0-9a-f]+ <(.+)>:$/.exec(line);
        if (label) name = label[1] ?? "";
        const code = /^\s*[0-9a-f]+:\s+(.*\S)/.exec(line)?.[1]?.replace(/\bsb\b/g, "r9") ?? "";
        if (code === "<unknown>") throw new Error(`an instruction in ${name} was not understood`);
        if (DATA.test(code) || !/\br9\b/.test(code) || onlyReads(code)) continue;
        if (name !== "call") throw new Error(`${name} writes the static base: ${code.replace(/\s+/g, " ")}`);
        seen += 1;
    }
    if (seen === 0) throw new Error("the static base is never set: the disassembly was not understood");
}

/**
 * Offsets of the words to be moved with the image, ascending.
 *
 * @param {Elf} elf @param {number} address @param {number} length
 */
function findRelocations(elf, address, length) {
    const offsets = new Set();
    for (const { address: place, type, symbol } of elf.relocations(".image")) {
        if (PLACE_INDEPENDENT.has(type) || (type === R_ARM_ABS32 && symbol.section === SHN_ABS)) continue;
        if (type !== R_ARM_ABS32) throw new Error(`relocation of type ${type} at ${place.toString(16)} (${symbol.name}) cannot be moved`);
        if (symbol.value < address || symbol.value > address + length) {
            throw new Error(`${symbol.name} at ${symbol.value.toString(16)} is used by its address, but lies outside of the image`);
        }
        if ((place - address) % 4 !== 0) throw new Error(`the address at ${place.toString(16)} is not aligned`);
        offsets.add(place - address);
    }
    return [...offsets].sort((a, b) => a - b);
}

/** Distances between relocated words, in words, each as LEB128. @param {number[]} offsets */
function encodeRelocations(offsets) {
    const bytes = [];
    let last = 0;
    for (const offset of offsets) {
        let distance = (offset - last) / 4;
        last = offset;
        for (; distance > 127; distance >>>= 7) bytes.push((distance & 127) | 128);
        bytes.push(distance);
    }
    return Buffer.from(bytes);
}

/**
 * Makes the image of an ELF file that was linked at `address`.
 *
 * @param {Elf} elf @param {number} address
 */
export function makeImage(elf, address) {
    const code = elf.section(".image").data;
    const initial = elf.section(".statics").data;
    const start = elf.symbol("etls_statics_initial").value - address;
    if (start !== code.length) throw new Error("the initial values do not follow the code");
    const offsets = findRelocations(elf, address, code.length);
    const table = encodeRelocations(offsets);
    const relocations = code.length + initial.length;
    const size = (relocations + table.length + 3) & ~3;
    const image = Buffer.alloc(size); // a padding of zeros ends the table: no distance is 0 …
    image.set(code);
    image.set(initial, code.length);
    image.set(table, relocations);
    image.writeUInt32LE(size, fieldOffset("size"));
    image.writeUInt32LE(address, fieldOffset("address"));
    image.writeUInt32LE(relocations, fieldOffset("relocations"));
    image.writeUInt32LE(elf.symbol("etls_statics_size").value, fieldOffset("statics"));
    image.writeUInt32LE(idOf(image, offsets, address), fieldOffset("build"));
    image.writeUInt32LE(crc32(image), fieldOffset("crc"));
    return image;
}

/** What the image would be at address 0, as a short hash. @param {Buffer} image @param {number[]} offsets @param {number} address */
function idOf(image, offsets, address) {
    const plain = Buffer.from(image);
    for (const offset of [...offsets, fieldOffset("address")]) {
        plain.writeUInt32LE((plain.readUInt32LE(offset) - address) >>> 0, offset);
    }
    return createHash("sha256").update(plain).digest().readUInt32LE(0);
}
