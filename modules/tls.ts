// SPDX-License-Identifier: Apache-2.0
/**
 * `require("tls")`: verified TLS connections, in Espruino's and Node's shape.
 *
 * @module
 */

import { ENTRY_STAT_RESET } from "./abi.gen.ts";
import { SecureContext } from "./context.ts";
import { entropyState } from "./entropy.ts";
import type { EntropyState } from "./entropy.ts";
import type { Host, Stream } from "./host.ts";
import { memoryUsage } from "./memory.ts";
import type { MemoryUsage } from "./memory.ts";
import type { PeerCertificate } from "./report.ts";
import type { SecureContextOptions } from "./secure_context.ts";
import { prepare, start } from "./tls_setup.ts";
import type { DefaultContext } from "./tls_setup.ts";
import { TLSSocket } from "./tls_socket.ts";

/** Options of {@link Tls.connect}; names are Node's. */
export interface ConnectOptions extends SecureContextOptions {
    /** Host name or IP address, default `localhost`. */
    host?: string | undefined;
    /** Another name of `host`, as in URLs. */
    hostname?: string | undefined;
    /** TCP port, default 443. */
    port?: number | string | null | undefined;
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
    /**
     * A session to resume: what `getSession()` or a `session` event gave, perhaps before a restart. One that does
     * not fit is not used, `sessionRefused` tells why; neither is one that the server has forgotten.
     */
    session?: string | Uint8Array | undefined;
    /**
     * Public keys of which the peer must have one, as curl writes them: `sha256//BASE64`, several with `;`
     * between. Checked after everything else, and also with `rejectUnauthorized: false`.
     */
    pinnedPubkey?: string | undefined;
    /** A further check of the peer's certificate; an Error that it returns refuses the peer. */
    checkServerIdentity?:
        | ((name: string, certificate: PeerCertificate) => Error | undefined)
        | undefined;
}

/** What `require("tls")` offers. */
export interface Tls {
    /**
     * Connects. `callback` is called with the socket once the peer is verified. A string is a URL such as
     * `mqtts://example.org:8883`, of which host and port count, or `example.org:443`.
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
    /** State of the random generator and its noise sources; undefined while the core is being started. */
    entropy(): EntropyState | undefined;
}

/** Makes the `tls` API of a host. */
export const createTls = function (host: Host): Tls {
    const defaults: DefaultContext = { context: undefined };
    return {
        connect: function (to, callback) {
            const socket = new TLSSocket();
            const options = prepare(socket, to);
            if (callback) {
                socket.on("secureConnect", function () {
                    callback(socket);
                });
            }
            host.ready(function (error) {
                start(host, defaults, socket, options, error);
            });
            return socket;
        },
        createSecureContext: function (options) {
            return new SecureContext(host, options || {});
        },
        memory: function () {
            return memoryUsage(host.binding);
        },
        entropy: function () {
            return host.binding ? entropyState(host.binding) : undefined;
        },
        resetMemory: function () {
            if (host.binding) host.binding.call(ENTRY_STAT_RESET, 0, 0, 0);
        },
    };
};
