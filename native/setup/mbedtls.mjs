// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Brings the pinned, unmodified Mbed TLS source to `build/mbedtls-VERSION/`.
 *
 * It is looked for in this order: the environment variable MBEDTLS_SOURCE (a folder or the release
 * archive), the caches, upstream's release, the Debian source archive. An archive whose SHA-256
 * is not the pinned one is refused wherever it comes from.
 */
import { createHash } from "node:crypto";
import {
    accessSync,
    constants,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    realpathSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fetchDebianSource } from "./debian-source.mjs";
import { download } from "./download.mjs";
import { MBEDTLS } from "./pins.mjs";
import { SetupError, megabytes, say, startStep } from "./report.mjs";
import { run } from "./run.mjs";

/** A file that tells the version, and one that only a release has (a git checkout does not). */
const VERSION_FILE = "include/mbedtls/build_info.h";
const RELEASE_FILE = "library/psa_crypto_driver_wrappers.h";

/** @typedef {ReturnType<typeof startStep>} Step */

/**
 * Makes sure that `build/mbedtls-VERSION/` is there.
 * @param {string} root The repository.
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function ensureMbedtls(root, env = process.env) {
    const target = join(root, "build", MBEDTLS.folder);
    mkdirSync(dirname(target), { recursive: true });
    const given = env["MBEDTLS_SOURCE"];
    if (given) {
        await useGiven(resolve(given), target);
        return;
    }
    if (isLink(target)) {
        rmSync(target); // left by an MBEDTLS_SOURCE that is no longer set
    }
    if (!existsSync(target)) {
        const step = startStep(`Mbed TLS ${MBEDTLS.version}`);
        const { file, from } = await findArchive(root, env, step);
        await unpack(file, target);
        step.done(`from ${from} (${megabytes(statSync(file).size)})`);
    }
}

/**
 * Uses what MBEDTLS_SOURCE names, or fails: what somebody asked for is not silently replaced.
 * @param {string} given
 * @param {string} target
 */
async function useGiven(given, target) {
    const kind = statSync(given, { throwIfNoEntry: false });
    if (!kind) {
        throw new SetupError(
            `MBEDTLS_SOURCE names ${given}, which does not exist: set it to an Mbed TLS ` +
                `${MBEDTLS.version} folder or ${MBEDTLS.archive}, or unset it.`,
        );
    }
    if (kind.isDirectory()) {
        checkFolder(given);
        linkTo(given, target);
        say(`Mbed TLS ${MBEDTLS.version} as it is in ${given} (MBEDTLS_SOURCE)`);
        return;
    }
    const mismatch = hashMismatch(given);
    if (mismatch) {
        throw new SetupError(`${mismatch}: correct MBEDTLS_SOURCE or unset it.`);
    }
    if (isLink(target)) {
        rmSync(target);
    }
    if (!existsSync(target)) {
        await unpack(given, target);
        say(`Mbed TLS ${MBEDTLS.version} from ${given} (MBEDTLS_SOURCE)`);
    }
}

/**
 * @param {string} folder
 * @param {string} target
 */
function linkTo(folder, target) {
    if (existsSync(target) && realpathSync(target) === realpathSync(folder)) {
        return; // also protects a MBEDTLS_SOURCE that names the target itself
    }
    rmSync(target, { recursive: true, force: true });
    symlinkSync(folder, target);
}

/** @param {string} folder */
function checkFolder(folder) {
    const file = join(folder, VERSION_FILE);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const version = /MBEDTLS_VERSION_STRING\s+"([^"]+)"/.exec(text)?.[1];
    if (version !== MBEDTLS.version) {
        throw new SetupError(
            `MBEDTLS_SOURCE names ${folder}, which holds ` +
                `${version ? `Mbed TLS ${version}` : "no Mbed TLS"} where ${MBEDTLS.version} is ` +
                `needed: set it to a folder or archive of that version, or unset it.`,
        );
    }
    if (!existsSync(join(folder, RELEASE_FILE))) {
        throw new SetupError(
            `MBEDTLS_SOURCE names ${folder}, which lacks ${RELEASE_FILE}, as git checkouts do: ` +
                `run "make generated_files" there, or use the release archive.`,
        );
    }
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {Step} step
 * @returns {Promise<{ file: string, from: string }>} An archive with the pinned hash.
 */
async function findArchive(root, env, step) {
    const own = join(root, "build", "cache");
    const shared = userCache(env);
    const cached = [own, shared].map((folder) => join(folder, MBEDTLS.archive)).find(isGoodCopy);
    if (cached) {
        return { file: cached, from: "the cache" };
    }
    const file = join(isWritable(shared) ? shared : own, MBEDTLS.archive);
    mkdirSync(dirname(file), { recursive: true });
    const reasons = [];
    for (const { from, fetchTo } of places(step)) {
        step.update(`from ${from}`);
        const why = await fetchVerified(file, fetchTo);
        if (why === undefined) {
            return { file, from };
        }
        reasons.push(`${from}: ${why}`);
    }
    throw new SetupError(
        `Mbed TLS ${MBEDTLS.version} could not be fetched (${reasons.join("; ")}): connect to ` +
            `the network, or fetch ${MBEDTLS.archive} elsewhere and name it in MBEDTLS_SOURCE.`,
    );
}

/**
 * Where the archive can be fetched, best first.
 * @param {Step} step
 */
function places(step) {
    const onProgress = (/** @type {number} */ received, /** @type {number} */ total) => {
        const of = total > 0 ? ` of ${megabytes(total)}` : "";
        step.update(`from upstream's release, ${megabytes(received)}${of}`);
    };
    return [
        {
            from: "upstream's release",
            fetchTo: (/** @type {string} */ file) => download(MBEDTLS.upstream, file, onProgress),
        },
        { from: "the Debian source archive", fetchTo: fetchDebianSource },
    ];
}

/**
 * Fetches into a file that appears only when it is complete and its hash is right.
 * @param {string} file
 * @param {(file: string) => Promise<string | undefined>} fetchTo
 * @returns {Promise<string | undefined>} Why it failed.
 */
async function fetchVerified(file, fetchTo) {
    const part = `${file}.${process.pid}`;
    try {
        const why = await fetchTo(part);
        const mismatch = why === undefined ? hashMismatch(part, "what came") : undefined;
        if (mismatch) {
            say(`${mismatch}.`);
        } else if (why === undefined) {
            renameSync(part, file);
        }
        return why ?? mismatch;
    } finally {
        rmSync(part, { force: true });
    }
}

/**
 * A damaged copy is not used; the one fetched then takes its place.
 * @param {string} file
 */
function isGoodCopy(file) {
    if (!existsSync(file)) {
        return false;
    }
    const mismatch = hashMismatch(file);
    if (mismatch) {
        say(`${mismatch}: it is fetched again.`);
    }
    return mismatch === undefined;
}

/**
 * @param {string} file
 * @param {string} [name] What to call it.
 * @returns {string | undefined} What is wrong with the file, if its hash is not the pinned one.
 */
function hashMismatch(file, name = file) {
    const actual = createHash("sha256").update(readFileSync(file)).digest("hex");
    if (actual === MBEDTLS.sha256) {
        return undefined;
    }
    return (
        `${name} is refused, its SHA-256 is ${actual} and that of ` +
        `Mbed TLS ${MBEDTLS.version} is ${MBEDTLS.sha256}`
    );
}

/**
 * The cache that all clones of one user share.
 * @param {NodeJS.ProcessEnv} env
 */
function userCache(env) {
    return join(env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache"), "espruino-tls");
}

/**
 * @param {string} folder Made if it is not there.
 */
function isWritable(folder) {
    try {
        mkdirSync(folder, { recursive: true });
        accessSync(folder, constants.W_OK);
        return true;
    } catch {
        return false;
    }
}

/** @param {string} path */
function isLink(path) {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * Unpacks the archive's one folder to `target`, which appears complete or not at all.
 * @param {string} file
 * @param {string} target
 */
async function unpack(file, target) {
    const folder = mkdtempSync(join(dirname(target), ".unpack-"));
    try {
        const { code, output } = await run("tar", ["-xjf", file, "-C", folder, "--no-same-owner"]);
        if (code !== 0) {
            throw new SetupError(`${file} could not be unpacked: ${output.trim()}.`);
        }
        renameSync(join(folder, MBEDTLS.folder), target);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
