// SPDX-License-Identifier: Apache-2.0
/**
 * Records what NIST's tool says about our sample files and its own:
 *
 *     SP800_90B_TOOLS=…/cpp SP800_90B_SAMPLES=…/bin node dist/test/support/entropy-record.js
 *
 * Files that test/data/entropy-reference.json (or another one, given as argument) has are left as
 * they are.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OWN_FILES } from "./entropy-own-files.ts";
import { askReference } from "./entropy-reference.ts";
import type { Expected } from "./entropy-reference.ts";
import { LONG, SHORT, makeSamples, readName } from "./entropy-samples.ts";

/** The file to complete: the one given, or the tests' own. */
const FILE =
    process.argv[2] ??
    fileURLToPath(new URL("../../../test/data/entropy-reference.json", import.meta.url));

/** What test/data/entropy-reference.json holds. */
export interface Reference {
    /** Where the values come from. */
    origin: string;
    /** By name of a file of ours (see entropy-samples.ts) or of the tool's own. */
    files: { [name: string]: Expected };
}

/** Seconds for a file that passes; what fails is tried 10,000 times, which takes hours if long. */
const PATIENCE = { short: 900, long: 200 };

const reference = JSON.parse(readFileSync(FILE, "utf8")) as Reference;

const record = async function (name: string, samples: Uint8Array, bits: number): Promise<void> {
    if (reference.files[name]) return;
    const patience = samples.length < 1e6 ? PATIENCE.short : PATIENCE.long;
    const sha256 = createHash("sha256").update(samples).digest("hex");
    const started = Date.now();
    const facts = await askReference(process.env["SP800_90B_TOOLS"] ?? "", samples, bits, patience);
    reference.files[name] = { bits, sha256, ...facts };
    writeFileSync(FILE, textOf(reference));
    console.log(`${name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
};

/** One line for each list, so that differences can be read. */
const textOf = function (value: Reference): string {
    const lists = /\[[^[\]]*\]/g;
    return `${JSON.stringify(value, null, 2).replace(lists, (list) => list.replace(/\s+/g, " "))}\n`;
};

for (const name of [...SHORT, ...LONG]) {
    await record(name, makeSamples(name), readName(name).bits);
}
const own = process.env["SP800_90B_SAMPLES"];
for (const [name, bits] of Object.entries(OWN_FILES)) {
    const file = own && join(own, name);
    if (file && existsSync(file)) await record(name, readFileSync(file), bits);
}
