// SPDX-License-Identifier: Apache-2.0
/**
 * The inside of a TLS socket: pumps a native session between a stream and a program. Functions
 * and not a base class, since Espruino's `super` does not reach over three levels.
 *
 * @module
 */

import {
    AGAIN, CLOSED, ESTABLISHED, GET_VERIFY_ERROR, HAS_DATA, HAS_OUTPUT, PEER_CLOSED,
    REPORT_SESSION,
} from "./abi.gen.ts";
import { throwLater } from "./emitter.ts";
import { reasonOf } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import type { Stream } from "./host.ts";
import type { PeerCertificate } from "./report.ts";
import type { Session } from "./session.ts";
import type { Facts } from "./session_failure.ts";
import { Timer } from "./timer.ts";
import type { SocketSetup, TLSSocket } from "./tls_socket.ts";

/**
 * Milliseconds that a peer has for ending its side when we have ended ours: as long as it may
 * still be reading, or after an alert.
 */
const LINGER = 30000;
const LINGER_ALERT = 1000;

export const peerName = function (socket: TLSSocket): string {
    return socket._setup && socket._setup.name ? socket._setup.name : socket.remoteAddress || "the peer";
};

const facts = function (socket: TLSSocket): Facts {
    return { host: peerName(socket), first: socket._first };
};

export const emitError = function (socket: TLSSocket, error: TlsError): void {
    if (!socket.emit("error", error)) throwLater(error);
};

export const active = function (socket: TLSSocket): void {
    socket._idleTimer.start(socket.destroyed ? 0 : socket._idleTime, () => {
        socket.emit("timeout");
    });
};

/** Ends a socket's stream, and drops it where the peer does not end its side: it may never do so. */
export const endStream = function (socket: TLSSocket, stream: Stream): void {
    const timer = new Timer();
    stream.end();
    if (socket._streamEnded || !stream.destroy) return;
    timer.start(socket._failed ? LINGER_ALERT : LINGER, function () {
        if (stream.destroy) stream.destroy();
    });
    stream.on("close", function () {
        timer.stop();
    });
};

const fail = function (socket: TLSSocket, session: Session, stream: Stream, errno: number): boolean {
    const error = session.failure(errno, facts(socket));
    const alert = session.takeOutput();
    if (alert !== "" && !socket._streamEnded) {
        stream.write(alert);
        socket._shutDown = true; // the stream is ended, not dropped, so that the alert arrives
    }
    socket.destroy(error);
    return false;
};

const send = function (socket: TLSSocket, session: Session, stream: Stream): boolean {
    if (stream.write(session.takeOutput()) === false) socket._blocked = true;
    return true;
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

const secured = function (socket: TLSSocket, session: Session): boolean {
    const setup = socket._setup as SocketSetup;
    const wrong = session.get(GET_VERIFY_ERROR);
    const certificate = socket.getPeerCertificate();
    socket.connecting = false;
    socket._handshakeTimer.stop();
    socket.alpnProtocol = session.report(REPORT_SESSION)["alpn"] || false;
    if (wrong < 0) {
        socket.authorizationError = session.failure(wrong, facts(socket)).code;
    } else if (certificate) {
        const error = askProgram(setup, certificate);
        if (error && setup.rejectUnauthorized) {
            socket.destroy(error);
            return false;
        }
        if (error) socket.authorizationError = error.message;
        socket.authorized = !error;
    }
    socket.emit("secureConnect");
    return true;
};

const deliver = function (socket: TLSSocket, session: Session): boolean {
    socket._stalled = socket._paused || socket.listenerCount("data") === 0;
    if (socket._stalled) return false;
    const data = session.takeData();
    socket.bytesRead += data.length;
    socket.emit("data", data);
    return true;
};

/** Encrypts a piece of what was written, or says goodbye when all is. */
const writeSome = function (socket: TLSSocket, session: Session, stream: Stream): boolean {
    if (socket._blocked) return false;
    if (socket._outgoing.size > 0) {
        const taken = session.write(socket._outgoing.head() as string, socket._outgoing.at);
        if (taken < 0) return fail(socket, session, stream, taken);
        socket._outgoing.take(taken);
        socket.bytesWritten += taken;
        return true;
    }
    if (socket._ending) {
        session.shutdown();
        send(socket, session, stream);
        socket._shutDown = true;
        stream.end();
        return true;
    }
    if (!socket._needDrain) return false;
    socket._needDrain = false;
    socket.emit("drain");
    return true;
};

/** Hands ciphertext to the session, or ends with the stream. */
const feed = function (socket: TLSSocket, session: Session, stream: Stream, state: number): boolean {
    if (socket._incoming.size > 0) {
        const taken = session.feed(socket._incoming.head(), socket._incoming.at);
        if (taken < 0) return fail(socket, session, stream, taken);
        socket._incoming.take(taken);
        if (socket._streamPaused && socket._incoming.size === 0) {
            socket._streamPaused = false;
            if (stream.resume) stream.resume();
        }
        return taken > 0;
    }
    const over = socket._peerEnded && socket._shutDown;
    if (socket._streamEnded && !over && !socket._shutDown && !socket._peerEnded) {
        return fail(socket, session, stream, session.eof());
    }
    const unused = socket._ending && socket._outgoing.size === 0 && !(state & ESTABLISHED);
    if (over || socket._streamEnded || unused) socket.destroy();
    return false;
};

/** One turn; false when there is nothing to do until something happens. */
const turn = function (socket: TLSSocket, session: Session, stream: Stream): boolean {
    const state = session.step();
    if (state < 0) return fail(socket, session, stream, state);
    if (state & HAS_OUTPUT) return send(socket, session, stream);
    if (state & ESTABLISHED && socket.connecting) return secured(socket, session);
    if (state & HAS_DATA) return deliver(socket, session);
    if (state & AGAIN) {
        if (state & ESTABLISHED) return true;
        pumpLater(socket); // one handshake step at a time: other work goes on in between
        return false;
    }
    if (state & PEER_CLOSED && !socket._peerEnded) {
        socket._peerEnded = true;
        socket._ending = true;
        socket.emit("end");
        return true;
    }
    if (state & ESTABLISHED && !(state & CLOSED) && writeSome(socket, session, stream)) return true;
    return feed(socket, session, stream, state);
};

export const pump = function (socket: TLSSocket): void {
    if (socket._pumping || !socket._stream || !socket._session || socket.destroyed) return;
    socket._pumping = true;
    while (!socket.destroyed && turn(socket, socket._session, socket._stream));
    socket._pumping = false;
};

export const pumpLater = function (socket: TLSSocket): void {
    if (socket._later) return;
    socket._later = true;
    setTimeout(() => {
        socket._later = false;
        pump(socket);
    }, 0);
};
