// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the entropy estimators of wasm/assembly: `node wasm/estimators.mjs [--checked]`.
 *
 * The results are dist/wasm/entropy.wasm and entropy-binary.js (the same in base64, so that Node
 * and browsers load it alike). Nothing is done when no input changed. What is done with which
 * settings stands in asconfig.json.
 *
 * With --checked the result, which traps on an index out of range, goes to build/wasm-checked/.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = process.argv.includes("--checked") ? "checked" : "release";
const config = JSON.parse(await readFile(path.join(root, "asconfig.json"), "utf8"));
const binaryFile = path.join(root, config.targets[target].outFile);
const moduleFile = binaryFile.replace(".wasm", "-binary.js");
/** What tsc does not copy, and users' compilers ask for. */
const typesFile = path.join(root, "wasm/entropy-binary.d.ts");
const stampFile = path.join(root, "build", `estimators-${target}.stamp`);

/** A hash of everything that decides about the result. */
async function stampOf() {
    const hash = createHash("sha256");
    const folder = path.join(root, "wasm/assembly");
    const sources = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts"));
    const files = sources.sort().map((name) => path.join(folder, name));
    const compiler = path.join(root, "node_modules/assemblyscript/package.json");
    for (const file of [...files, typesFile, path.join(root, "asconfig.json"), compiler, import.meta.filename]) {
        hash.update(path.relative(root, file)).update("\0").update(await readFile(file)).update("\0");
    }
    return hash.digest("hex");
}

async function build() {
    const stamp = await stampOf();
    const whole = existsSync(binaryFile) && existsSync(moduleFile) && existsSync(stampFile);
    if (whole && (await readFile(stampFile, "utf8")) === stamp) return;
    const started = Date.now();
    const compiler = path.join(root, "node_modules/assemblyscript/bin/asc.js");
    await promisify(execFile)(process.execPath, [compiler, "--target", target], { cwd: root });
    const binary = await readFile(binaryFile);
    await writeFile(moduleFile, `export const binary = "${binary.toString("base64")}";\n`);
    await copyFile(typesFile, moduleFile.replace(".js", ".d.ts"));
    await mkdir(path.dirname(stampFile), { recursive: true });
    await writeFile(stampFile, stamp);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const name = path.relative(root, binaryFile);
    console.log(`wasm: built ${name}, ${binary.length} bytes, in ${seconds} s`);
}

try {
    await build();
} catch (error) {
    const text = /** @type {{ stderr?: string }} */ (error).stderr || String(error);
    console.error(`wasm: the estimators could not be built:\n${text}`);
    process.exitCode = 1;
}
