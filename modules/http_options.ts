// SPDX-License-Identifier: Apache-2.0
/**
 * The options of a request: put together, checked, and divided between HTTP and TLS.
 *
 * @module
 */

import { makeError } from "./errors.ts";
import { Agent } from "./http_agent.ts";
import type { ConnectOptions } from "./http_agent.ts";
import type { FieldValue, IncomingMessage, TlsSocketLike } from "./http_message.ts";
import { isHost, parseUrl } from "./url.ts";

/** Options of a request; those not named here go to `tls.connect`. */
export interface RequestOptions extends ConnectOptions {
    /** Name or address to connect to, and the name that the certificate must have. */
    host?: string | undefined;
    /** The same; goes before `host`. */
    hostname?: string | undefined;
    /** Default 443. */
    port?: number | string | undefined;
    /** Path and query, percent-encoded; default `/`. */
    path?: string | undefined;
    /** Default `GET`. */
    method?: string | undefined;
    /** Header fields; an array goes out as several lines. */
    headers?: { [name: string]: FieldValue | undefined } | undefined;
    /** `user:password` for Basic authentication. */
    auth?: string | undefined;
    /** Default `globalAgent`; `false` for a connection of its own that is closed afterwards. */
    agent?: Agent | false | undefined;
    /** Milliseconds without progress, from the beginning to the end; default none. */
    timeout?: number | undefined;
    /** Only `https:`. */
    protocol?: string | undefined;
    /** Limit of the response's header section in bytes, default 8192. */
    maxHeaderSize?: number | undefined;
}

/** What Node's `URL` objects have. */
export interface UrlLike {
    /** An absolute URL. */
    href: string;
}

/** A URL as a text or an object, or options. */
export type RequestTarget = string | UrlLike | RequestOptions;

/** Called with the response as soon as its header is there. */
export type ResponseListener = (response: IncomingMessage) => void;

/** Events of a {@link ClientRequest}. */
export interface RequestEvents {
    /** The header of the response has arrived; interim (1xx) responses are passed over. */
    response: [response: IncomingMessage];
    /** The connection that the request uses. */
    socket: [socket: TlsSocketLike];
    /** What was written has gone out, after `write` answered false. */
    drain: [];
    /** No progress for the time set; without a listener the request fails with `ETLS_TIMEOUT`. */
    timeout: [];
    /** There is no response, or not all of it and nobody listens to its own `error`. */
    error: [error: unknown];
    /** The last event, after the response's `close`. */
    close: [];
}

/** What a request goes by, all checked. @internal */
export interface ResolvedOptions extends RequestOptions {
    /** Without brackets. */
    host: string;
    port: number;
    path: string;
    method: string;
    agent: Agent;
    /** Options for `tls.connect`; lists are copies, so that they stay what they were. */
    connect: ConnectOptions;
}

/** HTTP's own: neither handed to `tls.connect` nor compared between connections. */
const HTTP_OPTIONS =
    "hostname path method headers auth agent timeout protocol maxHeaderSize href pathname search " +
    "query hash slashes keepAlive maxSockets maxFreeSockets maxCachedSessions";

/**
 * Puts together the agent's options, the parts of a URL and the request's own options; later ones
 * go before earlier ones.
 *
 * @throws `ETLS_HTTP_URL` for `http:`, `ETLS_BAD_URL`, `ETLS_HTTP_PATH`, `ETLS_HTTP_METHOD`
 */
export const resolveOptions = function (
    target: RequestTarget,
    more: RequestOptions | undefined,
    globalAgent: Agent,
): ResolvedOptions {
    const check = function (good: boolean, code: string, what: string, value: unknown): void {
        if (!good) throw makeError(code, "not a valid " + what + ": " + JSON.stringify(value));
    };
    const text = typeof target === "string";
    const href = text ? target : target.href;
    const parsed = typeof href === "string" ? parseUrl(href) : undefined;
    const own = Object.assign({}, parsed, text ? undefined : target, more) as RequestOptions;
    const agent = own.agent === false ? new Agent() : own.agent || globalAgent;
    const options = Object.assign({}, agent.options, own) as ResolvedOptions;
    options.timeout = own.timeout; // the agent's is about idle connections
    let host = options.hostname || options.host || "localhost";
    if (host[0] === "[") host = host.substr(1, host.length - 2);
    if (options.protocol === "http:") {
        throw makeError(
            "ETLS_HTTP_URL",
            "https.get was given an http: URL (" +
                (href || host) +
                '): use require("http") for unencrypted requests',
        );
    }
    check(!options.protocol || options.protocol === "https:", "ETLS_BAD_URL", "URL", href);
    check(isHost(host), "ETLS_BAD_URL", "host", host);
    const digits = String(options.port || 443);
    const port = /[^0-9]/.test(digits) ? 0 : parseInt(digits, 10);
    check(port > 0 && port < 65536, "ETLS_BAD_URL", "port", options.port);
    const path = options.path || "/";
    const form = path[0] === "/" || path === "*";
    check(form && !/[^!-~]|#/.test(path), "ETLS_HTTP_PATH", "path", path);
    const method = (options.method || "GET").toUpperCase();
    const token = !/[^!#$%&'*+\-.^_`|~0-9A-Z]/.test(method);
    check(token && method !== "CONNECT", "ETLS_HTTP_METHOD", "method", method);
    const connect: ConnectOptions = {};
    const ours = HTTP_OPTIONS.split(" ");
    Object.keys(options).forEach(function (name) {
        const value = options[name];
        if (ours.includes(name)) return;
        connect[name] = Array.isArray(value) ? value.slice() : value;
    });
    connect.host = options.host = host;
    connect.port = options.port = port;
    options.path = path;
    options.method = method;
    options.agent = agent;
    options.connect = connect;
    return options;
};
