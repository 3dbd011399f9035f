// SPDX-License-Identifier: Apache-2.0
/**
 * The beginning of a connection: options, context, session, stream.
 *
 * @module
 */

import { CLIENT, ENTRY_SESSION_NEW, ENTRY_SESSION_OFFER } from "./abi.gen.ts";
import { toBinary } from "./bytes.ts";
import type { Loadable } from "./certificates.ts";
import { SecureContext } from "./context.ts";
import { failure, reasonOf } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import {
    ERR_BAD_ARGUMENT, ERR_BAD_HOST_NAME, ERR_CORE_FAILED, ERR_OUT_OF_MEMORY, ERR_SESSION_DAMAGED,
} from "./errors.gen.ts";
import type { Binding, Host } from "./host.ts";
import { parsePins } from "./pins.ts";
import { Session } from "./session.ts";
import { sessionFailure } from "./session_failure.ts";
import type { ConnectOptions } from "./tls.ts";
import type { TLSSocket } from "./tls_socket.ts";
import { attach, dial } from "./tls_stream.ts";
import { parseUrl } from "./url.ts";

/** Milliseconds that a handshake may take when no option says otherwise. */
const HANDSHAKE_TIMEOUT = 30000;

/** The port when none is named, as in Espruino. */
const HTTPS = 443;

/** Characters of the longest host name: RFC 1035 section 2.3.4, and a final dot. */
const NAME_LIMIT = 254;

/** The context of connections that ask for nothing special, made by the first of them. */
export interface DefaultContext {
    context: SecureContext | undefined;
}

/** The options of a URL such as `mqtts://host:8883`, or of `host:443`. */
const fromUrl = function (url: string): ConnectOptions {
    const parts = parseUrl(/:\/\//.test(url) ? url : "tls://" + url);
    return { host: parts.host, port: parts.port || (parts.protocol.substr(0, 4) === "mqtt" ? 8883 : HTTPS) };
};

/** What Espruino's `url.parse` gives has `null` where the URL names no port. */
const toPort = function (port: number | string | null | undefined): number {
    if (port === undefined || port === null) return HTTPS;
    const number = typeof port === "string" ? parseInt(port, 10) : port;
    if (!(number > 0 && number < 65536) || "" + number !== "" + port) {
        throw failure(ERR_BAD_ARGUMENT, { detail: "port is " + port + ", not 1 to 65535" });
    }
    return number;
};

/** An empty text is given: an error to be told, not a wish for the default. */
const isGiven = function (value: Loadable | null | undefined): boolean {
    return value !== undefined && value !== null;
};

/** The options that make a context of its own necessary. */
const needsOwnContext = function (options: ConnectOptions): boolean {
    return !!(
        isGiven(options.ca) || isGiven(options.extraCA) || isGiven(options.cert) || isGiven(options.key) || options.minVersion ||
        options.maxVersion || options.ALPNProtocols || options.rejectUnauthorized === false ||
        options.keepChain || options.maxFragmentLength || options.sessionTickets === false
    );
};

/** How long a handshake may take, milliseconds; 0 for ever. */
export const handshakeLimit = function (options: { handshakeTimeout?: number | undefined }): number {
    return options.handshakeTimeout === undefined ? HANDSHAKE_TIMEOUT : options.handshakeTimeout;
};

/**
 * Makes a session of a native context. `name` is what the peer's certificate is checked against;
 * empty on servers.
 *
 * @throws TlsError such as `ETLS_NO_TRUST_ANCHOR`
 */
export const openSession = function (binding: Binding, context: number, name: string): Session {
    // Before it becomes bytes: U+0161 must not turn into "a".
    let handle = ERR_BAD_HOST_NAME;
    if (name.length <= NAME_LIMIT && !/[^\x01-\x7f]/.test(name)) {
        const address = name ? binding.put(name, 0, name.length) : 0;
        handle = binding.call(ENTRY_SESSION_NEW, context, address, name.length);
    }
    if (handle < 0) throw sessionFailure(binding, 0, handle, { host: name, first: "" });
    return new Session(binding, handle);
};

/** Offers a saved session; one that is not used leaves its reason behind. @throws TlsError without memory */
const offer = function (socket: TLSSocket, session: Session, given: string | Uint8Array): void {
    const saved = toBinary(given);
    const binding = session._binding;
    let error = ERR_SESSION_DAMAGED;
    if (saved.length <= binding.window) {
        error = session._call(ENTRY_SESSION_OFFER, binding.put(saved, 0, saved.length), saved.length);
        binding.wipe(saved.length);
    }
    if (error >= 0) {
        socket._saved = saved;
        return;
    }
    const refused = sessionFailure(binding, session._handle, error, { host: socket.servername, first: "" });
    if (error === ERR_OUT_OF_MEMORY) {
        session.free();
        throw refused;
    }
    socket.sessionRefused = refused.code;
};

const contextFor = function (host: Host, defaults: DefaultContext, options: ConnectOptions): SecureContext {
    if (options.secureContext) return options.secureContext;
    if (needsOwnContext(options)) return new SecureContext(host, options);
    if (!defaults.context) defaults.context = new SecureContext(host, {});
    return defaults.context;
};

const connectStream = function (host: Host, socket: TLSSocket, options: ConnectOptions): void {
    const name = options.host || options.hostname || "localhost";
    if (options.socket) attach(socket, options.socket);
    else dial(socket, host.transport, { host: name, port: toPort(options.port) });
};

/** What a program may have set before there is a connection. Returns the options. */
export const prepare = function (socket: TLSSocket, to: ConnectOptions | string): ConnectOptions {
    const options = typeof to === "string" ? fromUrl(to) : to;
    socket.servername = options.servername || options.host || options.hostname || "localhost";
    if (options.timeout) socket.setTimeout(options.timeout);
    return options;
};

/** Starts a connection once the core is there, or is told why it will never be. */
export const start = function (
    host: Host,
    defaults: DefaultContext,
    socket: TLSSocket,
    options: ConnectOptions,
    error?: unknown,
): void {
    const binding = host.binding;
    if (error) socket.destroy(failure(ERR_CORE_FAILED, { detail: reasonOf(error) }));
    if (!binding || socket.destroyed) return;
    const named = options.servername || options.host || options.hostname || "";
    const name = options.socket ? named : socket.servername;
    let context: SecureContext | undefined;
    try {
        context = contextFor(host, defaults, options);
        const pins = options.pinnedPubkey ? parsePins(options.pinnedPubkey) : undefined;
        const session = openSession(binding, context._handle(binding, CLIENT), name);
        if (options.session) offer(socket, session, options.session);
        socket._open(session, {
            name,
            pins,
            rejectUnauthorized: options.rejectUnauthorized !== false,
            handshakeTimeout: handshakeLimit(options),
            checkServerIdentity: options.checkServerIdentity,
        });
        connectStream(host, socket, options);
    } catch (thrown) {
        socket.destroy(thrown as TlsError);
    }
    // A context of this connection alone lives as long as the connection.
    if (context && context !== defaults.context && context !== options.secureContext) context.free();
};
