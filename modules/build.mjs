// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the modules for Espruino: `dist/device/NAME.js`, one self-contained and minified file
 * each, refused when it holds anything that Espruino cannot run (check.mjs).
 *
 *     node modules/build.mjs
 *
 * Needs the npm packages. Does nothing as long as its inputs are unchanged.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { check, format } from "./check.mjs";
import { readText, TEXTS } from "./device/files.mjs";

/** @typedef {import("./device/bundle.mjs").Entry} Entry */

/** The modules that a board has, and their parts; each can require modules before it. @type {Entry[]} */
export const ENTRIES = [
    { name: "tls", source: "modules/board_tls.ts", requires: [] },
    { name: "https", source: "modules/board_https.ts", requires: [] },
    { name: "tls-core", source: "modules/board_tls_core.ts", requires: [] },
    { name: "https-core", source: "modules/board_https_core.ts", requires: ["tls-core"] },
    { name: "tls-tether", source: "modules/board_tether.ts", requires: ["tls-core"] },
    { name: "tls-net", source: "modules/board_network.ts", requires: ["tls-core"] },
    { name: "tls-at", source: "modules/board_at.ts", requires: ["tls-core"] },
    {
        name: "tls-setup",
        part: [
            "modules/tls_setup.ts", "modules/secure_context.ts", "modules/url.ts", "modules/certificates.ts",
            "modules/board_setup.ts", "modules/board_seed.ts", "modules/pins.ts",
        ],
        requires: ["tls-core"],
    },
    {
        name: "tls-facts",
        part: [
            "modules/errors.ts", "modules/tls_facts.ts", "modules/session_failure.ts", "modules/report.ts",
            "modules/ciphers.ts", "modules/memory.ts", "modules/entropy.ts",
        ],
        requires: ["tls-core"],
    },
    { name: "tls-firmware", source: "modules/board_firmware.ts", requires: ["tls-core"] },
    { name: "sntp", source: "modules/sntp_board.ts", requires: [] },
];

/** The package around them is ESM; Espruino's modules are CommonJS. */
const DESCRIPTION = `${JSON.stringify({ type: "commonjs" })}\n`;

/** A module that cannot be built; the message says why, ready to be printed. */
export class DeviceError extends Error {}

/**
 * Bundles, checks and minifies; writes nothing.
 * @param {string} root Paths in the entries are from there.
 * @param {Entry[]} entries
 * @returns {Promise<{ name: string, code: string }[]>}
 * @throws {DeviceError} for a source that is missing and for code that Espruino cannot run, with
 *   one line per place.
 */
export async function compileDevice(root, entries) {
    const sources = entries.flatMap(({ source, part }) => part ?? [source ?? ""]);
    const missing = sources.filter((source) => !existsSync(resolve(root, source)));
    if (missing.length > 0) {
        throw new DeviceError(missing.map((source) => `${source} is missing.`).join("\n"));
    }
    const { bundle } = await import("./device/bundle.mjs"); // slow to load, and rarely needed
    const { Minifier } = await import("./device/minify.mjs");
    const modules = await bundle(root, entries);
    refuse(modules.flatMap(({ code, place }) =>
        check(code).map((finding) => format(place(finding.line, finding.column), finding)),
    ));
    const minifier = new Minifier();
    const minified = [];
    for (const { name, code } of modules) {
        minified.push({ name, code: await minifier.minify(code) });
    }
    refuse(minified.flatMap(({ name, code }) =>
        check(code).map((finding) => {
            const place = `${name}.js after minifying:${finding.line}:${finding.column}`;
            return format(place, finding);
        }),
    ));
    return minified;
}

/** @param {string[]} findings */
function refuse(findings) {
    if (findings.length > 0) {
        throw new DeviceError(findings.join("\n"));
    }
}

/**
 * Builds what has changed.
 * @param {string} root The repository.
 */
async function build(root) {
    const out = join(root, "dist", "device");
    const stampFile = join(root, "build", "device.stamp");
    const files = [
        "package.json", ...ENTRIES.map(({ name }) => `${name}.js`), ...TEXTS.map(({ name }) => name),
    ];
    const stamp = hashInputs(root);
    const last = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
    if (last === stamp && files.every((file) => existsSync(join(out, file)))) {
        return;
    }
    const modules = await compileDevice(root, ENTRIES);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    for (const { name, code } of modules) {
        writeFileSync(join(out, `${name}.js`), code);
    }
    writeFileSync(join(out, "package.json"), DESCRIPTION);
    for (const { name, source, constant } of TEXTS) {
        writeFileSync(join(out, name), await readText(join(root, source), constant), "latin1");
    }
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, stamp);
    const sizes = modules.map(({ name, code }) => `${name}.js ${code.length} bytes`);
    console.log(`device modules: ${sizes.join(", ")}`);
}

/** @param {string} root */
function hashInputs(root) {
    const sources = readdirSync(join(root, "modules"), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(ts|mjs)$/.test(name))
        .map((name) => join("modules", name))
        .sort();
    const hash = createHash("sha256");
    for (const file of [...sources, "package-lock.json"]) {
        const content = readFileSync(join(root, file));
        hash.update(`${file}\n${content.length}\n`).update(content);
    }
    return hash.digest("hex");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
    try {
        await build(fileURLToPath(new URL("..", import.meta.url)));
    } catch (error) {
        if (!(error instanceof DeviceError)) {
            throw error;
        }
        console.error(`${error.message}\nThe device modules were not built.`);
        process.exitCode = 1;
    }
}
