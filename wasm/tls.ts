// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls/tls`: what `require("tls")` is on a board, under Node, on a default instance with
 * 256 KB of memory.
 *
 * @example
 * ```ts
 * import { connect } from "espruino-tls/tls";
 *
 * connect("tls://example.org:443", (socket) => console.log(socket.getPeerCertificate()));
 * ```
 *
 * @module
 */
import { api } from "./default.ts";
import type { FullTls } from "./api.ts";

export type { Kind, Loadable } from "../modules/certificates.ts";
export type { Cipher } from "../modules/ciphers.ts";
export type { Listener } from "../modules/emitter.ts";
export type { EntropySourceState, EntropyState } from "../modules/entropy.ts";
export type { TlsError } from "../modules/errors.ts";
export type { Stream } from "../modules/host.ts";
export type { MemoryPhases, MemoryUsage } from "../modules/memory.ts";
export type { PipeDestination, PipeOptions } from "../modules/pipe.ts";
export type { Name, PeerCertificate } from "../modules/report.ts";
export type { SecureContext } from "../modules/context.ts";
export type { SecureContextOptions, SecureVersion } from "../modules/secure_context.ts";
export type { ConnectOptions, Tls } from "../modules/tls.ts";
export type {
    SNICallback,
    TlsServer,
    TlsServerEvents,
    TlsServerOptions,
} from "../modules/tls_server.ts";
export type { TLSSocket } from "../modules/tls_socket.ts";
export type { ConnectionMemory, TLSSocketEvents } from "../modules/tls_socket_types.ts";

/** Connects; `callback` is called with the socket once the peer is verified. */
export const connect: FullTls["connect"] = api.tls.connect;
/** Makes a context for several connections. */
export const createSecureContext: FullTls["createSecureContext"] = api.tls.createSecureContext;
/** Makes a server. */
export const createServer: FullTls["createServer"] = api.tls.createServer;
/** State of the random generator and its noise sources; undefined while the core is being started. */
export const entropy: FullTls["entropy"] = api.tls.entropy;
/** Statistics of the arena. */
export const memory: FullTls["memory"] = api.tls.memory;
/** Starts peaks and counters anew. */
export const resetMemory: FullTls["resetMemory"] = api.tls.resetMemory;
