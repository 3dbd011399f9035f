// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Fetches the Mbed TLS release from the Debian or Ubuntu source archive, with the machine's own
 * mirror, proxy and keys, and without a change to its apt state. Needs no root.
 *
 * The release's usual place in the archive is tried first (5 MB in all). If it is not there, the
 * source indexes of the machine's suites and of newer ones are fetched with a private apt
 * configuration (about 40 MB) and `apt-get source` fetches what they name.
 */
import {
    chmodSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSources } from "./apt-sources.mjs";
import { DEBIAN_ARCHIVE, MBEDTLS, NEWER_SUITES } from "./pins.mjs";
import { findCommand, run } from "./run.mjs";

/** @typedef {import("./apt-sources.mjs").Archive} Archive */

const APT_HELPER = "/usr/lib/apt/apt-helper";

/** Lets apt give up on a dead network within seconds. */
const IMPATIENT = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=15"];

/**
 * Puts the release archive at `target`; the caller checks its hash.
 * @param {string} target
 * @returns {Promise<string | undefined>} Why it could not be had; undefined if it was.
 */
export async function fetchDebianSource(target) {
    if (!findCommand("apt-get")) {
        return "there is no apt-get";
    }
    const folder = mkdtempSync(join(tmpdir(), "espruino-tls-apt-"));
    chmodSync(folder, 0o755); // apt downloads as the user _apt
    try {
        const archives = distributionArchives(readSources());
        const file =
            (await fetchFromPool(folder, archives)) ?? (await fetchByIndex(folder, archives));
        if (file === undefined) {
            return `no reachable archive has version ${MBEDTLS.version}`;
        }
        copyFileSync(file, target);
        return undefined;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/**
 * The archives that can hold Mbed TLS: those of the distribution itself (component `main`, and
 * no flat repositories), then Debian's own.
 * @param {Archive[]} sources
 * @returns {Archive[]}
 */
export function distributionArchives(sources) {
    const own = sources.filter(
        ({ uri, suites, components }) =>
            components.includes("main") && !uri.startsWith("cdrom:") && !suites.includes("/"),
    );
    if (own.some(({ uri }) => uri === DEBIAN_ARCHIVE.uri)) {
        return own;
    }
    const { uri, keyring } = DEBIAN_ARCHIVE;
    const components = ["main"];
    return [...own, { uri, suites: [], components, signedBy: keyring, trusted: false }];
}

/**
 * Where the release lies in an archive that has it in any suite.
 * @param {Archive[]} archives
 * @returns {string[]}
 */
export function poolUrls(archives) {
    const urls = archives.flatMap((archive) => {
        const pool = isSecurity(archive) && !isUbuntu(archive) ? "pool/updates" : "pool";
        const components = archive.components.filter((name) => /^(main|universe)$/.test(name));
        return components.map((component) => `${archive.uri}/${pool}/${component}/m/mbedtls/`);
    });
    return [...new Set(urls)].map((url) => url + MBEDTLS.debianArchive);
}

/**
 * @param {string} folder
 * @param {Archive[]} archives
 */
async function fetchFromPool(folder, archives) {
    const file = join(folder, MBEDTLS.debianArchive);
    for (const url of existsSync(APT_HELPER) ? poolUrls(archives) : []) {
        const { code } = await run(APT_HELPER, [...IMPATIENT, "download-file", url, file]);
        if (code === 0) {
            return file;
        }
    }
    return undefined;
}

/**
 * @param {string} folder
 * @param {Archive[]} archives
 */
async function fetchByIndex(folder, archives) {
    const sources = sourceStanzas(archives);
    if (sources === "") {
        return undefined;
    }
    const options = [...privateConfiguration(folder, sources), ...IMPATIENT];
    // A suite that a mirror does not have makes this fail for all; what was fetched still counts.
    await run("apt-get", [...options, "update"]);
    const shown = await run("apt-cache", [...options, "showsrc", "--only-source", "mbedtls"]);
    const found = matchingVersion(shown.output);
    if (found === undefined) {
        return undefined;
    }
    const what = ["source", "--download-only", "--tar-only", `mbedtls=${found}`];
    const { code } = await run("apt-get", [...options, ...what], { cwd: folder });
    return code === 0 ? join(folder, MBEDTLS.debianArchive) : undefined;
}

/**
 * The package version (`3.6.7-3`) of our release among those that `apt-cache showsrc` lists.
 * @param {string} text
 */
export function matchingVersion(text) {
    const versions = [...text.matchAll(/^Version: (\S+)$/gm)].map((match) => match[1] ?? "");
    return versions.find((version) => version.startsWith(`${MBEDTLS.version}-`));
}

/**
 * The `deb-src` entries of the private configuration.
 * @param {Archive[]} archives
 */
export function sourceStanzas(archives) {
    return archives
        .filter(hasKey)
        .map((archive) => {
            const suites = [...new Set([...archive.suites, ...newerSuites(archive)])];
            const lines = [
                "Types: deb-src",
                `URIs: ${archive.uri}`,
                `Suites: ${suites.join(" ")}`,
                `Components: ${archive.components.join(" ")}`,
                ...(archive.signedBy ? [`Signed-By: ${archive.signedBy}`] : []),
                ...(archive.trusted ? ["Trusted: yes"] : []),
            ];
            return `${lines.join("\n")}\n`;
        })
        .join("\n");
}

/**
 * Debian's archive is asked from another distribution only with Debian's key ring at hand.
 * @param {Archive} archive
 */
function hasKey({ signedBy }) {
    return signedBy !== DEBIAN_ARCHIVE.keyring || existsSync(DEBIAN_ARCHIVE.keyring);
}

/** @param {Archive} archive */
function newerSuites(archive) {
    if (isUbuntu(archive)) {
        return isSecurity(archive) ? [] : NEWER_SUITES.ubuntu;
    }
    return isSecurity(archive) ? NEWER_SUITES.debianSecurity : NEWER_SUITES.debian;
}

/** @param {Archive} archive */
function isSecurity({ suites }) {
    return suites.length > 0 && suites.every((suite) => suite.includes("-security"));
}

/** @param {Archive} archive */
function isUbuntu({ components }) {
    return components.includes("universe");
}

/**
 * Writes an apt configuration whose lists, caches and sources all lie in `folder`.
 * @param {string} folder
 * @param {string} sources
 * @returns {string[]} The options that make apt use it.
 */
function privateConfiguration(folder, sources) {
    for (const name of ["lists/partial", "cache/archives/partial"]) {
        mkdirSync(join(folder, name), { recursive: true });
    }
    const settings = `
        Dir::State "${folder}";
        Dir::State::status "${folder}/status";
        Dir::Cache "${folder}/cache";
        Dir::Etc::SourceList "${folder}/private.sources";
        Dir::Etc::SourceParts "-";
        Acquire::Languages "none";
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
    `;
    writeFileSync(join(folder, "status"), "");
    writeFileSync(join(folder, "private.sources"), sources);
    writeFileSync(join(folder, "apt.conf"), settings.replace(/^ +/gm, ""));
    return ["-c", join(folder, "apt.conf")];
}
