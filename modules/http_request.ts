// SPDX-License-Identifier: Apache-2.0
/**
 * The client's side of one HTTP exchange.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { Emitter, throwLater } from "./emitter.ts";
import { makeError } from "./errors.ts";
import type { Agent, ConnectOptions, Connection, TlsApi } from "./http_agent.ts";
import { hasToken, httpError } from "./http_fields.ts";
import { IncomingMessage, Outgoing } from "./http_message.ts";
import type { FieldValue, TlsSocketLike } from "./http_message.ts";
import type { RequestEvents, ResolvedOptions } from "./http_options.ts";
import { DATA, HEAD, HEADER_LIMIT, HEAD_RESPONSE, HttpParser, RESPONSE } from "./http_parser.ts";
import { Timer } from "./timer.ts";

// These functions are called in one place each and become part of it in the build for boards.

/** The header of a request, before its body is known. */
const makeHeader = function (options: ResolvedOptions): Outgoing {
    const out = new Outgoing();
    const host = options.host.indexOf(":") < 0 ? options.host : "[" + options.host + "]";
    out.set("Host", options.port === 443 ? host : host + ":" + options.port);
    if (options.auth) out.set("Authorization", "Basic " + btoa(toBinary(options.auth)));
    if (!options.agent.keepAlive) out.set("Connection", "close");
    const headers = options.headers || {};
    Object.keys(headers).forEach(function (name) {
        if (headers[name] !== undefined) out.set(name, headers[name]);
    });
    return out;
};

/** The first piece is written, or with its length known, all of it: the header can be made. */
const start = function (request: ClientRequest, length: number): void {
    const out = request._out;
    const framed = out.fields["content-length"] || out.fields["transfer-encoding"];
    const body = length > 0 || ["POST", "PUT", "PATCH"].includes(request.method);
    if (length >= 0 && body && !framed) out.set("Content-Length", length);
    request._send(out.head(request.method + " " + request.path + " HTTP/1.1", length));
    request._touch();
    // Later, so that no event comes before the caller could add its listener.
    setTimeout(function () {
        if (!request._closed) request._agent._next(request);
    }, 0);
};

/** The header of the response is there. */
const respond = function (request: ClientRequest): void {
    const parser = request._parser as HttpParser;
    const response = new IncomingMessage(parser, request, request.socket as TlsSocketLike);
    request._response = response;
    request._pending = [];
    if (!request.emit("response", response)) response.resume();
    if (!response._flowing) request._flow(false);
};

/** The response is complete: its connection may serve another request. */
const finish = function (request: ClientRequest, response: IncomingMessage): void {
    const parser = request._parser as HttpParser;
    const asked = request._out.fields["connection"];
    const closes = hasToken(asked && asked.value, "close");
    const reusable = request._finished && parser.keepAlive && !parser.rest && !closes;
    if (parser.paused) response.socket.resume();
    request._closed = true;
    request._touch();
    response.complete = true;
    const hint = String(parser.headers["keep-alive"]);
    request._agent._release(request._connection as Connection, reusable, hint);
    response.emit("end");
    response.emit("close");
    request.emit("close");
};

/** The connection ended before there was a response: once more, or an error. */
const retry = function (request: ClientRequest, error: unknown): void {
    if (request._parser && request._pending.length) {
        request._agent._cancel(request);
        request._parser = request._connection = request.socket = undefined;
        request._fresh = true;
        request._agent._next(request);
    } else {
        const none = httpError("NO_RESPONSE", "the connection ended before a response");
        request.destroy(error === true ? none : error);
    }
};

/** The time is over, unless bytes went out meanwhile: a long body does so without events. */
const expire = function (request: ClientRequest): void {
    const socket = request.socket;
    if (socket && socket.bytesWritten !== request._written) {
        request._written = socket.bytesWritten;
        request._touch();
    } else if (!request.emit("timeout")) {
        const why = "no progress for " + request._patience + " ms with " + request.host;
        request.destroy(makeError("ETLS_TIMEOUT", why));
    }
};

/** A request, and the way to its response. */
export class ClientRequest extends Emitter<RequestEvents> {
    /** In capitals. */
    method: string;
    /** Path and query. */
    path: string;
    /** The server's name, as in the URL. */
    host: string;
    /** The connection, once there is one. */
    socket: TlsSocketLike | undefined;
    /** The same as `destroy()`. */
    declare abort: (error?: unknown) => this;
    /** The connection had served another request before. */
    reusedSocket = false;
    /** @internal */ _tls: TlsApi;
    /** @internal */ _target: ConnectOptions;
    /** @internal */ _fresh = false;
    /** @internal */ _agent: Agent;
    /** @internal */ _out: Outgoing;
    /** Pieces that wait for a connection, or that a retry would need. @internal */
    _pending: string[] = [];
    /** `write` has answered false. @internal */
    _full = false;
    /** `end` was called. @internal */
    _finished = false;
    /** Nothing more will happen. @internal */
    _closed = false;
    /** @internal */ _connection: Connection | undefined;
    /** @internal */ _parser: HttpParser | undefined;
    /** @internal */ _response: IncomingMessage | undefined;
    /** Milliseconds without progress that are allowed; 0: any. @internal */
    _patience: number;
    /** What `bytesWritten` of the socket was. @internal */
    _written: number | undefined;
    private _limit: number;
    private _timer = new Timer();

    /** @internal */
    constructor(tls: TlsApi, options: ResolvedOptions) {
        super();
        this.method = options.method;
        this.path = options.path;
        this.host = options.host;
        this._tls = tls;
        this._target = options.connect;
        this._agent = options.agent;
        this._out = makeHeader(options);
        this._limit = options.maxHeaderSize || HEADER_LIMIT;
        this._patience = options.timeout || 0;
    }

    /** Sets a header field before the first `write` or `end`. */
    setHeader(name: string, value: FieldValue): this {
        this._out.set(name, value);
        return this;
    }

    /** Sets the time without progress in milliseconds (0: none); `listener` gets `timeout`. */
    setTimeout(ms: number, listener?: () => void): this {
        if (listener) this.on("timeout", listener);
        this._patience = ms;
        if (this._out.started) this._touch();
        return this;
    }

    /**
     * Sends a piece of the body, chunked unless a `Content-Length` was set. False: wait for
     * `drain` to keep memory bounded.
     */
    write(data: string | Uint8Array): boolean {
        return this._write(data, false);
    }

    /** Ends the request; a body given here as a whole is sent with its length. */
    end(data?: string | Uint8Array): this {
        this._write(data === undefined ? "" : data, true);
        return this;
    }

    /** Ends everything at once; with an error, `error` says so first. */
    destroy(error?: unknown): this {
        const request = this;
        const response = this._response;
        if (this._closed) return this;
        this._closed = true;
        this._touch();
        if (this._parser) this._parser.paused = true;
        if (response) response.aborted = true;
        this._agent._cancel(this);
        setTimeout(function () {
            if (error !== undefined && !(response && response.emit("error", error))) {
                if (!request.emit("error", error)) throwLater(error);
            }
            if (response) response.emit("close");
            request.emit("close");
        }, 0);
        return this;
    }

    private _write(data: string | Uint8Array, last: boolean): boolean {
        const bytes = toBinary(data);
        if (this._closed) return true;
        if (this._finished) throw httpError("SENT", "the request has been ended already");
        try {
            if (!this._out.started) start(this, last ? bytes.length : -1);
            this._finished = last;
            return this._send(this._out.body(bytes, last));
        } catch (error) {
            this.destroy(error);
            return true;
        }
    }

    /** Sends, or keeps until there is a connection. @internal */
    _send(text: string): boolean {
        const socket = this.socket;
        if (text && socket) {
            this._full = socket.write(text) === false;
            this._written = socket.bytesWritten;
            this._touch();
        } else if (text) {
            const before = this._pending.pop() || "";
            // Small pieces share a TLS record; large ones are not copied.
            const small = before.length + text.length < 1024;
            this._pending = this._pending.concat(small ? [before + text] : [before, text]);
            this._full = true;
        }
        return !this._full;
    }

    /** @internal */
    _attach(connection: Connection): void {
        const request = this;
        const pieces = this._pending;
        const head = this.method === "HEAD";
        this._connection = connection;
        this.socket = connection.socket;
        this.reusedSocket = connection.used;
        this._pending = [];
        this._parser = new HttpParser(this, head ? HEAD_RESPONSE : RESPONSE, this._limit);
        this.emit("socket", connection.socket);
        pieces.forEach(function (piece) {
            if (!request._closed) request._send(piece);
        });
        // RFC 9110 §9.2.2: what a stale connection swallowed may be sent again only if idempotent.
        const again = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].includes(this.method);
        if (again && this._finished && connection.used) this._pending = pieces;
        if (!this._full) this.emit("drain");
    }

    /** @internal */
    _receive(data: string, ended?: unknown): void {
        const parser = this._parser;
        if (this._closed) return;
        this._touch();
        try {
            if (ended !== undefined && !(parser && parser.started)) retry(this, ended);
            else if (parser) parser.feed(data, ended);
        } catch (error) {
            this.destroy(error);
        }
    }

    /** @internal */
    _parsed(event: number, data: string): void {
        const response = this._response;
        if (this._closed) return;
        if (event === HEAD || !response) respond(this);
        else if (event === DATA) response.emit("data", data);
        else finish(this, response);
    }

    /** @internal */
    _flow(on: boolean): void {
        const request = this;
        const parser = this._parser as HttpParser;
        const socket = this.socket as TlsSocketLike;
        if (this._closed || parser.paused !== on) return;
        parser.paused = !on;
        if (on) socket.resume();
        else socket.pause();
        if (!on) return;
        setTimeout(function () {
            request._receive("");
        }, 0);
    }

    /** There was progress: the time begins anew, or ends with the request. @internal */
    _touch(): void {
        const request = this;
        this._timer.start(this._closed ? 0 : this._patience, function () {
            expire(request);
        });
    }
}

ClientRequest.prototype.abort = ClientRequest.prototype.destroy;
