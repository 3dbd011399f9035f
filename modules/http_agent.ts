// SPDX-License-Identifier: Apache-2.0
/**
 * Connections that serve several HTTPS requests one after the other.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { makeError } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import type { TlsSocketLike } from "./http_message.ts";
import { recall, remember, serves } from "./http_sessions.ts";
import type { Origin, Saved } from "./http_sessions.ts";

/** Options of a connection: host, port, and everything else `tls.connect` knows. */
export interface ConnectOptions {
    /** Name or address. */
    host?: string | undefined;
    /** TCP port. */
    port?: number | string | undefined;
    [option: string]: unknown;
}

/** The part of the `tls` module that the client needs. */
export interface TlsApi {
    /** May throw for options that cannot be used. */
    connect(options: ConnectOptions): TlsSocketLike;
}

/** Options of an {@link Agent}; any other is one for `tls.connect` and holds for every request. */
export interface AgentOptions {
    /** Keep connections for further requests; default false, but true for `globalAgent`. */
    keepAlive?: boolean | undefined;
    /** Connections at once to one host under one policy, default 4; further requests wait. */
    maxSockets?: number | undefined;
    /** Idle connections kept in all, default 4; the one idle for longest goes first. */
    maxFreeSockets?: number | undefined;
    /** How long an idle connection is kept, in milliseconds, default 5000. */
    timeout?: number | undefined;
    /**
     * TLS sessions kept to be resumed, in all, default 4; 0 keeps none. About 800 bytes each. One is used until
     * the server sends another, so that who watches the network can tell connections of one client (RFC 8446
     * appendix C.4).
     */
    maxCachedSessions?: number | undefined;
    [option: string]: unknown;
}

/** What an agent calls of a request. @internal */
export interface Rider {
    _tls: TlsApi;
    /** Options for `tls.connect`, and for comparing connections. */
    _target: ConnectOptions;
    /** Needs no connection any more. */
    _closed: boolean;
    /** Only a new connection will do. */
    _fresh: boolean;
    /** The connection asked to wait for `drain`. */
    _full: boolean;
    /** A connection is ready. */
    _attach(connection: Connection): void;
    /** Data came, or with `ended` the end: in order (`true`), or with an error. */
    _receive(data: string, ended?: unknown): void;
    emit(event: "drain"): boolean;
}

/** A connection and the request that it serves. @internal */
export interface Connection extends Origin {
    socket: TlsSocketLike;
    rider: Rider | undefined;
    /** The handshake is done. */
    open: boolean;
    /** Has served a request before. */
    used: boolean;
    timer: ReturnType<typeof setTimeout> | undefined;
    /** What went wrong with it; `true` is nothing. */
    error: unknown;
}

// The functions from here to Agent are called in one place each and become part of it in the
// build for boards.

/** Opens a connection for a request. */
const open = function (agent: Agent, request: Rider): void {
    let socket: TlsSocketLike;
    const known = recall(agent._sessions, request);
    try {
        socket = request._tls.connect(Object.assign({ session: known && known.session }, request._target));
    } catch (error) {
        request._receive("", error);
        return;
    }
    const connection: Connection = {
        socket,
        tls: request._tls,
        target: request._target,
        rider: request,
        open: false,
        used: false,
        timer: undefined,
        error: true,
    };
    agent._connections.push(connection);
    socket.on("secureConnect", function () {
        connection.open = true;
        if (connection.rider) connection.rider._attach(connection);
    });
    socket.on("session", function (session) {
        agent._sessions = remember(agent._sessions, request, session, agent.maxCachedSessions);
    });
    socket.on("data", function (data) {
        const bytes = typeof data === "string" ? data : toBinary(data);
        if (connection.rider) connection.rider._receive(bytes);
        // What comes unasked must never be taken for the answer to the next request.
        else agent._drop(connection, false);
    });
    socket.on("drain", function () {
        if (!connection.rider) return;
        connection.rider._full = false;
        connection.rider.emit("drain");
    });
    socket.on("end", function () {
        if (!connection.rider) agent._drop(connection, false);
        else if (connection.open) connection.rider._receive("", true);
    });
    socket.on("error", function (error) {
        connection.error = error || true;
        // A session with which a handshake fails must not make the next one fail.
        if (connection.open || (error && (error as TlsError).code === "ETLS_CONNECT_FAILED")) return;
        agent._sessions = agent._sessions.filter(function (saved) {
            return saved !== known;
        });
    });
    socket.on("close", function () {
        const rider = connection.rider;
        agent._drop(connection, true);
        if (rider) rider._receive("", connection.error);
        agent._next();
    });
};

/** Keeps a connection that is idle now. `hint` is the server's `Keep-Alive` field. */
const keep = function (agent: Agent, connection: Connection, hint: string): void {
    const socket = connection.socket;
    // A second before the server would close it, as the two could cross.
    const allowed = hint.match(/timeout=([0-9]+)/);
    const most = allowed ? parseInt(allowed[1] as string, 10) * 1000 - 1000 : agent.timeout;
    const timer = setTimeout(
        function () {
            connection.timer = undefined;
            agent._drop(connection, false);
        },
        Math.max(0, Math.min(most, agent.timeout)),
    );
    connection.used = true;
    connection.timer = timer;
    // An idle connection does not keep a program of Node from ending.
    const node: { unref?: () => void } = timer;
    if (node.unref) node.unref();
    if (socket.unref) socket.unref();
    const idle = agent._connections.filter(function (other) {
        return !other.rider;
    });
    if (idle.length > agent.maxFreeSockets) agent._drop(idle[0] as Connection, false);
};

/** Hands connections to requests, opens them, keeps them and closes them. */
export class Agent {
    /** Whether connections are kept for further requests. */
    keepAlive: boolean;
    /** Connections at once to one host under one policy. */
    maxSockets: number;
    /** Idle connections in all. */
    maxFreeSockets: number;
    /** How long an idle connection is kept, in milliseconds. */
    timeout: number;
    /** TLS sessions kept to be resumed. */
    maxCachedSessions: number;
    /** What was given to the constructor. */
    options: AgentOptions;
    /** @internal */ _connections: Connection[] = [];
    /** The latest last. @internal */ _sessions: Saved[] = [];
    private _queue: Rider[] = [];

    /** See {@link AgentOptions}. */
    constructor(options?: AgentOptions) {
        const given = options || {};
        this.options = given;
        this.keepAlive = !!given.keepAlive;
        this.maxSockets = given.maxSockets || 4;
        this.maxFreeSockets = given.maxFreeSockets === undefined ? 4 : given.maxFreeSockets;
        this.timeout = given.timeout || 5000;
        this.maxCachedSessions = given.maxCachedSessions === undefined ? 4 : given.maxCachedSessions;
    }

    /** Drops all connections, also those in use, and sessions; requests end with `ETLS_HTTP_ABORTED`. */
    destroy(): void {
        const queue = this._queue;
        this._queue = [];
        this._sessions = [];
        queue.forEach(function (request) {
            request._receive("", makeError("ETLS_HTTP_ABORTED", "the agent was destroyed"));
        });
        this._connections.forEach(function (connection) {
            connection.socket.destroy();
        });
    }

    /** Gives all who wait, and one more, a connection if there can be one. @internal */
    _next(request?: Rider): void {
        const agent = this;
        const queue = request ? this._queue.concat([request]) : this._queue;
        this._queue = [];
        queue.forEach(function (waiting) {
            if (waiting._closed) return;
            let busy = 0;
            let idle: Connection | undefined;
            agent._connections.forEach(function (connection) {
                if (!serves(connection, waiting)) return;
                if (connection.rider) busy++;
                else if (waiting._fresh) agent._drop(connection, false);
                else idle = connection;
            });
            if (idle) {
                clearTimeout(idle.timer);
                idle.timer = undefined;
                if (idle.socket.ref) idle.socket.ref();
                idle.rider = waiting;
                waiting._attach(idle);
            } else if (busy < agent.maxSockets) {
                open(agent, waiting);
            } else {
                agent._queue.push(waiting);
            }
        });
    }

    /** A request needs no connection any more: one that it has is dropped. @internal */
    _cancel(request: Rider): void {
        const agent = this;
        this._queue = this._queue.filter(function (other) {
            return other !== request;
        });
        this._connections.forEach(function (connection) {
            if (connection.rider === request) agent._drop(connection, true);
        });
    }

    /** A request is done with its connection, which may be used again or not. @internal */
    _release(connection: Connection, reusable: boolean, hint: string): void {
        connection.rider = undefined;
        if (reusable && this.keepAlive) keep(this, connection, hint);
        else this._drop(connection, false);
        this._next();
    }

    /** Ends a connection: at once, or in order if the peer goes along. @internal */
    _drop(connection: Connection, now: boolean): void {
        const socket = connection.socket;
        if (connection.timer !== undefined) clearTimeout(connection.timer);
        connection.rider = undefined;
        connection.timer = undefined;
        this._connections = this._connections.filter(function (other) {
            return other !== connection;
        });
        if (now) {
            socket.destroy();
            return;
        }
        socket.end();
        connection.timer = setTimeout(function () {
            connection.timer = undefined;
            socket.destroy();
        }, 1000);
    }
}
