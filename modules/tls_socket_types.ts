// SPDX-License-Identifier: Apache-2.0
/**
 * What a TLS socket tells and how it is set up.
 *
 * @module
 */

import type { TlsError } from "./errors.ts";
import type { PeerCertificate } from "./report.ts";
import type { TLSSocket } from "./tls_socket.ts";

/** Events of a {@link TLSSocket} and what they carry. */
export interface TLSSocketEvents {
    /** The same as `secureConnect`, which follows: Espruino's name. Nothing is sent before it. */
    connect: [socket: TLSSocket];
    /** The handshake is over and the peer verified, or not if that was not asked for. */
    secureConnect: [];
    /**
     * A session that can be resumed: option `session` of a later connection to the same host. A
     * binary string, secret; TLS 1.3 servers send several, each good once.
     */
    session: [session: string];
    /** Plaintext, as a binary string. */
    data: [data: string];
    /** The peer will send no more. */
    end: [];
    /** What was written has been handed to the stream. */
    drain: [];
    /** Nothing came or went for as long as {@link TLSSocket.setTimeout} said. */
    timeout: [];
    /** Why the connection has failed; `close` follows. */
    error: [error: TlsError];
    /** Comes once and last. */
    close: [hadError: boolean];
}

/** The arena's memory that one connection uses. */
export interface ConnectionMemory {
    /** Bytes in use now. */
    inUse: number;
    /** The most bytes that were in use. */
    peak: number;
    /** Allocations made. */
    allocations: number;
}

/** How a socket is set up: the work of `tls.connect` and of servers. @internal */
export interface SocketSetup {
    /** The name or address that the certificate is checked against, empty on servers. */
    name: string;
    rejectUnauthorized: boolean;
    /** Public keys allowed, see {@link PeerCertificate.pin}; undefined for all. */
    pins?: string[] | undefined;
    /** Milliseconds, 0 for ever. */
    handshakeTimeout: number;
    /** A check of the program's own, after ours. */
    checkServerIdentity?:
        | ((name: string, certificate: PeerCertificate) => Error | undefined)
        | undefined;
}
