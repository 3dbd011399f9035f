// SPDX-License-Identifier: Apache-2.0
/**
 * The server role of `tls`, in builds of profile `full`.
 *
 * @module
 */

import { SERVER } from "./abi.gen.ts";
import { toBinary } from "./bytes.ts";
import { serverName } from "./client_hello.ts";
import { SecureContext } from "./context.ts";
import { Emitter, throwLater } from "./emitter.ts";
import { failure } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { ERR_UNRECOGNIZED_NAME, ERR_UNSUPPORTED } from "./errors.gen.ts";
import type { Host, Listener, Stream } from "./host.ts";
import type { SecureContextOptions } from "./secure_context.ts";
import { pump } from "./tls_pump.ts";
import { handshakeLimit, openSession } from "./tls_setup.ts";
import { TLSSocket } from "./tls_socket.ts";
import { attach } from "./tls_stream.ts";

/** Chooses a context by the name that a client asks for. */
export type SNICallback = (
    servername: string,
    callback: (error: Error | null, context?: SecureContext) => void,
) => void;

/** Options of `tls.createServer`; names are Node's. */
export interface TlsServerOptions extends SecureContextOptions {
    /** A context made before, in place of `cert`, `key` and the rest. */
    secureContext?: SecureContext | undefined;
    /** Chooses the context for a name; without a context the default one serves. */
    SNICallback?: SNICallback | undefined;
    /** How long a handshake may take, milliseconds; default 30,000; 0 for ever. */
    handshakeTimeout?: number | undefined;
}

/** Events of a {@link TlsServer}. */
export interface TlsServerEvents {
    /** Connections are accepted now. */
    listening: [];
    /** A client has connected, and was verified if that was asked for. */
    secureConnection: [socket: TLSSocket];
    /** A client has failed before that. */
    tlsClientError: [error: TlsError, socket: TLSSocket];
    /** The server cannot listen. */
    error: [error: TlsError];
    /** No more connections are accepted. */
    close: [];
}

/** Alerts that are sent before there is a session: RFC 8446 section 6. */
const INTERNAL_ERROR = 80;
const UNRECOGNIZED_NAME = 112;

/** Ends a connection that has no session yet, with a fatal alert in the clear. */
const refuse = function (socket: TLSSocket, alert: number, error: TlsError): void {
    if (socket._stream) socket._stream.write("\x15\x03\x03\0\x02\x02" + String.fromCharCode(alert));
    socket._shutDown = true; // so that the alert arrives
    socket.destroy(error);
};

/** A TLS server. */
export class TlsServer extends Emitter<TlsServerEvents> {
    private readonly host: Host;
    private readonly options: TlsServerOptions;
    private readonly context: SecureContext;
    private listener: Listener | undefined;
    private sockets: TLSSocket[] = [];

    /** @throws TlsError when a certificate or key cannot be loaded. */
    constructor(host: Host, options: TlsServerOptions) {
        super();
        this.host = host;
        this.options = options;
        // Without a ca a server trusts nobody: the default roots are not for clients.
        const own = Object.assign({ ca: [] }, options) as SecureContextOptions;
        this.context = options.secureContext || new SecureContext(host, own);
    }

    /** Starts to accept connections; `callback` when that works. */
    listen(port: number, host?: string | (() => void), callback?: () => void): this {
        const ready = typeof host === "function" ? host : callback;
        const at = typeof host === "string" ? { port, host } : { port };
        if (ready) this.on("listening", ready);
        this.host.ready((error) => {
            if (error) this.fail(error);
            else this.start(at);
        });
        return this;
    }

    /** The port in use. */
    address(): Pick<Listener, "port"> | null {
        return this.listener ? { port: this.listener.port } : null;
    }

    /** Stops accepting; connections that exist go on. The context's memory is given back. */
    close(callback?: () => void): this {
        if (callback) this.on("close", callback);
        const done = (): void => {
            if (!this.options.secureContext) this.context.free();
            this.emit("close");
        };
        if (this.listener) this.listener.close(done);
        else setTimeout(done, 0);
        this.listener = undefined;
        return this;
    }

    /** Drops all connections. */
    closeAllConnections(): void {
        this.sockets.forEach(function (socket) {
            socket.destroy();
        });
    }

    private start(at: { port: number; host?: string }): void {
        const binding = this.host.binding;
        const transport = this.host.transport;
        if (!binding || !transport.listen) {
            this.fail(failure(ERR_UNSUPPORTED, { detail: "this host cannot listen" }));
            return;
        }
        try {
            this.context._handle(binding, SERVER);
        } catch (error) {
            this.fail(error);
            return;
        }
        transport.listen(
            at,
            (stream) => {
                this.accept(stream);
            },
            (error, listener) => {
                this.listener = listener;
                if (error) this.fail(error);
                else this.emit("listening");
            },
        );
    }

    private fail(error: unknown): void {
        setTimeout(() => {
            if (!this.emit("error", error as TlsError)) throwLater(error);
        }, 0);
    }

    /** Waits for the ClientHello, since the name in it decides about the context. */
    private accept(stream: Stream): void {
        const socket = new TLSSocket();
        let hello = "";
        let known = false;
        this.watch(socket);
        attach(socket, stream);
        stream.on("data", (data) => {
            if (known || socket.destroyed) return;
            hello += toBinary(data);
            const name = serverName(hello);
            if (name === undefined) return;
            known = true;
            hello = "";
            this.choose(name, socket);
        });
        stream.on("close", function () {
            if (!socket._session) socket.destroy();
        });
    }

    /** Tells what becomes of a socket, and sees that its handshake ends some time. */
    private watch(socket: TLSSocket): void {
        let secured = false;
        this.sockets.push(socket);
        socket.on("secureConnect", () => {
            secured = true;
            this.emit("secureConnection", socket);
        });
        socket.on("error", (error) => {
            if (!secured) this.emit("tlsClientError", error, socket);
        });
        socket.on("close", () => {
            this.sockets = this.sockets.filter(function (other) {
                return other !== socket;
            });
        });
        socket._limit(handshakeLimit(this.options), "ClientHello");
    }

    private choose(name: string, socket: TLSSocket): void {
        socket.servername = name;
        const go = (error: Error | null, context?: SecureContext): void => {
            if (socket.destroyed || socket._session) return; // too late, or called twice
            if (error) refuse(socket, UNRECOGNIZED_NAME, failure(ERR_UNRECOGNIZED_NAME, { host: name }));
            else this.serve(context || this.context, socket);
        };
        if (name !== "" && this.options.SNICallback) this.options.SNICallback(name, go);
        else go(null);
    }

    private serve(context: SecureContext, socket: TLSSocket): void {
        const binding = this.host.binding;
        if (!binding) {
            socket.destroy();
            return;
        }
        try {
            socket._open(openSession(binding, context._handle(binding, SERVER), ""), {
                name: "",
                rejectUnauthorized: this.options.rejectUnauthorized !== false,
                handshakeTimeout: handshakeLimit(this.options),
            });
        } catch (error) {
            refuse(socket, INTERNAL_ERROR, error as TlsError);
            return;
        }
        pump(socket);
    }
}

/** Makes `tls.createServer` of a host. */
export const createTlsServer = function (
    host: Host,
): (options: TlsServerOptions, onConnection?: (socket: TLSSocket) => void) => TlsServer {
    return function (options, onConnection) {
        const server = new TlsServer(host, options);
        if (onConnection) server.on("secureConnection", onConnection);
        return server;
    };
};
