// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Starting other programs.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps servers; not in everybody's PATH. */
const SERVER_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Runs a program without a standard input and waits for its end. Does not throw: a program
 * that could not be started has the code 127.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, output?: "pipe" | "inherit" | number }} [options] Where its standard
 * output and error go: into the result, to ours, or into an open file.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { cwd, output = "pipe" } = {}) {
    return new Promise((resolve) => {
        const child = spawn(command, args, { cwd, stdio: ["ignore", output, output] });
        let text = "";
        const collect = (/** @type {Buffer} */ chunk) => {
            text += chunk;
        };
        child.stdout?.on("data", collect);
        child.stderr?.on("data", collect);
        child.on("error", (error) => resolve({ code: 127, output: error.message }));
        child.on("close", (code) => resolve({ code: code ?? 1, output: text }));
    });
}

/**
 * Where a program is, or undefined.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 */
export function findCommand(name, env = process.env) {
    const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
    return [...folders, ...SERVER_FOLDERS].map((folder) => join(folder, name)).find(isProgram);
}

/** The newest major version that is looked for by name. */
const NEWEST = 40;

/**
 * Names under which Debian has a program with its major version: `clang-19`, `clang-18`, …, `clang`.
 * @param {string} name
 * @param {number} oldest
 */
export function versionedNames(name, oldest) {
    return [...Array.from({ length: NEWEST - oldest + 1 }, (_, i) => `${name}-${NEWEST - i}`), name];
}

/**
 * Where a program is that may have its major version behind its name, or undefined: the newest.
 * @param {string} name
 * @param {number} oldest
 */
export function findVersioned(name, oldest) {
    return versionedNames(name, oldest).flatMap((full) => findCommand(full) ?? [])[0];
}

/** @param {string} path */
function isProgram(path) {
    try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
    } catch {
        return false;
    }
}
