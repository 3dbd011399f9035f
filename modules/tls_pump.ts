// SPDX-License-Identifier: Apache-2.0
/**
 * The inside of a TLS socket: pumps a native session between a stream and a program. Functions
 * and not a base class, since Espruino's `super` does not reach over three levels.
 *
 * @module
 */

import {
    AGAIN, CLOSED, ENTRY_SESSION_EOF, ENTRY_SESSION_FEED, ENTRY_SESSION_SHUTDOWN, ENTRY_SESSION_STEP,
    ENTRY_SESSION_WRITE, ESTABLISHED, HAS_DATA, HAS_OUTPUT, HAS_SESSION, PEER_CLOSED,
} from "./abi.gen.ts";
import { throwLater } from "./emitter.ts";
import type { TlsError } from "./errors.ts";
import type { Stream } from "./host.ts";
import type { Session } from "./session.ts";
import { Timer } from "./timer.ts";
import { fail, secured, streamFailure } from "./tls_facts.ts";
import type { TLSSocket } from "./tls_socket.ts";

/**
 * Milliseconds that a peer has for ending its side when we have ended ours: as long as it may
 * still be reading, or after an alert.
 */
const LINGER = 30000;
const LINGER_ALERT = 1000;

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

const send = function (socket: TLSSocket, session: Session, stream: Stream): void {
    const data = session._take(true);
    if (!socket._broken && stream.write(data) === false) socket._blocked = true;
};

/** Ends a connection whose stream is broken, when nothing more is read. Returns false. */
const broken = function (socket: TLSSocket): boolean {
    if (socket._broken) socket.destroy(streamFailure(socket, socket._broken));
    return false;
};

const deliver = function (socket: TLSSocket, session: Session): boolean {
    socket._stalled = socket._paused || socket.listenerCount("data") === 0;
    if (socket._stalled) return broken(socket);
    const data = session._take(false);
    socket.bytesRead += data.length;
    socket.emit("data", data);
    return true;
};

const handOut = function (socket: TLSSocket, session: Session): boolean {
    socket._saved = session._takeSaved();
    socket.emit("session", socket._saved);
    return true;
};

/** Encrypts a piece of what was written, or says goodbye when all is. */
const writeSome = function (socket: TLSSocket, session: Session, stream: Stream): boolean {
    if (socket._blocked) return false;
    if (socket._outgoing.size > 0) {
        const taken = session._put(ENTRY_SESSION_WRITE, socket._outgoing._pieces[0] as string, socket._outgoing.at);
        if (taken < 0) return fail(socket, taken);
        socket._outgoing.take(taken);
        socket.bytesWritten += taken;
        return true;
    }
    if (socket._ending) {
        session._call(ENTRY_SESSION_SHUTDOWN, 0, 0);
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
        const taken = session._put(ENTRY_SESSION_FEED, socket._incoming._pieces[0] as string, socket._incoming.at);
        if (taken < 0) return fail(socket, taken);
        socket._incoming.take(taken);
        if (socket._streamPaused && socket._incoming.size === 0) {
            socket._streamPaused = false;
            if (stream.resume) stream.resume();
        }
        return taken > 0;
    }
    if (socket._broken) return broken(socket);
    const over = socket._peerEnded && socket._shutDown;
    if (socket._streamEnded && !over && !socket._shutDown && !socket._peerEnded) {
        return fail(socket, session._call(ENTRY_SESSION_EOF, 0, 0));
    }
    const unused = socket._ending && socket._outgoing.size === 0 && !(state & ESTABLISHED);
    if (over || socket._streamEnded || unused) socket.destroy();
    return false;
};

/**
 * One handshake step at a time, each may take a second: other work goes on in between, what was sent gets on
 * its way, and what the peer says to it is heard.
 */
const goOn = function (socket: TLSSocket, state: number): boolean {
    if (state & ESTABLISHED) return true;
    pumpLater(socket);
    return false;
};

/** One turn; false when there is nothing to do until something happens. */
const turn = function (socket: TLSSocket, session: Session, stream: Stream): boolean {
    const state = session._call(ENTRY_SESSION_STEP, 0, 0);
    if (state < 0) return fail(socket, state);
    if (state & HAS_OUTPUT) {
        send(socket, session, stream);
        return goOn(socket, state);
    }
    if (state & ESTABLISHED && socket.connecting) return secured(socket);
    if (state & HAS_SESSION) return handOut(socket, session);
    if (state & HAS_DATA) return deliver(socket, session);
    if (state & AGAIN) return goOn(socket, state);
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
    const stream = socket._stream;
    if (socket._pumping || socket._to || !stream || !socket._session) return;
    if (stream.busy) {
        const wait = socket._later || stream.busy(() => {
            socket._later = false;
            pump(socket);
        });
        socket._later = wait;
        if (wait) return;
    }
    socket._pumping = true;
    while (!socket.destroyed && turn(socket, socket._session, stream));
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
