// SPDX-License-Identifier: Apache-2.0
/**
 * What HTTP's client and server share: a message that is read, and the framing of one that is
 * written.
 *
 * @module
 */

import { Emitter } from "./emitter.ts";
import type { Listener } from "./emitter.ts";
import { httpError } from "./http_fields.ts";
import type { Fields } from "./http_fields.ts";
import type { HttpParser } from "./http_parser.ts";
import { pipe } from "./pipe.ts";
import type { PipeDestination, PipeOptions } from "./pipe.ts";

/** The TLS socket, as far as HTTP uses it; what `tls.connect` returns has this shape. */
export interface TlsSocketLike {
    /** `false` when data is still queued; `drain` follows. */
    write(data: string): unknown;
    /** Sends what is queued and ends the connection in order. */
    end(): unknown;
    /** Drops the connection. */
    destroy(): unknown;
    /** Stops `data` events. */
    pause(): unknown;
    /** Takes them up again. */
    resume(): unknown;
    /** `data` carries a binary string or bytes. */
    on(event: "data", listener: (data: string | Uint8Array) => void): unknown;
    /** A session that option `session` of a later connection resumes. */
    on(event: "session", listener: (session: unknown) => void): unknown;
    /** Always followed by `close`. */
    on(event: "error", listener: (error: unknown) => void): unknown;
    /** `end` comes when the peer has ended in order. */
    on(event: "secureConnect" | "end" | "drain" | "close", listener: () => void): unknown;
    /** Plaintext bytes sent. */
    readonly bytesWritten?: number | undefined;
    /** The peer's address. */
    readonly remoteAddress?: string | undefined;
    /** Where the host can: whether the connection keeps the program running (Node). */
    ref?(): unknown;
    /** The opposite of `ref`. */
    unref?(): unknown;
}

/** The side of the connection that a message belongs to. */
export interface MessageOwner {
    /** Stops the flow of the body, or lets it go on. */
    _flow(on: boolean): void;
    destroy(error?: unknown): unknown;
}

/** Events of an {@link IncomingMessage}. */
export interface IncomingEvents {
    /** A piece of the body, one character a byte. */
    data: [data: string];
    /** The whole body has been read. */
    end: [];
    /** The last event, whether or not the message was complete. */
    close: [];
    /** The body broke off: `ETLS_HTTP_ABORTED`, or what went wrong with the connection. */
    error: [error: unknown];
}

/**
 * A message being received: a response at the client, a request at a server.
 *
 * The body is kept back until somebody wants it: add a `data` listener, `pipe` it, or `resume()`
 * to throw it away. Until it has been read, its connection is not free for another request.
 */
export class IncomingMessage extends Emitter<IncomingEvents> {
    /** Of a response. */
    statusCode: number;
    /** The reason phrase of a response. */
    statusMessage: string;
    /** Of a request. */
    method: string;
    /** The target of a request: path and query. */
    url: string;
    /** `"1.1"` or `"1.0"`. */
    httpVersion: string;
    /** Names in lower case; `set-cookie` is an array, all others are joined by `", "`. */
    headers: Fields;
    /** The fields after a chunked body, complete at `end`. */
    trailers: Fields;
    /** The connection: `getPeerCertificate()`, `authorized` and so on. */
    socket: TlsSocketLike;
    /** The whole message has been received. */
    complete: boolean;
    /** The message ended before it was complete. */
    aborted: boolean;
    /** Undefined until somebody decides: then whether the body flows. @internal */
    _flowing: boolean | undefined;
    private _owner: MessageOwner;

    /** @internal */
    constructor(parser: HttpParser, owner: MessageOwner, socket: TlsSocketLike) {
        super();
        this.statusCode = parser.statusCode;
        this.statusMessage = parser.statusMessage;
        this.method = parser.method;
        this.url = parser.url;
        this.httpVersion = parser.httpVersion;
        this.headers = parser.headers;
        this.trailers = parser.trailers;
        this.socket = socket;
        this.complete = false;
        this.aborted = false;
        this._owner = owner;
    }

    /** Adds a listener; the first one for `data` starts the flow. */
    override on<K extends keyof IncomingEvents & string>(
        name: K,
        listener: Listener<IncomingEvents[K]>,
    ): this {
        super.on(name, listener);
        if (name === "data" && this._flowing === undefined) this.resume();
        return this;
    }

    /** Stops `data` events; the peer is held back too. */
    pause(): this {
        this._flowing = false;
        this._owner._flow(false);
        return this;
    }

    /** Lets the body flow, to nowhere if nobody listens. */
    resume(): this {
        this._flowing = true;
        this._owner._flow(true);
        return this;
    }

    /** Sends the body to a stream, at the pace at which that takes it; returns the stream. */
    pipe<T extends PipeDestination>(destination: T, options?: PipeOptions): T {
        return pipe(this, destination, options);
    }

    /** Gives up the message and its connection; nothing happens once it is complete. */
    destroy(error?: unknown): this {
        this._owner.destroy(error);
        return this;
    }
}

/** A header's value: several for one name go out as several lines. */
export type FieldValue = string | number | string[];

/** The header and the framing of a message that is written; used by both sides. @internal */
export class Outgoing {
    /** By lower-case name: the name as it was given, and the value. */
    fields: { [lower: string]: { name: string; value: FieldValue } | undefined } = {};
    /** The header has been made. */
    started = false;
    /** The message has no body whatever is written: the answer to HEAD, 204, 304. */
    bodiless = false;
    /** Bytes that may still come: a number, -1 for chunked, -2 for "until the connection ends". */
    private _left = 0;

    /**
     * Sets a field in place of any of that name, or without a value removes it. Throws
     * `ETLS_HTTP_HEADER` for what would break the header apart, `ETLS_HTTP_SENT` once it is sent.
     */
    set(name: string, value: FieldValue | undefined): void {
        if (this.started) throw httpError("SENT", "the header has been sent already");
        const lower = name.toLowerCase();
        const bad = function (text: unknown): boolean {
            return /[^\t -~\x80-\xff]/.test(String(text));
        };
        const refused = /[^!#$%&'*+\-.^_`|~0-9a-z]/.test(lower) || !name || name === "__proto__";
        if (refused || (Array.isArray(value) ? value.some(bad) : bad(value))) {
            throw httpError("HEADER", "not a valid field: " + JSON.stringify(name));
        }
        if (value === undefined) delete this.fields[lower];
        else this.fields[lower] = { name, value };
    }

    /**
     * Makes the header. `length` is the body's if it is known, otherwise -1: then the body is
     * chunked, or with `old` (an HTTP/1.0 peer) ends with the connection.
     */
    head(line: string, length: number, old?: boolean): string {
        const fields = this.fields;
        const declared = fields["content-length"];
        const coding = fields["transfer-encoding"];
        if (coding) {
            const chunked = String(coding.value).toLowerCase() === "chunked";
            const fits = chunked && !declared && !old;
            if (!fits) throw httpError("LENGTH", "Transfer-Encoding does not fit");
            this._left = -1;
        } else if (declared) {
            const digits = String(declared.value);
            if (/[^0-9]/.test(digits) || !digits) throw httpError("LENGTH", "bad Content-Length");
            this._left = parseInt(digits, 10);
        } else if (length >= 0) {
            this._left = length;
        } else {
            this._left = old ? -2 : -1;
            if (!old && !this.bodiless) this.set("Transfer-Encoding", "chunked");
        }
        this.started = true;
        let text = line + "\r\n";
        Object.keys(fields).forEach(function (lower) {
            const field = fields[lower] as { name: string; value: FieldValue };
            const values = Array.isArray(field.value) ? field.value : [field.value];
            values.forEach(function (value) {
                text += field.name + ": " + value + "\r\n";
            });
        });
        return text + "\r\n";
    }

    /**
     * Frames a piece of the body, and its end after the last one. Throws `ETLS_HTTP_LENGTH` when
     * that is not the length that was declared.
     */
    body(data: string, last: boolean): string {
        if (this.bodiless || this._left === -2) return this.bodiless ? "" : data;
        if (this._left === -1) {
            const chunk = data ? data.length.toString(16) + "\r\n" + data + "\r\n" : "";
            return last ? chunk + "0\r\n\r\n" : chunk;
        }
        if (data.length > this._left) throw httpError("LENGTH", "more body than Content-Length");
        this._left -= data.length;
        if (last && this._left) throw httpError("LENGTH", "less body than Content-Length");
        return data;
    }
}
