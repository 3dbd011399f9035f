// SPDX-License-Identifier: Apache-2.0
/**
 * For which requests a connection may be used again, and a TLS session resumed.
 *
 * @module
 */

import type { ConnectOptions, TlsApi } from "./http_agent.ts";

/** By what a connection or session was made. @internal */
export interface Origin {
    tls: TlsApi;
    target: ConnectOptions;
}

/** A TLS session to be resumed. @internal */
export interface Saved extends Origin {
    session: unknown;
}

/** What is looked at of a request. */
type Request = { _tls: TlsApi; _target: ConnectOptions };

/**
 * Whether a connection or session may serve a request. All options count, known or not: what was
 * verified in one way must never serve a request that asked for another. Lists are compared
 * member by member; bytes, functions and contexts by identity. A session changes nothing of that.
 */
export const serves = function (origin: Origin, request: Request): boolean {
    const a = origin.target;
    const b = request._target;
    if (origin.tls !== request._tls) return false;
    return Object.keys(Object.assign({}, a, b)).every(function (name) {
        const one = a[name];
        const two = b[name];
        if (name === "session") return true;
        if (!Array.isArray(one) || !Array.isArray(two)) return one === two;
        return (
            one.length === two.length &&
            one.every(function (member, at) {
                return member === two[at];
            })
        );
    });
};

/** The session for a request, undefined when there is none. */
export const recall = function (saved: Saved[], request: Request): Saved | undefined {
    return saved.filter(function (one) {
        return serves(one, request);
    })[0];
};

/** The sessions with a new one in place of the older for such requests, the latest last and `most` in all. */
export const remember = function (saved: Saved[], request: Request, session: unknown, most: number): Saved[] {
    const all = saved
        .filter(function (one) {
            return !serves(one, request);
        })
        .concat([{ tls: request._tls, target: request._target, session }]);
    return all.length > most ? all.slice(1) : all;
};
