// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * The build: one command per step. Each runs only when something it reads has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError, endOpenLine, startStep } from "./report.mjs";
import { run } from "./run.mjs";

/** The folders that tsconfig.json names. */
const TYPESCRIPT_FOLDERS = ["modules", "native", "wasm", "cli", "test"];

/** The folder below them that it leaves out: wasm/estimators.mjs compiles it. */
const ASSEMBLYSCRIPT = join("wasm", "assembly", "/");

/** @typedef {import("./pins.mjs").Goal} Goal */

/**
 * Builds `dist/`, and for tests the core with sanitizers too.
 * @param {string} root The repository.
 * @param {Goal} goal
 */
export async function build(root, goal) {
    await runScript(root, "wasm/build.mjs");
    if (goal === "test") {
        await runScript(root, "wasm/build.mjs", "--sanitize");
    }
    if (goal !== "demo") {
        await runScript(root, "native/image/build.mjs");
    }
    await runScript(root, "wasm/estimators.mjs");
    await compileTypeScript(root);
    await runScript(root, "modules/build.mjs");
}

/**
 * Runs a build script that sees for itself what is to be done and says so.
 * @param {string} root
 * @param {string} script
 * @param {string[]} args
 */
async function runScript(root, script, ...args) {
    const { code } = await run(process.execPath, [join(root, script), ...args], {
        cwd: root,
        output: "inherit",
    });
    if (code !== 0) {
        throw new SetupError(`${script} failed, for the reason printed above.`);
    }
}

/**
 * Compiles all TypeScript unless no source, setting or package has changed since it last worked.
 * @param {string} root
 */
async function compileTypeScript(root) {
    const stampFile = join(root, "build", "tsc.stamp.json");
    const sources = TYPESCRIPT_FOLDERS.flatMap((folder) => findSources(root, folder));
    const inputs = [...sources, "tsconfig.json", "package-lock.json"];
    const stamp = { hash: hashFiles(root, inputs), sources };
    const last = readStamp(stampFile);
    const complete = sources.every((source) => existsSync(join(root, outputOf(source))));
    if (complete && last.hash === stamp.hash) {
        return;
    }
    for (const gone of last.sources.filter((source) => !sources.includes(source))) {
        removeOutputs(root, gone);
    }
    if (!complete) {
        rmSync(join(root, "build", "tsc.tsbuildinfo"), { force: true }); // tsc trusts it blindly
    }
    await runTsc(root);
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, JSON.stringify(stamp));
}

/** @param {string} root */
async function runTsc(root) {
    const step = startStep("TypeScript");
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { code, output } = await run(process.execPath, [tsc, "-p", "tsconfig.json"], {
        cwd: root,
    });
    if (code !== 0) {
        endOpenLine();
        process.stdout.write(output);
        throw new SetupError("The TypeScript compiler found the errors printed above.");
    }
    step.done("compiled");
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]} Paths of `.ts` files below the folder, sorted, from the root.
 */
function findSources(root, folder) {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name))
        .filter((name) => !name.startsWith(ASSEMBLYSCRIPT))
        .sort();
}

/**
 * @param {string} root
 * @param {string[]} files
 */
function hashFiles(root, files) {
    const hash = createHash("sha256");
    for (const file of files) {
        const content = readFileSync(join(root, file));
        hash.update(`${file}\n${content.length}\n`).update(content);
    }
    return hash.digest("hex");
}

/**
 * @param {string} stampFile
 * @returns {{ hash: string, sources: string[] }} What the last compilation read.
 */
function readStamp(stampFile) {
    return existsSync(stampFile)
        ? JSON.parse(readFileSync(stampFile, "utf8"))
        : { hash: "", sources: [] };
}

/**
 * @param {string} source
 * @returns {string} What tsc writes for it: a declaration file alone writes nothing.
 */
function outputOf(source) {
    return source.endsWith(".d.ts") ? source : join("dist", source.replace(/\.ts$/, ".js"));
}

/**
 * Removes what a source that is gone has left, so that no test of the past is run.
 * @param {string} root
 * @param {string} source
 */
function removeOutputs(root, source) {
    for (const ending of [".js", ".d.ts", ".js.map", ".d.ts.map"]) {
        rmSync(join(root, "dist", source.replace(/\.ts$/, ending)), { force: true });
    }
}
