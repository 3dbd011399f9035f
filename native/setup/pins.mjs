// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Every version, hash and package name the set-up relies on: the one place to change one.
 */

const version = "3.6.7";

/** The Mbed TLS release that is built. */
export const MBEDTLS = {
    version,
    /** SHA-256 of the release archive; Debian ships the same bytes. */
    sha256: "a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6",
    /** File name upstream, and the folder inside it. */
    archive: `mbedtls-${version}.tar.bz2`,
    folder: `mbedtls-${version}`,
    upstream:
        `https://github.com/Mbed-TLS/mbedtls/releases/download/mbedtls-${version}/` +
        `mbedtls-${version}.tar.bz2`,
    /** File name in the Debian and Ubuntu source archives. */
    debianArchive: `mbedtls_${version}.orig.tar.bz2`,
};

/**
 * Suites that are asked for the source in addition to the machine's own, by distribution.
 * The Debian ones are also asked from Ubuntu when Debian's keyring is installed there.
 */
export const NEWER_SUITES = {
    debian: ["trixie", "forky", "sid"],
    debianSecurity: ["trixie-security"],
    ubuntu: ["devel"],
};

/** Debian's own archive, the last place that is asked. */
export const DEBIAN_ARCHIVE = {
    uri: "http://deb.debian.org/debian",
    keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
};

/** @typedef {"build" | "demo" | "test"} Goal */

/**
 * A program that a goal needs.
 * @typedef {object} Tool
 * @property {string} command The program looked for in PATH.
 * @property {string} package The Debian and Ubuntu package that brings it.
 * @property {Goal[]} goals What needs it.
 * @property {string} [minimum] Oldest version that will do; any, if left out.
 * @property {boolean} [versioned] Debian has it with its major version behind the name: clang-14.
 * @property {string[]} [versionArgs] Makes the program print its version (`--version`).
 * @property {string} [service] A service the package would start; it is kept from starting.
 * @property {string} [notOnUbuntu] Why it is left out on Ubuntu when it is not there.
 */

/** @type {Goal[]} */
const always = ["build", "demo", "test"];

/** @type {Tool[]} */
export const TOOLS = [
    { command: "tar", package: "tar", goals: always },
    { command: "bzip2", package: "bzip2", goals: always },
    { command: "emcc", package: "emscripten", goals: always, minimum: "3.1.6" },
    // For the boards; Debian's emscripten brings these.
    { command: "clang", package: "clang", goals: ["build", "test"], minimum: "14", versioned: true },
    { command: "ld.lld", package: "lld", goals: ["build", "test"], minimum: "14", versioned: true },
    { command: "llvm-objdump", package: "llvm", goals: ["build", "test"], minimum: "14", versioned: true },
    // The versions below are the first with TLS 1.3.
    {
        command: "openssl",
        package: "openssl",
        goals: ["demo", "test"],
        minimum: "1.1.1",
        versionArgs: ["version"],
    },
    {
        command: "nginx",
        package: "nginx-light",
        goals: ["test"],
        minimum: "1.13.0",
        versionArgs: ["-v"],
        service: "nginx",
    },
    { command: "gnutls-cli", package: "gnutls-bin", goals: ["test"], minimum: "3.6.5" },
    { command: "curl", package: "curl", goals: ["test"] },
    { command: "qemu-system-arm", package: "qemu-system-arm", goals: ["test"], minimum: "7.0" },
    { command: "mosquitto", package: "mosquitto", goals: ["test"], service: "mosquitto" },
    { command: "chronyd", package: "chrony", goals: ["test"], service: "chrony" },
    {
        command: "chromium",
        package: "chromium",
        goals: ["test"],
        notOnUbuntu: "Ubuntu has it only as a snap, so the browser test is skipped",
    },
];
