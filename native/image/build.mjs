// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the images for the boards: `node native/image/build.mjs [--choice NAME] [CHIP-PROFILE…]`, for
 * example `rp2040-full`, or `rp2040-rosc` for the program that gives raw samples of that source (capture.mjs);
 * all of them without arguments. With --choice one of choices.mjs, in build/choices/NAME.
 *
 * Each becomes dist/images/etls-CHIP-PROFILE.bin, and .json: sizes by module. docs/IMAGE.md has the format. Nothing is done when no input changed.
 */
import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { compile, digest, isFresh, objectOf, texts } from "../build/objects.mjs";
import { findLlvm } from "../build/llvm.mjs";
import { MBEDTLS } from "../setup/pins.mjs";
import { core, mbedtls, warnings } from "../sources.mjs";
import { CHIPS, PROFILES } from "./boards.mjs";
import { buildCapture } from "./capture.mjs";
import { CHOICES, SMALL_CHOICES } from "./choices.mjs";
import { Elf } from "./elf.mjs";
import { checkStaticBase, makeImage } from "./link.mjs";
import { reportSizes } from "./sizes.mjs";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const source = path.join(root, "build", MBEDTLS.folder);

const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { choice: { type: "string" } } });
const choice = [...CHOICES, ...SMALL_CHOICES].find(({ name }) => name === values.choice);
const own = choice === undefined ? "build" : `build/choices/${choice.name}`;
const out = path.join(root, choice === undefined ? "dist/images" : own);

/** @typedef {import("./boards.mjs").Chip} Chip */
/** @typedef {typeof PROFILES[number]} Profile */
/** @typedef {import("../build/llvm.mjs").Llvm} Llvm */

const COMMON = [
    '-DMBEDTLS_CONFIG_FILE="etls_mbedtls_config.h"',
    ...["native/include", "native/src", "native/config"].map((d) => `-I${path.join(root, d)}`),
    ...["native/image/libc"].flatMap((d) => ["-isystem", path.join(root, d)]),
    ...["include", "library"].flatMap((d) => ["-isystem", path.join(source, d)]),
    "-Oz", // size first
    "-DNDEBUG",
    "-nostdlibinc", // headers of native/image/libc and the compiler's own; not -ffreestanding, which forgets
    // what memcpy() and the like do
    "-fno-short-enums", // structs as in WebAssembly, so that the heap is the same to the byte
    "-frwpi", // static data relative to r9
    "-mno-movt", // addresses as whole words, which can be relocated
    "-ffunction-sections",
    "-fdata-sections",
    `-ffile-prefix-map=${root}=.`, // the same bytes wherever it is built
];

/** What comes after the configuration, when a choice asks for it. */
const USER_CONFIG = path.join(out, "etls_choice.h");
const USER_FLAGS = choice?.config === undefined ? [] : [`-DMBEDTLS_USER_CONFIG_FILE="${USER_CONFIG}"`];

/** The image's own files; they hold assembly and what the compiler calls by itself, so no LTO. */
const OWN = ["entries.c", "start.c", "libc.c", "rtabi.c"];

/** @param {string} tool */
const runner = (tool) => async (/** @type {string[]} */ ...flags) => {
    const { stdout } = await promisify(execFile)(tool, flags, { maxBuffer: 64 << 20 });
    return stdout;
};

/**
 * Compiles what changed; returns the objects.
 *
 * @param {Llvm} llvm @param {Chip} chip @param {Profile} profile @param {string} objects
 */
async function compileAll(llvm, chip, profile, objects) {
    const headers = await texts(root, [["native/include", /\.h$/], ["native/src", /\.h$/], ["native/image", /\.h$/]]);
    const config = await texts(root, [["native/config", /\.h$/], ["native/include", /budget\.h$/], ["native/image/libc", /\.h$/]]);
    const tools = digest(llvm.version, realpathSync(source));
    const special = choice?.plain ? {} : (chip.special ?? {});
    const sources = choice?.plain ? [] : (chip.sources ?? []);
    const ids = [`-DETLS_IMAGE_CHIP=${chip.id}`, `-DETLS_IMAGE_PROFILE=${profile.id}`];
    const flags = [...COMMON, ...USER_FLAGS, ...chip.flags, ...profile.flags];
    const job = { compiler: runner(llvm.clang), objects, label: `image ${chip.name}-${profile.name}` };
    const theirs = mbedtls.map((file) => path.join(source, "library", file));
    const port = path.join(root, "native/ports", chip.name);
    const ours = [
        ...core.map((file) => path.join(root, "native/src", file)),
        ...(await readdir(port)).filter((file) => file.endsWith(".c")).sort().map((file) => path.join(port, file)),
    ];
    const own = [...OWN, ...sources].map((file) => path.join(root, "native/image", file));
    const rest = { inputs: tools + config + headers };
    await compile({ ...job, files: theirs, flags: [...flags, "-w", "-flto"], inputs: tools + config, special });
    await compile({ ...job, files: ours, flags: [...flags, ...warnings, "-flto"], ...rest });
    await compile({ ...job, files: own, flags: [...flags, ...warnings, ...ids, "-fno-builtin"], ...rest });
    return [...own, ...ours, ...theirs].map((file) => objectOf(objects, file));
}

/** Links at an address. @param {Llvm} llvm @param {string[]} objects @param {string} elf @param {number} address */
async function link(llvm, objects, elf, address) {
    await runner(llvm.lld)(
        "--gc-sections", "--icf=all", "--emit-relocs", "--fatal-warnings", "--lto-O2",
        "-mllvm", "-relocation-model=rwpi", // LTO does not take it from the objects
        "-mllvm", "-inline-threshold=-15", // inlines only what gets smaller by it: 0.7 %
        "--lto-newpm-passes=lto<O2>,default<Oz>", // once more for size when all is one module: 0.4 %
        "-mllvm", "-tail-merge-size=1", "-mllvm", "-tail-dup-placement=0", "-mllvm", "-split-spill-mode=size", // 0.3 %
        "-T", path.join(root, "native/image/image.ld"), `--defsym=etls_address=${address}`,
        "-o", elf, ...objects,
    );
    return new Elf(await readFile(elf));
}

/** @param {Llvm} llvm @param {Chip} chip @param {Profile} profile */
async function build(llvm, chip, profile) {
    const name = `${chip.name}-${profile.name}`;
    const objects = path.join(root, own, `objects-${name}`);
    const file = path.join(out, `etls-${name}.bin`);
    const inputs = await texts(root, [
        ["native/image", /\.(c|h|ld|mjs)$/], ["native/build", /\.mjs$/], ["native/src", /\.[ch]$/], ["native/include", /\.h$/],
        ["native/config", /\.h$/], ["native/image/libc", /\.h$/], [`native/ports/${chip.name}`, /\.[ch]$/],
    ]);
    const stamp = digest(llvm.version, inputs, COMMON, choice, mbedtls, core, warnings, realpathSync(source));
    const stampFile = path.join(objects, "stamp");
    if (existsSync(file) && (await isFresh(stampFile, stamp))) return;

    const started = Date.now();
    await mkdir(objects, { recursive: true });
    const files = await compileAll(llvm, chip, profile, objects);
    const elfFile = path.join(objects, `etls-${name}.elf`);
    const elf = await link(llvm, files, elfFile, chip.address);
    const cpu = chip.flags.find((flag) => flag.startsWith("-mcpu="));
    const disassembly = await runner(llvm.objdump)("-d", "--no-show-raw-insn", `-${cpu}`, elfFile);
    checkStaticBase(disassembly);
    const image = makeImage(elf, chip.address);
    await writeFile(file, image);
    const report = await reportSizes(elf, image, files, runner(llvm.nm));
    await writeFile(file.replace(/bin$/, "json"), `${JSON.stringify(report, null, 4)}\n`);
    await writeFile(stampFile, stamp);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`image: built ${path.relative(root, file)}, ${image.length} bytes, in ${seconds} s`);
}

try {
    const llvm = await findLlvm();
    if (!llvm) throw new Error("there is no clang with ld.lld, llvm-objdump and llvm-nm of one version, 14 or newer");
    if (values.choice !== undefined && choice === undefined) throw new Error(`choices.mjs has no ${values.choice}`);
    await mkdir(out, { recursive: true });
    if (choice?.config !== undefined) await writeFile(USER_CONFIG, `${choice.config.join("\n")}\n`);
    for (const chip of CHIPS) {
        for (const profile of PROFILES) {
            const name = `${chip.name}-${profile.name}`;
            if (wanted.length === 0 ? !chip.asked : wanted.includes(name)) await build(llvm, chip, profile);
        }
        const tools = { root, build: path.join(root, "build"), out, version: llvm.version, clang: runner(llvm.clang), lld: runner(llvm.lld) };
        for (const name of chip.noise) {
            if (wanted.length > 0 && !wanted.includes(`${chip.name}-${name}`)) continue;
            const built = await buildCapture(tools, chip, name);
            if (built) console.log(`image: built ${path.relative(root, built.file)}, ${built.size} bytes`);
        }
    }
} catch (error) {
    const text = /** @type {{ stderr?: string }} */ (error).stderr || String(error);
    console.error(`image: the build failed:\n${text}`);
    process.exitCode = 1;
}
