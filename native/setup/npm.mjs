// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * npm packages: `npm ci` when node_modules is not what package-lock.json says.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, startStep } from "./report.mjs";
import { findCommand, run } from "./run.mjs";

/**
 * An entry of a lock file's `packages`.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry
 */

/**
 * No package that we use needs its install scripts, so none is run. What npm's cache has is not
 * asked for again, and a dead network is given up within seconds. The log level is given because
 * a silenced npm that runs us would silence this one too.
 */
const CI = [
    ...["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    ...["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"],
];

/**
 * Makes sure that node_modules matches package-lock.json.
 * @param {string} root The repository.
 */
export async function ensureNpmPackages(root) {
    if (isInstalled(root)) {
        return;
    }
    const step = startStep("npm packages");
    const [command, ...args] = npmCommand();
    const { code, output } = await run(command, [...args, ...CI], { cwd: root });
    if (code !== 0) {
        throw new SetupError(explainFailure(output));
    }
    step.done("installed");
}

/**
 * Compares the lock file with the record that npm keeps in node_modules of what it installed.
 * @param {string} root
 */
function isInstalled(root) {
    const record = join(root, "node_modules", ".package-lock.json");
    if (!existsSync(record)) {
        return false;
    }
    const wanted = readEntries(join(root, "package-lock.json"));
    const present = readEntries(record);
    return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
        const found = present[path];
        return found
            ? found.version === version &&
                  found.integrity === integrity &&
                  existsSync(join(root, path, "package.json"))
            : optional === true;
    });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, Entry>} By path, without the project itself.
 */
function readEntries(lockFile) {
    const { "": _project, ...entries } = JSON.parse(readFileSync(lockFile, "utf8")).packages;
    return entries;
}

/**
 * The npm that runs us, or else the one in PATH.
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
    const running = process.env["npm_execpath"];
    if (running && /npm-cli\.c?js$/.test(running)) {
        return [process.execPath, running];
    }
    const npm = findCommand("npm");
    if (!npm) {
        throw new SetupError("npm is missing: install it, then start this again.");
    }
    return [npm];
}

/** @param {string} output */
function explainFailure(output) {
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/.test(output)) {
        return "The npm registry cannot be reached: connect to the network, then start this again.";
    }
    if (/SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)/.test(output)) {
        return (
            "The npm registry's certificate is not trusted here: name your network's CA file " +
            "in the environment variable NODE_EXTRA_CA_CERTS, then start this again."
        );
    }
    if (/code EUSAGE/.test(output)) {
        return 'package-lock.json does not match package.json: run "npm install".';
    }
    return `"npm ci" failed and printed: ${output.trim()}`;
}
