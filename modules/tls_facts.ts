// SPDX-License-Identifier: Apache-2.0
/**
 * What is to be told of a connection: that it is secured, why it failed, and its facts.
 *
 * @module
 */

import {
    ENTRY_SESSION_GET, ENTRY_STAT, GET_CIPHER, GET_DATA_SIZE, GET_RESUMED, GET_VERIFY_ERROR, GET_VERSION, REPORT_CHAIN, REPORT_PEER,
    REPORT_SESSION, STAT_ALLOCATIONS, STAT_IN_USE, STAT_PEAK,
} from "./abi.gen.ts";
import { describeCipher } from "./ciphers.ts";
import type { Cipher } from "./ciphers.ts";
import { failure, reasonOf } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { ERR_CERT_PIN_MISMATCH, ERR_CLOSED, ERR_CONNECT_FAILED, ERR_TIMEOUT, ERR_TRANSPORT } from "./errors.gen.ts";
import { fetchReport, parseCertificates, readReport } from "./report.ts";
import type { PeerCertificate } from "./report.ts";
import type { Session } from "./session.ts";
import { sessionFailure } from "./session_failure.ts";
import type { TLSSocket } from "./tls_socket.ts";
import type { ConnectionMemory, SocketSetup } from "./tls_socket_types.ts";

// On a board these functions are loaded for one call each: they may leave no function behind.

/** A fact of a socket's session: `GET_…` of the ABI; 0 or less when there is none. */
const get = function (socket: TLSSocket, what: number): number {
    return socket._session ? socket._session._call(ENTRY_SESSION_GET, what, 0) : 0;
};

const peerName = function (socket: TLSSocket): string {
    return socket._setup && socket._setup.name ? socket._setup.name : socket.remoteAddress || "the peer";
};

const explain = function (socket: TLSSocket, errno: number): TlsError {
    const session = socket._session as Session;
    const facts = { host: peerName(socket), first: socket._first };
    return sessionFailure(session._binding, session._handle, errno, facts);
};

/** Ends a connection whose session has failed: with its alert, if there is one. Returns false. */
export const fail = function (socket: TLSSocket, errno: number): boolean {
    const error = explain(socket, errno);
    const alert = (socket._session as Session)._take(true);
    if (alert !== "" && socket._stream && !socket._streamEnded) {
        socket._stream.write(alert);
        socket._shutDown = true; // the stream is ended, not dropped, so that the alert arrives
    }
    socket.destroy(error);
    return false;
};

/** Why a stream has failed, before or after it was connected. */
export const streamFailure = function (socket: TLSSocket, error: unknown): TlsError {
    const detail = reasonOf(error);
    const to = socket._to;
    if (to) return failure(ERR_CONNECT_FAILED, { host: to.host, port: to.port, detail });
    return failure(ERR_TRANSPORT, { host: peerName(socket), detail });
};

export const timeoutFailure = function (socket: TLSSocket, ms: number, phase: string): TlsError {
    return failure(ERR_TIMEOUT, { host: peerName(socket), ms, phase });
};

export const closedFailure = function (): TlsError {
    return failure(ERR_CLOSED, {});
};

/** The program's own check; what it throws refuses the peer like what it returns. */
const askProgram = function (setup: SocketSetup, certificate: PeerCertificate): Error | undefined {
    if (!setup.checkServerIdentity) return undefined;
    try {
        return setup.checkServerIdentity(setup.name, certificate);
    } catch (error) {
        const thrown = error as Error | undefined;
        return thrown && thrown.message ? thrown : new Error(reasonOf(error));
    }
};

/** Whether the peer has one of the keys that it should have. */
const pinFailure = function (setup: SocketSetup, certificate: PeerCertificate | null): Error | undefined {
    const pin = certificate ? certificate.pin || "" : "";
    if (!setup.pins || setup.pins.indexOf(pin) >= 0) return undefined;
    const subject = certificate ? "CN=" + certificate.subject["CN"] : "no certificate";
    return failure(ERR_CERT_PIN_MISMATCH, { subject, pin });
};

/** The handshake is over. Returns whether the connection goes on. */
export const secured = function (socket: TLSSocket): boolean {
    const setup = socket._setup as SocketSetup;
    const session = socket._session as Session;
    const wrong = get(socket, GET_VERIFY_ERROR);
    const certificate = socket.getPeerCertificate();
    const pinned = pinFailure(setup, certificate);
    socket.connecting = false;
    socket._handshakeTimer.stop();
    socket._reused = get(socket, GET_RESUMED) === 1;
    if (!socket._reused) socket._saved = undefined; // what was offered is of no use
    if (pinned) {
        socket.destroy(pinned);
        return false;
    }
    socket.alpnProtocol = fetchReport(session._binding, session._handle, REPORT_SESSION)["alpn"] || false;
    if (wrong < 0) {
        socket.authorizationError = explain(socket, wrong).code;
    } else if (certificate) {
        const error = askProgram(setup, certificate);
        if (error && setup.rejectUnauthorized) {
            socket.destroy(error);
            return false;
        }
        if (error) socket.authorizationError = (error as TlsError).code || error.message;
        socket.authorized = !error;
    }
    socket.emit("connect", socket);
    socket.emit("secureConnect");
    return true;
};

/** `TLSv1.2` or `TLSv1.3`; null before the handshake is over. */
export const protocolOf = function (socket: TLSSocket): string | null {
    const version = get(socket, GET_VERSION);
    return version <= 0 ? null : version === 0x304 ? "TLSv1.3" : "TLSv1.2";
};

/** The cipher suite; undefined before the handshake is over. */
export const cipherOf = function (socket: TLSSocket): Cipher | undefined {
    const cipher = get(socket, GET_CIPHER);
    return cipher > 0 ? describeCipher(cipher) : undefined;
};

/** Bytes of plaintext that wait for {@link readSome}. */
export const availableOf = function (socket: TLSSocket): number {
    return Math.max(get(socket, GET_DATA_SIZE), 0);
};

/** Takes at most so many bytes of what waits, 0 for all of it. */
export const readSome = function (socket: TLSSocket, most: number): string {
    const size = availableOf(socket);
    const session = socket._session;
    if (!session || size === 0) return "";
    const data = session._take(false, most > 0 ? Math.min(most, size) : size);
    socket.bytesRead += data.length;
    return data;
};

/** The arena's memory that a connection uses. */
export const memoryOf = function (socket: TLSSocket): ConnectionMemory {
    const session = socket._session;
    const stat = function (id: number): number {
        return session && session._handle ? session._binding.call(ENTRY_STAT, id, session._handle, 0) : 0;
    };
    return { inUse: stat(STAT_IN_USE), peak: stat(STAT_PEAK), allocations: stat(STAT_ALLOCATIONS) };
};

/** The peer's certificate, with `chain` those of the whole chain. */
export const certificateOf = function (socket: TLSSocket, chain: boolean): PeerCertificate[] {
    const session = socket._session;
    if (!session || !session._handle) return [];
    return parseCertificates(readReport(session._binding, session._handle, chain ? REPORT_CHAIN : REPORT_PEER));
};
