// SPDX-License-Identifier: Apache-2.0
/**
 * `require("tls")` on a board. The inside is loaded with the first use: a program that only might
 * connect pays for little.
 *
 * @module
 */

import type { Transport } from "./host.ts";
import type { Tls } from "./tls.ts";

/** What is loaded then. */
interface Core extends Tls {
    setTransport(transport: Transport): void;
}

const core = function (): Core {
    return require("tls-core") as Core;
};

/** See {@link Tls.connect}. */
export const connect: Tls["connect"] = function (to, callback) {
    return core().connect(to, callback);
};

/** See {@link Tls.createSecureContext}. */
export const createSecureContext: Tls["createSecureContext"] = function (options) {
    return core().createSecureContext(options);
};

/** See {@link Tls.memory}. */
export const memory: Tls["memory"] = function () {
    return core().memory();
};

/** See {@link Tls.resetMemory}. */
export const resetMemory: Tls["resetMemory"] = function () {
    core().resetMemory();
};

/** See {@link Tls.entropy}. */
export const entropy: Tls["entropy"] = function () {
    return core().entropy();
};

/** Replaces what moves ciphertext, for connections from now on. */
export const setTransport: Core["setTransport"] = function (transport) {
    core().setTransport(transport);
};
