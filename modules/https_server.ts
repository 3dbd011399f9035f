// SPDX-License-Identifier: Apache-2.0
/**
 * The server's side of `https`; not part of what a client on a board loads.
 *
 * @module
 */

import { Emitter } from "./emitter.ts";
import type { TlsError } from "./errors.ts";
import type { IncomingMessage, TlsSocketLike } from "./http_message.ts";
import { HEADER_LIMIT } from "./http_parser.ts";
import { HttpsConnection } from "./https_connection.ts";
import type { ServerLimits } from "./https_connection.ts";
import type { ServerResponse } from "./https_response.ts";

export type { ServerLimits } from "./https_connection.ts";
export type { ResponseEvents, ServerResponse } from "./https_response.ts";

/** What `tls.createServer` returns, as far as it is used here. */
export interface TlsServerLike {
    /** `callback` is called once it listens. */
    listen(port: number, host: string | undefined, callback: () => void): unknown;
    /** Stops accepting; connections that exist go on. */
    close(callback: () => void): unknown;
    /** Where it listens. */
    address?(): unknown;
    /** It cannot listen. */
    on(event: "error", listener: (error: unknown) => void): unknown;
    /** A handshake that failed. */
    on(event: "tlsClientError", listener: (error: unknown, socket: unknown) => void): unknown;
}

/** The part of the `tls` module that the server needs. */
export interface TlsServerApi {
    /** Makes a server; `onSecureConnection` gets each connection after its handshake. */
    createServer(
        options: object,
        onSecureConnection: (socket: TlsSocketLike) => void,
    ): TlsServerLike;
}

/** {@link ServerLimits}, and the options of `tls.createServer`. */
export interface ServerOptions extends Partial<ServerLimits> {
    [option: string]: unknown;
}

/** Called with each request as soon as its header is there. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Events of an {@link HttpsServer}. */
export interface ServerEvents {
    /** A request, as soon as its header is there. */
    request: [request: IncomingMessage, response: ServerResponse];
    /** The server listens. */
    listening: [];
    /** A request that was refused and answered with an error status, or broke off. */
    clientError: [error: TlsError, socket: TlsSocketLike];
    /** A handshake that failed. */
    tlsClientError: [error: unknown, socket: unknown];
    /** The server cannot listen. */
    error: [error: unknown];
    /** Closed, and the last connection gone. */
    close: [];
}

/** A server; `createServer` makes it. */
export class HttpsServer extends Emitter<ServerEvents> {
    /** @internal */ limits: ServerLimits;
    /** `close` was called. */
    closing = false;
    private _tls: TlsServerLike;
    private _connections: HttpsConnection[] = [];
    /** 0 while it may listen, 1 once it does not any more, 2 when all connections are gone too. */
    private _stage = 0;

    /** @internal */
    constructor(tls: TlsServerApi, options: ServerOptions, listener?: RequestListener) {
        super();
        this.limits = {
            headersTimeout: options.headersTimeout || 10000,
            requestTimeout: options.requestTimeout || 300000,
            keepAliveTimeout: options.keepAliveTimeout || 5000,
            maxHeaderSize: options.maxHeaderSize || HEADER_LIMIT,
        };
        if (listener) this.on("request", listener);
        this._tls = tls.createServer(options, (socket) => {
            if (this.closing) socket.destroy();
            else this._connections.push(new HttpsConnection(this, socket));
        });
        this._tls.on("error", (error) => {
            this.emit("error", error);
        });
        this._tls.on("tlsClientError", (error, socket) => {
            this.emit("tlsClientError", error, socket);
        });
    }

    /** Listens; port 0 lets the system choose, see {@link HttpsServer.address}. */
    listen(port: number, host?: string | (() => void), callback?: () => void): this {
        const then = typeof host === "function" ? host : callback;
        this._tls.listen(port, typeof host === "function" ? undefined : host, () => {
            this.emit("listening");
            if (then) then();
        });
        return this;
    }

    /** Where the server listens, in the form in which the host's `tls` gives it. */
    address(): unknown {
        return this._tls.address ? this._tls.address() : undefined;
    }

    /**
     * Stops listening, closes idle connections at once and the others after the response that
     * they are at; `callback` is called when all are gone.
     */
    close(callback?: () => void): this {
        if (callback && this._stage === 2) setTimeout(callback, 0);
        else if (callback) this.on("close", callback);
        if (this.closing) return this;
        this.closing = true;
        this._connections.forEach(function (connection) {
            connection._keeps = false;
            if (connection.idle) connection.hangUp();
        });
        this._tls.close(() => {
            this._stage = 1;
            this._closed(undefined);
        });
        return this;
    }

    /** Drops all connections. */
    closeAllConnections(): void {
        this._connections.forEach(function (connection) {
            connection.destroy();
        });
    }

    /** @internal */
    _requested(request: IncomingMessage, response: ServerResponse): boolean {
        return this.emit("request", request, response);
    }

    /** @internal */
    _refused(error: TlsError, socket: TlsSocketLike): void {
        this.emit("clientError", error, socket);
    }

    /** @internal */
    _closed(connection: HttpsConnection | undefined): void {
        this._connections = this._connections.filter(function (other) {
            return other !== connection;
        });
        if (this._stage === 1 && !this._connections.length) {
            this._stage = 2;
            this.emit("close");
        }
    }
}

/** Makes servers on one `tls`. */
export type CreateServer = (
    options: ServerOptions | RequestListener,
    listener?: RequestListener,
) => HttpsServer;

/** Makes `createServer` for a `tls`; give it to `createHttps` to have servers. */
export const serverFactory = function (tls: TlsServerApi): CreateServer {
    return function (options, listener) {
        if (typeof options === "function") return new HttpsServer(tls, {}, options);
        return new HttpsServer(tls, options, listener);
    };
};
