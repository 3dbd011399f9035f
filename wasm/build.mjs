// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the WebAssembly core: `node wasm/build.mjs [--sanitize]`.
 *
 * Objects go to build/, the result to dist/wasm/: etls.wasm (the raw module), etls-core.js
 * (Emscripten's loader) and etls-binary.js (the module again, in base64, so that Node and
 * browsers load it alike without a file system or fetch), with their types. Nothing is done when no
 * input changed.
 *
 * With --sanitize the result, checked by AddressSanitizer and UndefinedBehaviorSanitizer at run
 * time, goes to build/wasm-sanitize/.
 */
import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MBEDTLS } from "../native/setup/pins.mjs";
import { compile, digest, isFresh, objectOf, texts } from "../native/build/objects.mjs";
import { core, mbedtls, warnings } from "../native/sources.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sanitize = process.argv.includes("--sanitize");
const source = path.join(root, "build", MBEDTLS.folder);
const out = path.join(root, sanitize ? "build/wasm-sanitize" : "dist/wasm");
const objects = path.join(root, sanitize ? "build/objects-sanitize" : "build/objects-wasm");

const MB = 1024 * 1024;
/** Bytes beside the arena: static data, stack and, with sanitizers, their shadow and heap. */
const staticSize = sanitize ? 136 * MB : 192 * 1024;
/** The same as the linker counts it, which leaves out the shadow. */
const linkedSize = sanitize ? 96 * MB : staticSize;

/** Types of what is made here, for those who use the package. */
const TYPES = ["etls-binary.d.ts", "etls-core.d.ts"];

/** The port's files. */
const ports = ["entropy_host.c", "port.c"];

const SANITIZERS = "-fsanitize=undefined,address";
const INCOMING = ["wasmBinary", "wasmMemory", "onRuntimeInitialized", "onAbort", "print", "printErr"];

const compileFlags = [
    '-DMBEDTLS_CONFIG_FILE="etls_mbedtls_config.h"',
    ...["native/include", "native/src", "native/config"].map((d) => `-I${path.join(root, d)}`),
    ...["include", "library"].flatMap((d) => ["-isystem", path.join(source, d)]),
    ...(sanitize ? ["-O1", "-g", SANITIZERS] : ["-Os"]), // size first, as on the boards
    "-DNDEBUG",
    `-ffile-prefix-map=${root}=.`, // the same bytes wherever it is built
    "-ffunction-sections",
    "-fdata-sections",
];

const linkFlags = [
    "--no-entry",
    "-sMODULARIZE=1",
    "-sEXPORT_ES6=1",
    "-sEXPORT_NAME=createCore",
    "-sENVIRONMENT=web", // and nothing of it is used: wasm/loader.ts hands the binary over
    "-sFILESYSTEM=0",
    "-sIMPORTED_MEMORY=1", // wasm/memory.ts makes it, of a fixed size, each instance its own …
    "-sALLOW_MEMORY_GROWTH=1", // … which the module must allow: it only says "so much or more"
    `-sINITIAL_MEMORY=${linkedSize}`,
    `-sMAXIMUM_MEMORY=${staticSize + 64 * MB}`,
    "-sEXPORTED_RUNTIME_METHODS=[]",
    ...(sanitize
        ? ["-O1", SANITIZERS]
        : ["-Os", "-sMALLOC=none", "-sSTRICT=1", `-sINCOMING_MODULE_JS_API=[${INCOMING.join(",")}]`]),
    "--js-library",
    path.join(root, "wasm/port.js"),
];

/** Runs emcc. Debian's needs Debian's acorn, which a node of another origin does not find. */
const emcc = async (/** @type {string[]} */ ...flags) => {
    const nodePath = ["/usr/share/nodejs", process.env["NODE_PATH"]].filter(Boolean).join(":");
    // npm puts node_modules/.bin first, where AssemblyScript's Binaryen is: another one than emcc's.
    const folders = (process.env["PATH"] ?? "").split(path.delimiter);
    const PATH = folders.filter((folder) => !folder.endsWith("node_modules/.bin")).join(path.delimiter);
    const env = { ...process.env, PATH, NODE_PATH: nodePath };
    const { stdout } = await promisify(execFile)("emcc", flags, { env, maxBuffer: 64 * MB });
    return stdout;
};

/** @param {string} version of emcc: the stack's option was renamed in 3.1.27 */
async function link(/** @type {string[]} */ files, version) {
    const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
    const stack = major * 1e6 + minor * 1e3 + patch >= 3_001_027 ? "STACK_SIZE" : "TOTAL_STACK";
    const header = await readFile(path.join(root, "native/include/etls.h"), "utf8");
    const entries = [...header.matchAll(/^ {4}ENTRY\((\w+)\)/gm)].map((match) => `_etls_${match[1]}`);
    const exported = [...entries, "_etls_wasm_reserve"].join(",");
    const loader = path.join(out, "etls-core.js");
    await emcc(
        ...files.map((file) => objectOf(objects, file)), "-o", loader, ...linkFlags, `-s${stack}=65536`,
        `-sEXPORTED_FUNCTIONS=[${exported}]`,
    );
    const binary = await readFile(path.join(out, "etls-core.wasm"));
    const text =
        `export const staticSize = ${staticSize};\n` +
        `export const sanitized = ${sanitize};\n` +
        `export const binary = "${binary.toString("base64")}";\n`;
    await writeFile(path.join(out, "etls.wasm"), binary);
    await writeFile(path.join(out, "etls-binary.js"), text);
    for (const types of TYPES) await copyFile(path.join(root, "wasm", types), path.join(out, types));
    return binary.length;
}

async function build() {
    const started = Date.now();
    const version = /\d+\.\d+\.\d+/.exec(await emcc("--version"))?.[0] ?? "0.0.0";
    const config = await texts(root, [["native/config", /\.h$/], ["native/include", /budget\.h$/]]);
    const headers = await texts(root, [["native/include", /\.h$/], ["native/src", /\.h$/]]);
    const code = await texts(root, [["native/src", /\.c$/], ["native/ports/wasm", /\.c$/], ["wasm", /\.(js|d\.ts)$/]]);
    const tools = digest(version, realpathSync(source));
    const stamp = digest(tools, compileFlags, linkFlags, warnings, mbedtls, config, headers, code);
    const stampFile = path.join(objects, "stamp");
    const whole = ["etls-binary.js", ...TYPES].every((name) => existsSync(path.join(out, name)));
    if (whole && (await isFresh(stampFile, stamp))) return;

    const ours = [
        ...core.map((file) => path.join(root, "native/src", file)),
        ...ports.map((file) => path.join(root, "native/ports/wasm", file)),
    ];
    const theirs = mbedtls.map((file) => path.join(source, "library", file));
    await mkdir(objects, { recursive: true });
    await mkdir(out, { recursive: true });
    const job = { compiler: emcc, objects, label: "wasm" };
    const theirFlags = [...compileFlags, "-w"]; // their warnings are theirs
    await compile({ ...job, files: theirs, flags: theirFlags, inputs: tools + config });
    const ourFlags = [...compileFlags, ...warnings];
    await compile({ ...job, files: ours, flags: ourFlags, inputs: tools + config + headers });
    const size = await link([...ours, ...theirs], version);
    await writeFile(stampFile, stamp);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`wasm: built ${path.relative(root, out)}/etls.wasm, ${size} bytes, in ${seconds} s`);
}

try {
    await build();
} catch (error) {
    const text = /** @type {{ stderr?: string }} */ (error).stderr || String(error);
    console.error(`wasm: the build failed:\n${text}`);
    process.exitCode = 1;
}
