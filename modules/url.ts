// SPDX-License-Identifier: Apache-2.0
/**
 * Absolute URLs, as far as a client needs them (RFC 3986 §3).
 *
 * Strict on purpose: what two parsers could read differently (a backslash, spaces, a second `@`
 * hidden in the host) is refused, so that the host that is checked is the host that is meant.
 *
 * @module
 */

import { makeError } from "./errors.ts";

/** The parts of a URL, named as in the options of `request` and `tls.connect`. */
export interface ParsedUrl {
    /** Lower case and with its colon: `"https:"`. */
    protocol: string;
    /** A name or an address, IPv6 without brackets. */
    host: string;
    /** Undefined where the URL names none. */
    port: number | undefined;
    /** Path and query, beginning with `/`; a fragment is left out. */
    path: string;
    /** `user:password`, decoded. */
    auth: string | undefined;
}

/** Whether a text could be a host name, an IPv4 or an IPv6 address (without brackets). */
export const isHost = function (host: string): boolean {
    if (host.indexOf(":") >= 0) return !/[^0-9a-f:.]/i.test(host);
    return host !== "" && !/[^0-9a-z._\-]/i.test(host);
};

/**
 * Splits an absolute URL.
 *
 * @throws `ETLS_BAD_URL`, with the reason in the message.
 */
export const parseUrl = function (url: string): ParsedUrl {
    const bad = function (why: string): never {
        throw makeError("ETLS_BAD_URL", "malformed URL " + JSON.stringify(url) + ": " + why);
    };
    // Espruino's indexOf finds a longer text also where the string ends with its beginning.
    const scheme = url.indexOf(":");
    const named = scheme > 0 && url.substr(scheme, 3) === "://";
    if (!named || /[^0-9a-z+.\-]/i.test(url.substr(0, scheme))) bad("no scheme");
    if (/[^!-~]/.test(url)) bad("percent-encode spaces and characters outside ASCII");
    if (url.indexOf("\\") >= 0) bad("a backslash, which some read as a slash");
    let rest = url.substr(scheme + 3);
    const fragment = rest.indexOf("#");
    if (fragment >= 0) rest = rest.substr(0, fragment);
    let end = rest.indexOf("/");
    if (end < 0) end = rest.length;
    const query = rest.indexOf("?");
    if (query >= 0 && query < end) end = query;
    let host = rest.substr(0, end);
    let path = rest.substr(end);
    if (path[0] !== "/") path = "/" + path;
    let auth: string | undefined;
    const at = host.lastIndexOf("@");
    if (at >= 0) {
        try {
            auth = decodeURIComponent(host.substr(0, at));
        } catch (e) {
            bad("user or password");
        }
        if (host.indexOf("@") !== at) bad("two @, which could each end the user's name");
        host = host.substr(at + 1);
    }
    let port: number | undefined;
    const colon = host.indexOf(":", host.indexOf("]") + 1);
    if (colon >= 0) {
        const digits = host.substr(colon + 1);
        if (digits !== "") port = parseInt(digits, 10);
        if (/[^0-9]/.test(digits) || port === 0 || (port as number) > 65535) bad("port");
        host = host.substr(0, colon);
    }
    const v6 = host[0] === "[" && host[host.length - 1] === "]";
    if (v6) host = host.substr(1, host.length - 2);
    if (!isHost(host) || v6 !== host.indexOf(":") >= 0) bad("host");
    return { protocol: url.substr(0, scheme + 1).toLowerCase(), host, port, path, auth };
};
