// SPDX-License-Identifier: Apache-2.0
/**
 * A TLS socket and the stream of its ciphertext: dialling, and what comes from there. Functions, as in
 * tls_pump.ts.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import type { Address, Stream, Transport } from "./host.ts";
import { streamFailure } from "./tls_facts.ts";
import { active, pump } from "./tls_pump.ts";
import type { TLSSocket } from "./tls_socket.ts";

/** Ciphertext that may wait here before the stream is paused, bytes. */
const INCOMING_LIMIT = 32768;

/** Bytes that are kept of what came first: they tell a peer that does not speak TLS. */
const FIRST = 16;

/** Takes ciphertext. */
const receive = function (socket: TLSSocket, stream: Stream, data: string | Uint8Array): void {
    if (socket.destroyed || data.length === 0) return;
    if (socket._first === "") {
        const length = Math.min(data.length, FIRST);
        socket._first = typeof data === "string" ? data.substr(0, length) : toBinary(data.subarray(0, length));
    }
    socket._incoming.push(data);
    if (socket._incoming.size > INCOMING_LIMIT && stream.pause) {
        socket._streamPaused = true;
        stream.pause();
    }
    active(socket);
    pump(socket);
};

/** Gives a socket its stream, and starts if that is connected. */
export const attach = function (socket: TLSSocket, stream: Stream): void {
    const ended = function (): void {
        socket._streamEnded = true;
        if (socket._to) socket.destroy(streamFailure(socket, "closed before it was connected"));
        else pump(socket);
    };
    socket._stream = stream;
    stream.on("data", function (data) {
        receive(socket, stream, data);
    });
    stream.on("drain", function () {
        socket._blocked = false;
        pump(socket);
    });
    stream.on("error", function (error) {
        socket._broken = error;
        // What came before is read first: it may be the alert that says why.
        if (socket._to || socket._incoming.size === 0) socket.destroy(streamFailure(socket, error));
        else ended();
    });
    stream.on("end", ended);
    stream.on("close", ended);
    pump(socket);
};

/** Connects, and starts. */
export const dial = function (socket: TLSSocket, transport: Transport, to: Address): void {
    socket._to = to;
    try {
        const stream = transport.connect(to, function () {
            socket._to = undefined;
            pump(socket);
        });
        attach(socket, stream);
    } catch (error) {
        socket.destroy(streamFailure(socket, error));
    }
};
