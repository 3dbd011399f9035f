// SPDX-License-Identifier: Apache-2.0
/**
 * test/native/probe.c as a WebAssembly module: the health tests and the random generator of the core by
 * themselves, with what a host cannot see from outside.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "./pki.ts";

const root = projectFolder();
const folder = join(root, "build/probe");
const EXPORTS = ["found", "source", "run", "texts", "drbg", "state"];

/** What the health tests found in a run of samples. */
export interface Found {
    /** Alarms of the repetition count test. */
    repetitions: number;
    /** Alarms of the adaptive proportion test. */
    proportions: number;
    /** Windows of it that ended without alarm. */
    windows: number;
    /** Samples up to and with the first alarm, 0 for none. */
    first: number;
    /** The longest run. */
    longest: number;
    /** The highest count in a window. */
    most: number;
}

/** Its functions, as in the C file. */
export interface Probe {
    memory: WebAssembly.Memory;
    probe_found(): number;
    probe_source(repetitions: number, proportion: number, window: number): void;
    probe_run(samples: number, likely: number, others: number, period: number): void;
    probe_state(): number;
    probe_texts(): number;
    probe_drbg(seed: number, reseeds: number): number;
}

/** The folder of Mbed TLS's sources. */
export async function mbedtlsFolder(): Promise<string> {
    const pins = (await import(join(root, "native/setup/pins.mjs"))) as { MBEDTLS: { folder: string } };
    return join(root, "build", pins.MBEDTLS.folder);
}

/** Files that decide what a probe is, beside its sources. */
const HEADERS = ["entropy.h", "health.h", "core.h", "../include/etls_budget.h", "../include/etls_port.h", "../include/etls_cutoffs.h", "../config/etls_mbedtls_config.h"];

/**
 * Compiles C to a WebAssembly module unless nothing has changed, and loads it.
 *
 * @param files - our sources and objects of the build, from the root
 * @param theirs - sources in Mbed TLS's library/, whose warnings are not ours
 * @param exported - the functions that JavaScript calls
 */
export async function compileProbe(files: string[], theirs: string[], exported: string[], more: string[] = []): Promise<WebAssembly.Exports> {
    const { warnings } = (await import(join(root, "native/sources.mjs"))) as { warnings: string[] };
    const mbedtls = await mbedtlsFolder();
    const ours = files.map((name) => join(root, name));
    const library = theirs.map((name) => join(mbedtls, "library", name));
    const flags = [
        '-DMBEDTLS_CONFIG_FILE="etls_mbedtls_config.h"',
        ...["native/include", "native/src", "native/config"].map((name) => `-I${join(root, name)}`),
        ...["include", "library"].flatMap((name) => ["-isystem", join(mbedtls, name)]),
        ...(theirs.length > 0 ? ["-w"] : warnings), "-O2", "--no-entry", `-sEXPORTED_FUNCTIONS=[${exported.map((name) => `_${name}`).join(",")}]`, ...more,
    ];
    const hash = createHash("sha256").update(JSON.stringify(flags));
    for (const file of [...ours, ...library, ...HEADERS.map((name) => join(root, "native/src", name))]) {
        hash.update(readFileSync(file));
    }
    const out = join(folder, `${hash.digest("hex").slice(0, 16)}.wasm`);
    if (!existsSync(out)) {
        mkdirSync(folder, { recursive: true });
        const nodePath = ["/usr/share/nodejs", process.env["NODE_PATH"]].filter(Boolean).join(":");
        const made = join(folder, `${process.pid}.wasm`);
        await promisify(execFile)("emcc", [...ours, ...library, ...flags, "-o", made], {
            env: { ...process.env, NODE_PATH: nodePath },
        });
        writeFileSync(out, readFileSync(made));
    }
    return (await WebAssembly.instantiate(readFileSync(out), {})).instance.exports;
}

/** The health tests and the generator. */
export async function loadProbe(): Promise<Probe> {
    const objects = ["src-aes", "library-aes", "library-ctr_drbg", "library-platform_util", "library-constant_time"];
    const files = ["test/native/probe.c", "native/src/health.c", ...objects.map((name) => `build/objects-wasm/${name}.o`)];
    return (await compileProbe(files, [], EXPORTS.map((name) => `probe_${name}`))) as unknown as Probe;
}

/** Runs simulated samples through the health tests with these cut-offs. */
export function simulate(
    probe: Probe,
    tests: { repetitions: number; proportion: number; window: number },
    samples: number,
    noise: { likely: number; others: number; period?: number },
): Found {
    probe.probe_source(tests.repetitions, tests.proportion, tests.window);
    const likely = Math.min(Math.round(noise.likely * 2 ** 32), 2 ** 32 - 1);
    probe.probe_run(samples, likely, noise.others, noise.period ?? 0);
    const words = new Uint32Array(probe.memory.buffer, probe.probe_found(), 6);
    const [repetitions = 0, proportions = 0, windows = 0, first = 0, longest = 0, most = 0] = words;
    return { repetitions, proportions, windows, first, longest, most };
}

/**
 * Lets the generator answer twice; returns the second answer in hexadecimal.
 *
 * @param texts - personalisation, entropy, first additional input, reseed, second, in hexadecimal
 * @param reseeds - 0 never, 1 before the first, 2 before the second, 3 before each
 * @throws Error with Mbed TLS's code
 */
export function generate(probe: Probe, texts: string[], seed: number, reseeds: number, length: number): string {
    const address = probe.probe_texts();
    const put = (index: number, bytes: Uint8Array): void => {
        const view = new DataView(probe.memory.buffer, address + index * 256, 256);
        view.setUint32(0, bytes.length, true);
        bytes.forEach((byte, at) => view.setUint8(4 + at, byte));
    };
    texts.forEach((text, index) => put(index, Buffer.from(text, "hex")));
    put(5, new Uint8Array(length));
    const error = probe.probe_drbg(seed, reseeds);
    if (error !== 0) throw new Error(`-0x${(-error).toString(16)}`);
    return Buffer.from(probe.memory.buffer, address + 5 * 256 + 4, length).toString("hex");
}
