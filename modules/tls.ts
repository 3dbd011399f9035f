// SPDX-License-Identifier: Apache-2.0
/**
 * `require("tls")`: verified TLS connections, in Espruino's and Node's shape.
 *
 * @module
 */

import { CLIENT, ENTRY_STAT_RESET } from "./abi.gen.ts";
import type { Loadable } from "./certificates.ts";
import { failure, reasonOf } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { ERR_BAD_ARGUMENT, ERR_CONNECT_FAILED, ERR_CORE_FAILED } from "./errors.gen.ts";
import type { Binding, Host, Stream } from "./host.ts";
import { memoryUsage } from "./memory.ts";
import type { MemoryUsage } from "./memory.ts";
import type { PeerCertificate } from "./report.ts";
import { SecureContext } from "./secure_context.ts";
import type { SecureContextOptions } from "./secure_context.ts";
import { Session } from "./session.ts";
import { TLSSocket } from "./tls_socket.ts";
import { parseUrl } from "./url.ts";

/** Milliseconds that a handshake may take when no option says otherwise. */
export const HANDSHAKE_TIMEOUT = 30000;

/** Options of {@link Tls.connect}; names are Node's. */
export interface ConnectOptions extends SecureContextOptions {
    /** Host name or IP address, default `localhost`. */
    host?: string | undefined;
    /** Another name of `host`, as in URLs. */
    hostname?: string | undefined;
    /** TCP port; needed unless `socket` is given. */
    port?: number | string | undefined;
    /** The name to ask for and to check, when it is not `host`. */
    servername?: string | undefined;
    /** A context made before, in place of `ca`, `cert` and the rest. */
    secureContext?: SecureContext | undefined;
    /** A stream that is connected already. */
    socket?: Stream | undefined;
    /** Inactivity after which `timeout` is emitted, milliseconds. */
    timeout?: number | undefined;
    /** How long the handshake may take, milliseconds; default 30,000; 0 for ever. */
    handshakeTimeout?: number | undefined;
    /** A further check of the peer's certificate; an Error that it returns refuses the peer. */
    checkServerIdentity?:
        | ((name: string, certificate: PeerCertificate) => Error | undefined)
        | undefined;
}

/** What `require("tls")` offers. */
export interface Tls {
    /**
     * Connects. `callback` is called with the socket once the peer is verified.
     *
     * @example
     * ```js
     * tls.connect({ host: "example.org", port: 443, ca: pem }, function (socket) {
     *   socket.write("GET / HTTP/1.0\r\n\r\n");
     * }).on("data", print).on("error", function (e) { print(e.code, e.message); });
     * ```
     */
    connect(to: ConnectOptions | string, callback?: (socket: TLSSocket) => void): TLSSocket;
    /** Makes a context for several connections. @throws TlsError when a certificate or key cannot be loaded. */
    createSecureContext(options?: SecureContextOptions): SecureContext;
    /** Statistics of the arena; all 0 while the core is being started. */
    memory(): MemoryUsage;
    /** Starts peaks and counters anew. */
    resetMemory(): void;
}

/** The options of a URL such as `mqtts://host:8883` or `tls://host:443`. */
const fromUrl = function (url: string): ConnectOptions {
    const parts = parseUrl(url);
    const defaults: { [scheme: string]: number | undefined } = { "https:": 443, "mqtts:": 8883 };
    return { host: parts.host, port: parts.port || defaults[parts.protocol] };
};

const toPort = function (port: number | string | undefined): number {
    const number = typeof port === "string" ? parseInt(port, 10) : port;
    if (number === undefined || !(number > 0 && number < 65536) || "" + number !== "" + port) {
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
        isGiven(options.ca) || isGiven(options.cert) || isGiven(options.key) || options.minVersion ||
        options.maxVersion || options.ALPNProtocols || options.rejectUnauthorized === false ||
        options.keepChain || options.maxFragmentLength
    );
};

/** Context and session; nothing is sent yet. */
const openSession = function (
    socket: TLSSocket,
    binding: Binding,
    context: SecureContext,
    options: ConnectOptions,
    name: string,
): void {
    const limit = options.handshakeTimeout;
    socket.open(new Session(binding, context.handle(binding, CLIENT), name), {
        name,
        rejectUnauthorized: options.rejectUnauthorized !== false,
        handshakeTimeout: limit === undefined ? HANDSHAKE_TIMEOUT : limit,
        checkServerIdentity: options.checkServerIdentity,
    });
};

const openStream = function (host: Host, socket: TLSSocket, options: ConnectOptions): void {
    if (options.socket) {
        socket.attach(options.socket);
        return;
    }
    const to = { host: options.host || options.hostname || "localhost", port: toPort(options.port) };
    let connected = false;
    let stream: Stream;
    const refuse = function (error: unknown): void {
        const values = { host: to.host, port: to.port, detail: reasonOf(error) };
        socket.destroy(failure(ERR_CONNECT_FAILED, values));
    };
    try {
        stream = host.transport.connect(to, function () {
            connected = true;
            socket.attach(stream);
        });
    } catch (error) {
        refuse(error);
        return;
    }
    stream.on("error", function (error) {
        if (!connected) refuse(error);
    });
    stream.on("close", function () {
        if (!connected) refuse("closed before it was connected");
    });
};

/** Makes the `tls` API of a host. */
export const createTls = function (host: Host): Tls {
    let shared: SecureContext | undefined;

    const contextFor = function (options: ConnectOptions): SecureContext {
        if (options.secureContext) return options.secureContext;
        if (needsOwnContext(options)) return new SecureContext(host, options);
        if (!shared) shared = new SecureContext(host, {});
        return shared;
    };

    const start = function (socket: TLSSocket, options: ConnectOptions, name: string): void {
        const binding = host.binding;
        if (!binding || socket.destroyed) return;
        let context: SecureContext | undefined;
        try {
            context = contextFor(options);
            openSession(socket, binding, context, options, name);
            openStream(host, socket, options);
        } catch (error) {
            socket.destroy(error as TlsError);
        }
        // A context of this connection alone lives as long as the connection.
        if (context && context !== shared && context !== options.secureContext) context.free();
    };

    const connect = function (
        to: ConnectOptions | string,
        callback?: (socket: TLSSocket) => void,
    ): TLSSocket {
        const options = typeof to === "string" ? fromUrl(to) : to;
        const socket = new TLSSocket();
        const name = options.servername || options.host || options.hostname || "";
        socket.servername = name || "localhost";
        if (callback) {
            socket.on("secureConnect", function () {
                callback(socket);
            });
        }
        if (options.timeout) socket.setTimeout(options.timeout);
        host.ready(function (error) {
            if (error) socket.destroy(failure(ERR_CORE_FAILED, { detail: reasonOf(error) }));
            else start(socket, options, options.socket ? name : socket.servername);
        });
        return socket;
    };

    return {
        connect,
        createSecureContext: function (options) {
            return new SecureContext(host, options || {});
        },
        memory: function () {
            if (host.binding) return memoryUsage(host.binding);
            return {
                size: 0, overhead: 0, inUse: 0, peak: 0, free: 0, largestFree: 0, refused: 0,
                largestRefused: 0, allocations: 0, blocks: 0,
                phases: { setup: 0, hello: 0, certificate: 0, keyExchange: 0, data: 0 },
            };
        },
        resetMemory: function () {
            if (host.binding) host.binding.call(ENTRY_STAT_RESET, 0, 0, 0);
        },
    };
};
