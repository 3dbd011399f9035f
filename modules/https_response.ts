// SPDX-License-Identifier: Apache-2.0
/**
 * The response that a server writes.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { Emitter } from "./emitter.ts";
import { makeError } from "./errors.ts";
import { Outgoing } from "./http_message.ts";
import type { FieldValue, TlsSocketLike } from "./http_message.ts";
import { hasToken } from "./http_fields.ts";

/** The connection, as a response sees it. @internal */
export interface ResponseOwner {
    socket: TlsSocketLike;
    /** Sends; `false` when `drain` will follow. Nothing happens on a connection that is gone. */
    _send(text: string): boolean;
    /** Whether the connection may go on after this response; decided when its header is made. */
    _keeps: boolean;
    /** How long it is then kept, in milliseconds. */
    _keepFor: number;
    /** The response is complete. */
    _sent(): void;
}

/** Events of a {@link ServerResponse}. */
export interface ResponseEvents {
    /** What was written has gone out, after `write` answered false. */
    drain: [];
    /** The response was ended, and all of it handed to the connection. */
    finish: [];
    /** The last event, also when the connection went away before the response was complete. */
    close: [];
}

/** Reason phrases (RFC 9110 §15); any others are left empty, which the protocol allows. */
export const reasonOf = function (status: number): string {
    const reasons =
        "200OK,201Created,202Accepted,204No Content,206Partial Content,301Moved Permanently," +
        "302Found,303See Other,304Not Modified,307Temporary Redirect,308Permanent Redirect," +
        "400Bad Request,401Unauthorized,403Forbidden,404Not Found,405Method Not Allowed," +
        "408Request Timeout,409Conflict,410Gone,411Length Required,413Content Too Large," +
        "415Unsupported Media Type,417Expectation Failed,429Too Many Requests," +
        "431Request Header Fields Too Large,500Internal Server Error,501Not Implemented," +
        "502Bad Gateway,503Service Unavailable,504Gateway Timeout,505HTTP Version Not Supported";
    const found = reasons.split(",").find(function (reason) {
        return reason.substr(0, 3) === String(status);
    });
    return found ? found.substr(3) : "";
};

/** What a server answers: header and body, the latter with its length or chunked. */
export class ServerResponse extends Emitter<ResponseEvents> {
    /** Default 200. */
    statusCode = 200;
    /** The reason phrase; by default that of the status. */
    statusMessage = "";
    /** The header has been sent. */
    headersSent = false;
    /** `end` was called. */
    finished = false;
    /** The connection. */
    socket: TlsSocketLike;
    private _owner: ResponseOwner;
    private _out: Outgoing;
    private _toHead: boolean;
    private _old: boolean;

    /** @internal */
    constructor(owner: ResponseOwner, method: string, httpVersion: string) {
        super();
        this.socket = owner.socket;
        this._owner = owner;
        this._out = new Outgoing();
        this._toHead = method === "HEAD";
        this._old = httpVersion === "1.0";
    }

    /** Sets a header field; an array goes out as several lines. */
    setHeader(name: string, value: FieldValue): this {
        this._out.set(name, value);
        return this;
    }

    /** A header field as it was set. */
    getHeader(name: string): FieldValue | undefined {
        const field = this._out.fields[name.toLowerCase()];
        return field ? field.value : undefined;
    }

    /** Takes a header field back. */
    removeHeader(name: string): void {
        this._out.set(name, undefined);
    }

    /**
     * Sets status and header fields; they are sent with the first `write` or `end`, which throws
     * `ETLS_HTTP_STATUS` for a status or reason that cannot be.
     */
    writeHead(
        status: number,
        reason?: string | { [name: string]: FieldValue },
        headers?: { [name: string]: FieldValue },
    ): this {
        const out = this._out;
        const fields = (typeof reason === "string" ? headers : reason) || {};
        if (typeof reason === "string") this.statusMessage = reason;
        Object.keys(fields).forEach(function (name) {
            out.set(name, fields[name]);
        });
        this.statusCode = status;
        return this;
    }

    /** Sends a piece of the body; false asks to wait for `drain`. */
    write(data: string | Uint8Array): boolean {
        const bytes = toBinary(data);
        this._mayWrite();
        if (!this.headersSent) this._head(-1);
        return this._owner._send(this._out.body(bytes, false));
    }

    /** Completes the response; a body given here as a whole is sent with its length. */
    end(data?: string | Uint8Array): this {
        const bytes = data === undefined ? "" : toBinary(data);
        this._mayWrite();
        const head = this.headersSent ? "" : this._head(bytes.length);
        this._owner._send(head + this._out.body(bytes, true));
        this.finished = true;
        this.emit("finish");
        this._owner._sent();
        return this;
    }

    private _mayWrite(): void {
        if (this.finished) throw makeError("ETLS_HTTP_SENT", "the response has been ended already");
    }

    /** Makes the header; sends it too when the length (-1) is not known yet. */
    private _head(length: number): string {
        const out = this._out;
        const owner = this._owner;
        const status = this.statusCode;
        const line = status + " " + (this.statusMessage || reasonOf(status));
        const known = status >= 200 && status < 1000 && status === status >>> 0;
        if (!known || /[^\t -~\x80-\xff]/.test(line)) {
            throw makeError("ETLS_HTTP_STATUS", "not a final status: " + JSON.stringify(line));
        }
        const none = status === 204 || status === 304;
        out.bodiless = this._toHead || none;
        const framed = !!(out.fields["content-length"] || out.fields["transfer-encoding"]);
        // HEAD gets the header that GET would, as far as it can be known.
        const silent = none || framed || (this._toHead && length === 0);
        if (length >= 0 && !silent) out.set("Content-Length", length);
        else if (!silent && !this._old) out.set("Transfer-Encoding", "chunked");
        // RFC 9112 §6.1: no chunks for an older client; the end of the connection ends the body.
        if (length < 0 && this._old && !silent) owner._keeps = false;
        const connection = out.fields["connection"];
        if (hasToken(connection && connection.value, "close")) owner._keeps = false;
        if (!connection) {
            out.set("Connection", owner._keeps ? "keep-alive" : "close");
            if (owner._keeps) out.set("Keep-Alive", "timeout=" + Math.floor(owner._keepFor / 1000));
        }
        const now = new Date();
        if (now.getFullYear() > 2020 && !out.fields["date"]) {
            out.set("Date", now.toUTCString());
        }
        const head = out.head("HTTP/1.1 " + line, length, this._old);
        this.headersSent = true;
        if (length >= 0) return head;
        owner._send(head);
        return "";
    }
}
