// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Installs the programs that are missing from the distribution's packages; those that are there
 * and new enough are used as they are.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TOOLS } from "./pins.mjs";
import { SetupError, list, say, startStep } from "./report.mjs";
import { findCommand, run } from "./run.mjs";
import { findMissing, problems } from "./tools.mjs";

/** @typedef {import("./pins.mjs").Tool} Tool */
/** @typedef {import("./tools.mjs").Missing} Missing */
/** @typedef {import("./pins.mjs").Goal} Goal */

/** Keeps apt and what it runs from asking questions and from starting services. */
const QUIET_ENVIRONMENT = [
    "DEBIAN_FRONTEND=noninteractive",
    "NEEDRESTART_SUSPEND=1",
    "SYSTEMD_OFFLINE=1", // systemctl start does nothing
    "RUNLEVEL=1", // the same where there is no systemd
];

/** Plain output for the log, and patience with another apt-get that is at work. */
const APT_OPTIONS = ["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"];

/** What apt-get prints without a network, and for a name that no list has. */
const NO_NETWORK =
    /Could not (resolve|connect)|Temporary failure|Unable to connect|Connection (refused|timed)/;
const UNKNOWN_PACKAGE = /Unable to locate package (\S+)|Package '?(\S+?)'? has no installation/g;

const INSTALL = ["install", "--yes", "--no-install-recommends"];

/**
 * Makes sure that every program the goal needs is there.
 * @param {string} root The repository.
 * @param {Goal} goal
 */
export async function ensurePackages(root, goal) {
    const needed = TOOLS.filter(({ goals }) => goals.includes(goal));
    const missing = (await findMissing(needed)).filter(({ tool }) => !isLeftOut(tool));
    if (missing.length === 0) {
        return;
    }
    const apt = await aptCommand(missing);
    await install(root, missing, apt);
    const still = await findMissing(missing.map(({ tool }) => tool));
    if (still.length > 0) {
        throw new SetupError(
            `With the packages of this system ${problems(still)}: install a newer version by ` +
                `other means and put it first in PATH.`,
        );
    }
}

/** @param {Tool} tool */
function isLeftOut({ command, notOnUbuntu }) {
    if (notOnUbuntu === undefined || !isUbuntu()) {
        return false;
    }
    say(`${command} is left out: ${notOnUbuntu}.`);
    return true;
}

function isUbuntu() {
    const file = "/etc/os-release";
    return existsSync(file) && /^ID(_LIKE)?=.*\bubuntu\b/m.test(readFileSync(file, "utf8"));
}

/**
 * How apt-get is run here with the rights to install.
 * @param {Missing[]} missing
 * @returns {Promise<string[]>} The command without apt-get's own arguments.
 */
async function aptCommand(missing) {
    const aptGet = findCommand("apt-get");
    const sudo = findCommand("sudo");
    const isRoot = process.getuid?.() === 0;
    const maySudo = !isRoot && sudo !== undefined && (await run(sudo, ["-n", "true"])).code === 0;
    const refusal = refuseInstall(missing, { hasApt: aptGet !== undefined, isRoot, maySudo });
    if (refusal) {
        throw new SetupError(refusal);
    }
    return [...(maySudo ? ["sudo", "-n"] : []), "env", ...QUIET_ENVIRONMENT, "apt-get"];
}

/**
 * @param {Missing[]} missing
 * @param {{ hasApt: boolean, isRoot: boolean, maySudo: boolean }} machine
 * @returns {string | undefined} Why nothing can be installed here, and what to do then.
 */
export function refuseInstall(missing, { hasApt, isRoot, maySudo }) {
    if (!hasApt) {
        const wanted = missing.map(({ tool }) =>
            tool.minimum ? `${tool.command} ${tool.minimum} or newer` : tool.command,
        );
        return (
            `${problems(missing)}, and this is no Debian or Ubuntu system (there is no apt-get): ` +
            `install ${list(wanted)} by your system's own means, then start this again.`
        );
    }
    if (isRoot || maySudo) {
        return undefined;
    }
    const names = missing.map(({ tool }) => tool.package).join(" ");
    return (
        `${problems(missing)}, and this user is not root and has no sudo without a password: run ` +
        `"sudo apt-get ${INSTALL.join(" ")} ${names}", then start this again.`
    );
}

/**
 * @param {string} root
 * @param {Missing[]} missing
 * @param {string[]} apt
 */
async function install(root, missing, apt) {
    const names = missing.map(({ tool }) => tool.package);
    say(`missing system packages: ${list(names)}`);
    const step = startStep("installing them");
    const log = join(root, "build", "log", "apt.log");
    mkdirSync(dirname(log), { recursive: true });
    const runApt = (/** @type {string[]} */ args, /** @type {"w" | "a"} */ flag) =>
        runLogged([...apt, ...APT_OPTIONS, ...args], log, flag, step.update);

    let done = await runApt([...INSTALL, ...names], "w");
    if (!done) {
        // The package lists may be old or not there at all, so that attempt may mean nothing.
        await runApt(["update"], "w");
        done = await runApt([...INSTALL, ...names], "a");
    }
    if (!done) {
        throw new SetupError(explainFailure(missing, readFileSync(log, "utf8"), log));
    }
    await disableServices(missing, apt);
    step.done("done");
}

/**
 * Runs apt-get with its output in a file, where it can be read on; through a pipe, the scripts of
 * some packages were seen to fail with an output error.
 * @param {string[]} command
 * @param {string} log
 * @param {"w" | "a"} flag Whether to begin the file anew or to add to it.
 * @param {(progress: string) => void} show
 * @returns {Promise<boolean>} Whether it succeeded.
 */
async function runLogged([command = "", ...args], log, flag, show) {
    const output = openSync(log, flag);
    const ticker = setInterval(() => show(describeProgress(readFileSync(log, "utf8"))), 500);
    const { code } = await run(command, args, { output });
    clearInterval(ticker);
    closeSync(output);
    return code === 0;
}

/**
 * How far apt-get has come, judged by the lines it prints for each package.
 * @param {string} log
 */
export function describeProgress(log) {
    const total = /(\d+) newly installed/.exec(log)?.[1];
    const lines = log.match(/^(Get:|Unpacking |Setting up )/gm) ?? [];
    const last = lines.at(-1);
    if (total === undefined || last === undefined) {
        return "reading the package lists";
    }
    const count = lines.filter((line) => line === last).length;
    const stage = last === "Get:" ? "fetching" : last.trim().toLowerCase();
    return `${stage} ${count} of ${total}`;
}

/**
 * A service that came with a package is not to start with the machine either.
 * @param {Missing[]} missing
 * @param {string[]} apt
 */
async function disableServices(missing, apt) {
    const [command = "", ...prefix] = apt.slice(0, -1);
    for (const { tool, fault } of missing) {
        if (tool.service && fault === undefined) {
            await run(command, [...prefix, "update-rc.d", tool.service, "disable"]);
        }
    }
}

/**
 * @param {Missing[]} missing
 * @param {string} log What apt-get printed.
 * @param {string} logFile Where that is kept.
 * @returns {string} One sentence.
 */
export function explainFailure(missing, log, logFile) {
    const names = list(missing.map(({ tool }) => tool.package));
    if (NO_NETWORK.test(log)) {
        return (
            `${names} could not be installed because the package archive cannot be reached: ` +
            `connect to the network, then start this again (details in ${logFile}).`
        );
    }
    if (/No space left|enough free space/.test(log)) {
        return `${names} could not be installed because the disk is full (details in ${logFile}).`;
    }
    const unknown = [...log.matchAll(UNKNOWN_PACKAGE)].map((match) => match[1] ?? match[2] ?? "");
    if (unknown.length > 0) {
        return (
            `apt-get does not know ${list([...new Set(unknown)])}: enable the part of the ` +
            `archive that has it (main in Debian, universe in Ubuntu), or install it otherwise.`
        );
    }
    const last = log.split("\n").filter((line) => line.startsWith("E: ")).at(-1);
    return `apt-get could not install ${names} (${last ?? "no reason given"}): see ${logFile}.`;
}
