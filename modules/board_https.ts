// SPDX-License-Identifier: Apache-2.0
/**
 * `require("https")` on a board. The inside is loaded with the first use.
 *
 * @module
 */

import type { Https, RequestFunction, RequestOptions } from "./https.ts";

declare const exports: object | undefined;

const core = function (): Https {
    return require("https-core") as Https;
};

/** See {@link Https.request}. */
export const request = function (target, more, listener) {
    return core().request(target, more as RequestOptions, listener);
} as RequestFunction;

/** See {@link Https.get}. */
export const get = function (target, more, listener) {
    return core().get(target, more as RequestOptions, listener);
} as RequestFunction;

// As a module of Node, which it is in tests only, it has no `exports`.
if (typeof exports === "object") {
    Object.defineProperty(exports, "Agent", {
        enumerable: true,
        get: function () {
            return core().Agent;
        },
    });
    Object.defineProperty(exports, "globalAgent", {
        enumerable: true,
        get: function () {
            return core().globalAgent;
        },
    });
}
