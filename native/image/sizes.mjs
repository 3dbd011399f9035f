// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** What an image's bytes are spent on. */
import path from "node:path";
import { fieldOffset } from "../tools/image_header.mjs";
import { STT_FUNC, STT_OBJECT } from "./elf.mjs";

/**
 * @typedef {object} SizeReport
 * @property {number} flash bytes of the whole image
 * @property {number} statics bytes of static data in the arena
 * @property {number} relocations bytes of the table of relocations
 * @property {Record<string, number>} modules bytes by source file; `constants` are strings and what
 * else has no name
 * @property {[name: string, bytes: number][]} largest the twenty largest functions and tables
 */

/**
 * @param {import("./elf.mjs").Elf} elf
 * @param {Buffer} image
 * @param {string[]} objects
 * @param {(...flags: string[]) => Promise<string>} nm
 * @returns {Promise<SizeReport>}
 */
export async function reportSizes(elf, image, objects, nm) {
    const modules = await findModules(objects, nm);
    const code = elf.section(".image");
    /** @type {Map<number, import("./elf.mjs").Symbol>} one symbol for each address: folded functions share theirs */
    const placed = new Map();
    for (const symbol of elf.symbols) {
        const inside = symbol.value >= code.address && symbol.value < code.address + code.data.length;
        if (inside && symbol.size > 0 && (symbol.type === STT_FUNC || symbol.type === STT_OBJECT)) {
            placed.set(symbol.value & ~1, symbol);
        }
    }
    /** @type {Record<string, number>} */
    const sizes = {};
    let named = 0;
    for (const { name, size } of placed.values()) {
        const module = modules.get(name.replace(/\.\d+$|\.llvm\.\d+$/, "")) ?? "other";
        sizes[module] = (sizes[module] ?? 0) + size;
        named += size;
    }
    sizes["constants"] = code.data.length - named;
    const relocations = image.length - image.readUInt32LE(fieldOffset("relocations"));
    const largest = [...placed.values()].sort((a, b) => b.size - a.size).slice(0, 20);
    return {
        flash: image.length,
        statics: elf.symbol("etls_statics_size").value,
        relocations,
        modules: Object.fromEntries(Object.entries(sizes).sort(([, a], [, b]) => b - a)),
        largest: largest.map(({ name, size }) => [name, size]),
    };
}

/** Which source file a symbol is from: `mbedtls/ecp`, `etls/session`. @param {string[]} objects @param {(...flags: string[]) => Promise<string>} nm */
async function findModules(objects, nm) {
    const text = await nm("--defined-only", "--format=posix", "-A", ...objects);
    /** @type {Map<string, string>} */
    const modules = new Map();
    for (const line of text.split("\n")) {
        const match = /^(.*\.o): (\S+) /.exec(line);
        if (!match) continue;
        const [folder = "", ...file] = path.parse(match[1] ?? "").name.split("-");
        const owner = folder === "library" ? "mbedtls" : "etls";
        modules.set((match[2] ?? "").replace(/\.\d+$/, ""), `${owner}/${file.join("-")}`);
    }
    return modules;
}
