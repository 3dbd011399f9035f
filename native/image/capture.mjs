// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the programs that give raw samples (capture.c): dist/images/capture-CHIP-SOURCE.bin for each noise
 * source of each chip. build.mjs calls it; what these programs do is in none of its images.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { compile, digest, isFresh, objectOf, texts } from "../build/objects.mjs";
import { warnings } from "../sources.mjs";
import { Elf } from "./elf.mjs";
import { PLACE_INDEPENDENT } from "./link.mjs";

/** Bytes of a program at most: it has to fit into one line to a board. */
const MOST = 1024;

/** @param {string} root */
const flagsFor = (root) => [
    `-I${path.join(root, "native/include")}`, "-isystem", path.join(root, "native/image/libc"),
    "-Oz", "-ffreestanding", "-flto",
    "-fropi", "-frwpi", // wherever it lies
    "-mno-movt",
    "-ffunction-sections", "-fdata-sections",
];

/**
 * @typedef {object} Tools
 * @property {string} root of the repository
 * @property {string} build folder for what is made on the way
 * @property {string} out folder for programs
 * @property {string} version of the compiler
 * @property {(...flags: string[]) => Promise<string>} clang
 * @property {(...flags: string[]) => Promise<string>} lld
 */

/**
 * The bytes of a program, which run wherever they lie.
 *
 * @param {Elf} elf
 * @throws Error when they would not, or need static data
 */
function makeProgram(elf) {
    const { data } = elf.section(".image");
    for (const { address, type, symbol } of elf.relocations(".image")) {
        if (!PLACE_INDEPENDENT.has(type)) {
            throw new Error(`the word at ${address.toString(16)} (${symbol.name}) holds an address: relocation of type ${type}`);
        }
    }
    if (elf.sections.some(({ name }) => name === ".writable")) throw new Error("a program of capture.c cannot have static data");
    if (elf.symbol("etls_capture").value !== 1) throw new Error("etls_capture() is not the first byte");
    if (data.length > MOST) throw new Error(`${data.length} bytes are more than ${MOST}`);
    return data;
}

/**
 * Builds the program of one source, unless no input has changed.
 *
 * @param {Tools} tools
 * @param {import("./boards.mjs").Chip} chip
 * @param {string} name of the source
 * @returns {Promise<{ file: string, size: number } | undefined>} what was built
 */
export async function buildCapture({ root, build, out, version, clang, lld }, chip, name) {
    const objects = path.join(build, `objects-capture-${chip.name}-${name}`);
    const file = path.join(out, `capture-${chip.name}-${name}.bin`);
    const port = path.join(root, "native/ports", chip.name);
    const inputs = await texts(root, [
        ["native/image", /^(capture|boards|elf|link)\./], ["native/build", /\.mjs$/], ["native/include", /\.h$/],
        [`native/ports/${chip.name}`, /\.[ch]$/],
    ]);
    const flags = [...flagsFor(root), ...chip.flags, ...warnings, `-DETLS_CAPTURE_SOURCE=${chip.noise.indexOf(name)}u`];
    const stamp = digest(version, inputs, flags);
    if (existsSync(file) && (await isFresh(path.join(objects, "stamp"), stamp))) return undefined;

    await mkdir(objects, { recursive: true });
    const sources = (await readdir(port)).filter((one) => one.endsWith(".c")).sort();
    const files = [path.join(root, "native/image/capture.c"), ...sources.map((one) => path.join(port, one))];
    await compile({ compiler: clang, objects, files, flags, inputs: stamp, label: `capture ${chip.name}-${name}` });
    const elf = path.join(objects, "capture.elf");
    await lld(
        "--gc-sections", "--emit-relocs", "--fatal-warnings", "--lto-O2", "-mllvm", "-relocation-model=ropi-rwpi",
        "-T", path.join(root, "native/image/capture.ld"), "-o", elf, ...files.map((one) => objectOf(objects, one)),
    );
    const program = makeProgram(new Elf(await readFile(elf)));
    await writeFile(file, program);
    await writeFile(path.join(objects, "stamp"), stamp);
    return { file, size: program.length };
}
