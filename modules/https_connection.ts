// SPDX-License-Identifier: Apache-2.0
/**
 * A connection at a server: its requests, one after the other, and their responses in order.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { makeError } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { IncomingMessage } from "./http_message.ts";
import type { MessageOwner, TlsSocketLike } from "./http_message.ts";
import { httpError } from "./http_fields.ts";
import { DATA, HEAD, HttpParser, REQUEST } from "./http_parser.ts";
import type { ParserSink } from "./http_parser.ts";
import { reasonOf, ServerResponse } from "./https_response.ts";
import type { ResponseOwner } from "./https_response.ts";
import { Timer } from "./timer.ts";

/** Time-outs in milliseconds, and a limit. */
export interface ServerLimits {
    /** From the first byte of a request to the end of its header; default 10000. */
    headersTimeout: number;
    /** From the header of a request to the end of its body; default 300000. */
    requestTimeout: number;
    /** Between a response and the next request; default 5000. */
    keepAliveTimeout: number;
    /** Of a header section in bytes; default 8192. */
    maxHeaderSize: number;
}

/** The server, as a connection sees it. @internal */
export interface ConnectionOwner {
    limits: ServerLimits;
    /** No further requests are taken. */
    closing: boolean;
    _requested(request: IncomingMessage, response: ServerResponse): boolean;
    _refused(error: TlsError, socket: TlsSocketLike): void;
    _closed(connection: HttpsConnection): void;
}

/** Milliseconds without any progress after which a client that is to go is dropped. */
const LINGER = 30000;

const statusOf = function (code: string): number {
    if (code === "ETLS_TIMEOUT") return 408;
    if (code === "ETLS_HTTP_TOO_LARGE") return 431;
    if (code === "ETLS_HTTP_VERSION") return 505;
    return code === "ETLS_HTTP_CODING" ? 501 : 400;
};

/** One client's this. @internal */
export class HttpsConnection implements ParserSink, MessageOwner, ResponseOwner {
    socket: TlsSocketLike;
    _keeps = true;
    _keepFor: number;
    private _server: ConnectionOwner;
    private _parser: HttpParser;
    private _request: IncomingMessage | undefined;
    private _response: ServerResponse | undefined;
    private _timer = new Timer();
    /** The client has sent its last byte. */
    private _half = false;
    /** Nothing is read or written any more. */
    private _over = false;

    constructor(server: ConnectionOwner, socket: TlsSocketLike) {
        this._server = server;
        this.socket = socket;
        this._keepFor = server.limits.keepAliveTimeout;
        this._parser = new HttpParser(this, REQUEST, server.limits.maxHeaderSize);
        this._arm(server.limits.headersTimeout);
        socket.on("data", (data) => {
            this._receive(typeof data === "string" ? data : toBinary(data));
        });
        socket.on("drain", () => {
            if (this._response) this._response.emit("drain");
        });
        socket.on("end", () => {
            this._ended();
        });
        socket.on("error", () => {
            // `close` follows, and there is nobody to tell: each request says that it broke off.
        });
        socket.on("close", () => {
            this._gone();
        });
    }

    /** No request is being received or answered. */
    get idle(): boolean {
        return !this._parser.started;
    }

    /** Ends the connection in order, and drops it if the client does not go along. */
    hangUp(): void {
        const socket = this.socket;
        this._over = true;
        socket.end();
        // Data that comes too late is read, as closing over it would reset the this.
        socket.resume();
        this._linger();
    }

    /** Drops a client that neither ends nor takes what waits for it, however much that is. */
    private _linger(): void {
        const sent = this.socket.bytesWritten;
        this._timer.start(LINGER, () => {
            if (this.socket.bytesWritten === sent) this.socket.destroy();
            else this._linger();
        });
    }

    destroy(): void {
        this.socket.destroy();
    }

    private _arm(ms: number): void {
        this._timer.start(ms, () => {
            if (this.idle) this.hangUp();
            else this._refuse(makeError("ETLS_TIMEOUT", "the request did not arrive in time"));
        });
    }

    private _receive(data: string): void {
        const parser = this._parser;
        if (this._over) return;
        if (data && !parser.started) this._arm(this._server.limits.headersTimeout);
        try {
            parser.feed(data);
        } catch (error) {
            this._refuse(error as TlsError);
        }
        // Pipelined requests wait for the response before them, and do not pile up here.
        const request = this._request;
        if (request && request.complete && parser.rest) this.socket.pause();
    }

    _parsed(event: number, data: string): void {
        const request = this._request;
        if (event === HEAD) this._head();
        else if (this._over || !request) return;
        else if (event === DATA) request.emit("data", data);
        else this._done(request);
    }

    private _head(): void {
        const parser = this._parser;
        const headers = parser.headers;
        const host = headers["host"];
        // RFC 9112 §3.2: exactly one.
        const old = parser.httpVersion === "1.0";
        if (host === undefined ? !old : /[^!-~]|[,\/?#@\\]/.test(String(host))) {
            throw httpError("SYNTAX", "not exactly one Host");
        }
        const request = new IncomingMessage(parser, this, this.socket);
        const response = new ServerResponse(this, request.method, request.httpVersion);
        this._request = request;
        this._response = response;
        this._keeps = parser.keepAlive && !this._server.closing;
        this._arm(this._server.limits.requestTimeout);
        const expected = String(headers["expect"] || "").toLowerCase();
        if (expected === "100-continue" && !old) this._send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!this._server._requested(request, response)) response.writeHead(404).end();
        if (!request._flowing && !response.finished) this._flow(false);
    }

    private _done(request: IncomingMessage): void {
        request.complete = true;
        this._timer.stop();
        if (this._parser.paused) this.socket.resume();
        request.emit("end");
        request.emit("close");
        this._advance();
    }

    _flow(on: boolean): void {
        const parser = this._parser;
        if (this._over || parser.paused !== on || (this._request && this._request.complete)) return;
        parser.paused = !on;
        if (!on) {
            this.socket.pause();
            return;
        }
        this.socket.resume();
        setTimeout(() => {
            this._receive("");
        }, 0);
    }

    _send(text: string): boolean {
        if (this._over || !text) return true;
        return this.socket.write(text) !== false;
    }

    _sent(): void {
        const request = this._request;
        if (this._over || !request) return;
        // What the handler did not want of the request has to pass before the next one.
        if (!request.complete) request.resume();
        this._advance();
    }

    /** Goes on to the next request when this one and its response are complete. */
    private _advance(): void {
        const response = this._response;
        const old = this._parser;
        if (!this._request || !this._request.complete || !response || !response.finished) return;
        this._request = undefined;
        this._response = undefined;
        response.emit("close");
        if (!this._keeps || (this._half && !old.rest)) {
            this.hangUp();
            return;
        }
        const limits = this._server.limits;
        this._parser = new HttpParser(this, REQUEST, limits.maxHeaderSize);
        this._arm(limits.keepAliveTimeout);
        if (!old.rest) return;
        // From a timer, so that many requests in one piece do not nest.
        this._parser.paused = true;
        this._receive(old.rest);
        setTimeout(() => {
            this._parser.paused = false;
            this.socket.resume();
            this._receive("");
            if (this._half) this._ended();
        }, 0);
    }

    /** Answers what is no proper request, and ends the this. */
    private _refuse(error: TlsError): void {
        const response = this._response;
        if (this._over) return;
        if (response && response.headersSent) {
            this.socket.destroy();
        } else {
            const status = statusOf(error.code);
            this._send(
                "HTTP/1.1 " +
                    status +
                    " " +
                    reasonOf(status) +
                    "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            );
            this.hangUp();
        }
        this._over = true;
        this._abort(error);
        this._server._refused(error, this.socket);
    }

    private _abort(error: unknown): void {
        const request = this._request;
        const response = this._response;
        this._request = undefined;
        this._response = undefined;
        if (request && !request.complete) {
            request.aborted = true;
            request.emit("error", error);
            request.emit("close");
        }
        if (response) response.emit("close");
    }

    /** The client has sent its last byte; it may still wait for responses. */
    private _ended(): void {
        if (this._over) return;
        this._half = true;
        if (this.idle) {
            this.hangUp();
            return;
        }
        try {
            this._parser.feed("", true);
        } catch (error) {
            this._refuse(error as TlsError);
        }
    }

    private _gone(): void {
        this._timer.stop();
        this._over = true;
        this._abort(makeError("ETLS_HTTP_ABORTED", "the connection ended before the response"));
        this._server._closed(this);
    }
}
