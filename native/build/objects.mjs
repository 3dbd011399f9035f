// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Compiling with stamps: an object is made anew only when its source, the flags or the headers that
 * decide have changed. Used by every build of the core (wasm/build.mjs, native/image/build.mjs).
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { special } from "../sources.mjs";

/** @param {unknown[]} parts */
export const digest = (...parts) => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/**
 * The files of folders whose names match, joined.
 *
 * @param {string} root
 * @param {[folder: string, pattern: RegExp][]} folders
 */
export async function texts(root, folders) {
    const parts = [];
    for (const [folder, pattern] of folders) {
        for (const name of (await readdir(path.join(root, folder))).sort()) {
            if (!pattern.test(name)) continue;
            parts.push(await readFile(path.join(root, folder, name), "utf8"));
        }
    }
    return parts.join("\0");
}

/** Whether what a stamp stands for is as it was. @param {string} file @param {string} stamp */
export const isFresh = async (file, stamp) =>
    existsSync(file) && (await readFile(file, "utf8")) === stamp;

/**
 * Where the object of a source goes. Both sides have an error.c, so the folder is part of the name.
 *
 * @param {string} objects
 * @param {string} file
 */
export const objectOf = (objects, file) =>
    path.join(objects, `${path.basename(path.dirname(file))}-${path.parse(file).name}.o`);

/**
 * Compiles what changed, as many files at once as there are processors.
 *
 * @param {object} job
 * @param {(...flags: string[]) => Promise<string>} job.compiler
 * @param {string} job.objects folder
 * @param {string[]} job.files
 * @param {string[]} job.flags
 * @param {string} job.inputs what decides beside flags and the file itself
 * @param {string} job.label what the progress line says
 * @param {Record<string, string[]>} [job.special] flags for single files, beside those of sources.mjs
 */
export async function compile({ compiler, objects, files, flags, inputs, label, special: further = {} }) {
    const waiting = [...files];
    let done = 0;
    const worker = async () => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
            const object = objectOf(objects, file);
            const name = path.basename(file);
            const own = [...flags, ...(special[name] ?? []), ...(further[name] ?? [])];
            const stamp = digest(inputs, own, await readFile(file, "utf8"));
            if (!existsSync(object) || !(await isFresh(`${object}.stamp`, stamp))) {
                await compiler("-c", file, "-o", object, ...own);
                await writeFile(`${object}.stamp`, stamp);
            }
            done += 1;
            if (process.stdout.isTTY) process.stdout.write(`\r${label}: ${done}/${files.length} `);
        }
    };
    const ends = await Promise.allSettled(Array.from({ length: availableParallelism() }, worker));
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[K");
    for (const end of ends) if (end.status === "rejected") throw end.reason;
}
