// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the LLVM tools that compile for the chips: clang, its linker and its disassembler, all of one
 * version. Debian's emscripten brings them, with the version behind the name.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findCommand, versionedNames } from "../setup/run.mjs";

/** The oldest version that the builds were seen with. */
const OLDEST = 14;

/**
 * @typedef {object} Llvm
 * @property {string} clang
 * @property {string} lld
 * @property {string} objdump
 * @property {string} nm
 * @property {string} version as clang tells it
 */

/** @returns {Promise<Llvm | undefined>} undefined when there is no complete set. */
export async function findLlvm() {
    for (const suffix of versionedNames("", OLDEST)) {
        const [clang, lld, objdump, nm] = ["clang", "ld.lld", "llvm-objdump", "llvm-nm"].map((name) =>
            findCommand(name + suffix),
        );
        if (!clang || !lld || !objdump || !nm) continue;
        const { stdout } = await promisify(execFile)(clang, ["--version"]);
        const version = /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? "0.0.0";
        if (Number.parseInt(version) >= OLDEST) return { clang, lld, objdump, nm, version };
    }
    return undefined;
}
