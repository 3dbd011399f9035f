// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Reads what build.mjs needs of a 32-bit little-endian ELF file: "Tool Interface Standard, ELF 1.2". */

/**
 * @typedef {{ name: string, type: number, address: number, data: Buffer, link: number, info: number }} Section
 * @typedef {{ name: string, value: number, size: number, type: number, section: number }} Symbol
 * @typedef {{ address: number, type: number, symbol: Symbol }} Relocation
 */

const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHT_REL = 9;

/** Section indices that are none. */
export const SHN_UNDEF = 0;
export const SHN_ABS = 0xfff1;

/** Symbol types. */
export const STT_OBJECT = 1;
export const STT_FUNC = 2;

/** A file's parts. */
export class Elf {
    /** @param {Buffer} file */
    constructor(file) {
        if (file.toString("latin1", 0, 6) !== "\x7fELF\x01\x01") throw new Error("no 32-bit little-endian ELF file");
        const [at, size, count, names] = [file.readUInt32LE(32), file.readUInt16LE(46), file.readUInt16LE(48), file.readUInt16LE(50)];
        const word = (/** @type {number} */ index, /** @type {number} */ field) => file.readUInt32LE(at + index * size + field * 4);
        const bytes = (/** @type {number} */ index) =>
            word(index, 1) === SHT_NOBITS
                ? Buffer.alloc(0)
                : file.subarray(word(index, 4), word(index, 4) + word(index, 5));
        const strings = bytes(names);
        /** @type {Section[]} */
        this.sections = Array.from({ length: count }, (_, i) => ({
            name: textAt(strings, word(i, 0)),
            type: word(i, 1),
            address: word(i, 3),
            data: bytes(i),
            link: word(i, 6),
            info: word(i, 7),
        }));
        this.symbols = this.readSymbols();
    }

    /** @param {string} name */
    section(name) {
        const found = this.sections.find((section) => section.name === name);
        if (!found) throw new Error(`the ELF file has no section ${name}`);
        return found;
    }

    /** @param {string} name */
    symbol(name) {
        const found = this.symbols.find((symbol) => symbol.name === name);
        if (!found) throw new Error(`the ELF file has no symbol ${name}`);
        return found;
    }

    /** The relocations that the linker kept (--emit-relocs) for a section. @param {string} name @returns {Relocation[]} */
    relocations(name) {
        const target = this.sections.indexOf(this.section(name));
        return this.sections
            .filter(({ type, info }) => type === SHT_REL && info === target)
            .flatMap(({ data }) =>
                Array.from({ length: data.length / 8 }, (_, i) => {
                    const info = data.readUInt32LE(i * 8 + 4);
                    const symbol = this.symbols[info >>> 8];
                    if (!symbol) throw new Error("a relocation names no symbol");
                    return { address: data.readUInt32LE(i * 8), type: info & 255, symbol };
                }),
            );
    }

    /** @returns {Symbol[]} */
    readSymbols() {
        const table = this.sections.find(({ type }) => type === SHT_SYMTAB);
        if (!table) throw new Error("the ELF file has no symbols");
        const names = this.sections[table.link]?.data ?? Buffer.alloc(0);
        return Array.from({ length: table.data.length / 16 }, (_, i) => ({
            name: textAt(names, table.data.readUInt32LE(i * 16)),
            value: table.data.readUInt32LE(i * 16 + 4),
            size: table.data.readUInt32LE(i * 16 + 8),
            type: table.data.readUInt8(i * 16 + 12) & 15,
            section: table.data.readUInt16LE(i * 16 + 14),
        }));
    }
}

/** @param {Buffer} strings @param {number} at */
function textAt(strings, at) {
    return strings.toString("latin1", at, strings.indexOf(0, at));
}
