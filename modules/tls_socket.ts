// SPDX-License-Identifier: Apache-2.0
/**
 * The socket of a TLS connection, as programs see it.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import { toBinary } from "./bytes.ts";
import type { Cipher } from "./ciphers.ts";
import { Emitter } from "./emitter.ts";
import type { Listener } from "./emitter.ts";
import type { TlsError } from "./errors.ts";
import type { Address, Stream } from "./host.ts";
import { pipe } from "./pipe.ts";
import type { PipeDestination, PipeOptions } from "./pipe.ts";
import type { PeerCertificate } from "./report.ts";
import type { Session } from "./session.ts";
import { Timer } from "./timer.ts";
import {
    availableOf, certificateOf, cipherOf, closedFailure, memoryOf, protocolOf, readSome, timeoutFailure,
} from "./tls_facts.ts";
import { active, emitError, endStream, pump, pumpLater } from "./tls_pump.ts";
import type { ConnectionMemory, SocketSetup, TLSSocketEvents } from "./tls_socket_types.ts";

/** A TLS connection. Made by `tls.connect` and by servers. */
export class TLSSocket extends Emitter<TLSSocketEvents> {
    /** Whether the peer's certificate was verified. */
    authorized = false;
    /** Why not, as an error code, with `rejectUnauthorized: false`; `checkServerIdentity`'s message if it gave none. */
    authorizationError: string | undefined;
    /** The protocol agreed by ALPN, or `false`. */
    alpnProtocol: string | false = false;
    /** The name asked for (clients), or asked for by the client (servers). */
    servername = "";
    /** Why the session that was given was not offered, as an error code. */
    sessionRefused: string | undefined;
    /** Always true, as in Node. */
    encrypted = true;
    /** Whether the handshake is still going on. */
    connecting = true;
    /** Whether the connection is over. */
    destroyed = false;
    /** Bytes of plaintext that came. */
    bytesRead = 0;
    /** Bytes of plaintext that were sent. */
    bytesWritten = 0;
    /** @internal */
    _session: Session | undefined;
    /** @internal */
    _stream: Stream | undefined;
    /** Where to, while the stream is not connected. @internal */
    _to: Address | undefined;
    /** @internal */
    _setup: SocketSetup | undefined;
    /** @internal */
    _incoming = new ByteQueue();
    /** @internal */
    _outgoing = new ByteQueue();
    /** @internal */
    _handshakeTimer = new Timer();
    /** @internal */
    _idleTimer = new Timer();
    /** @internal */
    _idleTime = 0;
    /** @internal */
    _first = "";
    /** @internal */
    _saved: string | undefined;
    /** @internal */
    _reused = false;
    /** @internal */
    _paused = false; // by the program
    /** @internal */
    _stalled = false; // data waits for a listener or for resume()
    /** @internal */
    _streamPaused = false; // by us
    /** @internal */
    _streamEnded = false;
    /** Why the stream is broken, while what came before is still read. @internal */
    _broken: unknown;
    /** @internal */
    _blocked = false; // the stream asked to wait for drain
    /** @internal */
    _needDrain = false; // the program was asked to wait for drain
    /** @internal */
    _ending = false; // no more will be written
    /** @internal */
    _shutDown = false; // close_notify or an alert was sent
    /** @internal */
    _peerEnded = false;
    /** @internal */
    _failed = false; // an error was told or will be
    /** @internal */
    _closed = false; // close was told
    /** @internal */
    _pumping = false;
    /** @internal */
    _later = false; // a pump is scheduled

    constructor() {
        super();
    }

    /** The address of the other end, where the host knows it. */
    get remoteAddress(): string | undefined {
        return this._stream ? this._stream.remoteAddress : undefined;
    }

    /** Takes a session that was just made; nothing is sent before there is a stream. @internal */
    _open(session: Session, setup: SocketSetup): void {
        this._session = session;
        this._setup = setup;
        this._limit(setup.handshakeTimeout, "handshake");
    }

    /** Ends the connection when the handshake takes longer. @internal */
    _limit(ms: number, phase: string): void {
        this._handshakeTimer.start(ms, () => {
            this.destroy(timeoutFailure(this, ms, phase));
        });
    }

    /** Adds a listener; data that waited for one comes soon. */
    override on<K extends keyof TLSSocketEvents & string>(
        name: K,
        listener: Listener<TLSSocketEvents[K]>,
    ): this {
        super.on(name, listener);
        if (name === "data" && this._stalled) pumpLater(this);
        return this;
    }

    /**
     * Sends data: bytes, or a string with one character for each. What is written before the
     * handshake is over waits for it. Returns false when data is still waiting; `drain` follows.
     *
     * @throws TlsError `ETLS_CLOSED` after `close`; after {@link TLSSocket.end} it is an `error` event.
     */
    write(data: string | Uint8Array): boolean {
        const bytes = toBinary(data);
        if (this.destroyed || this._ending) {
            const error = closedFailure();
            if (this._closed) throw error; // as Espruino's sockets do
            if (!this._failed) emitError(this, error); // one error is enough
            return false;
        }
        if (bytes.length > 0) this._outgoing.push(bytes);
        active(this);
        pump(this);
        if (this._outgoing.size > 0 || this._blocked) this._needDrain = true;
        return !this._needDrain;
    }

    /** Sends what was written, `data` too, then says goodbye. */
    end(data?: string | Uint8Array): this {
        if (data !== undefined && data.length > 0 && !this._ending) this.write(data);
        this._ending = true;
        pump(this);
        return this;
    }

    /** Bytes that {@link TLSSocket.read} has, where nobody listens to `data`: at most a record. */
    available(): number {
        return availableOf(this);
    }

    /** Takes what waits, at most `most` bytes of it; empty when nothing does. Espruino's way beside `data`. */
    read(most?: number): string {
        const data = readSome(this, most || 0);
        pumpLater(this);
        return data;
    }

    /** Stops `data` events; at most one record and what the stream has buffered waits. */
    pause(): this {
        this._paused = true;
        return this;
    }

    /** Takes `data` events up again. */
    resume(): this {
        this._paused = false;
        pumpLater(this);
        return this;
    }

    /** Lets the process end though this connection is open, where the host knows of that. */
    unref(): this {
        if (this._stream && this._stream.unref) this._stream.unref();
        return this;
    }

    /** Takes {@link TLSSocket.unref} back. */
    ref(): this {
        if (this._stream && this._stream.ref) this._stream.ref();
        return this;
    }

    /** Sends everything that comes to a destination, at its pace. */
    pipe<T extends PipeDestination>(destination: T, options?: PipeOptions): T {
        return pipe(this, destination, options);
    }

    /** Emits `timeout` when nothing comes or goes for `ms` milliseconds; 0 stops that. */
    setTimeout(ms: number, callback?: () => void): this {
        this._idleTime = ms;
        if (callback) this.on("timeout", callback);
        active(this);
        return this;
    }

    /** `TLSv1.2` or `TLSv1.3`; null before the handshake is over. */
    getProtocol(): string | null {
        return protocolOf(this);
    }

    /** The cipher suite; undefined before the handshake is over. */
    getCipher(): Cipher | undefined {
        return cipherOf(this);
    }

    /**
     * The newest session that can be resumed, undefined while there is none. That is the one given as option
     * `session` when it was resumed and the server has sent no other.
     */
    getSession(): string | undefined {
        return this._saved;
    }

    /** Whether the handshake resumed a session; no certificate was sent then. */
    isSessionReused(): boolean {
        return this._reused;
    }

    /** Bytes of the arena that this connection uses now and used at most, and its allocations. */
    memory(): ConnectionMemory {
        return memoryOf(this);
    }

    /** Drops the connection at once; with an error, `error` comes before `close`. */
    destroy(error?: TlsError | Error): this {
        if (this.destroyed) return this;
        this.destroyed = true;
        this._failed = error !== undefined;
        this.connecting = false;
        this._handshakeTimer.stop();
        this._idleTimer.stop();
        if (this._session) this._session.free();
        this._incoming = new ByteQueue();
        this._outgoing = new ByteQueue();
        const stream = this._stream;
        if (stream && stream.destroy && !this._shutDown) stream.destroy();
        else if (stream) endStream(this, stream);
        setTimeout(() => {
            this._closed = true;
            if (error) emitError(this, error as TlsError);
            this.emit("close", error !== undefined);
        }, 0);
        return this;
    }

    /** The peer's certificate, null without one; with `true` and option `keepChain` the whole chain. */
    getPeerCertificate(): PeerCertificate | null;
    getPeerCertificate(detailed: true): PeerCertificate[];
    getPeerCertificate(detailed?: boolean): PeerCertificate | PeerCertificate[] | null {
        const found = certificateOf(this, detailed === true);
        return detailed ? found : found[0] || null;
    }
}
