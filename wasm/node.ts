// SPDX-License-Identifier: Apache-2.0
/**
 * The package's main module under Node: TCP sockets, Node's own roots as default `ca`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import net from "node:net";
import { rootCertificates } from "node:tls";
import { loadDer } from "../modules/certificates.ts";
import type { Listener, Stream, Transport } from "../modules/host.ts";
import { openOn } from "./api.ts";
import type { EspruinoTls } from "./api.ts";
import type { OpenOptions, Platform } from "./host.ts";

export type { Address, Listener, Stream, Transport } from "../modules/host.ts";
export type { EspruinoTls, FullTls } from "./api.ts";
export type { EntropySourceState, EntropyState, SeedStore } from "../modules/entropy.ts";
export type { OpenOptions } from "./host.ts";
export type { EntropySource } from "./loader.ts";

/** When a name has several addresses and all fail, Node's error has no text but theirs. */
const first = function (error: unknown): unknown {
    return error instanceof AggregateError ? (error.errors[0] ?? error) : error;
};

/** Wraps a socket of Node: binary strings out, bytes in. */
const wrap = function (socket: net.Socket): Stream {
    socket.setNoDelay(true);
    return {
        write: (data) => socket.write(data, "latin1"),
        end: () => void socket.end(),
        destroy: () => void socket.destroy(),
        pause: () => void socket.pause(),
        resume: () => void socket.resume(),
        on: (event: string, listener: (value: unknown) => void) =>
            socket.on(event, (value: unknown) => listener(event === "error" ? first(value) : value)),
        ref: () => void socket.ref(),
        unref: () => void socket.unref(),
        get remoteAddress() {
            return socket.remoteAddress;
        },
    } as Stream;
};

/** TCP by node:net. */
export const nodeTransport: Transport = {
    connect(to, ready) {
        const socket = net.connect({ host: to.host, port: to.port, autoSelectFamily: true });
        const stream = wrap(socket);
        socket.once("connect", ready);
        return stream;
    },
    listen(at, accept, ready) {
        const server = net.createServer((socket) => accept(wrap(socket)));
        server.once("error", (error) => ready(error));
        server.listen({ port: at.port, ...(at.host === undefined ? {} : { host: at.host }) }, () => {
            const address = server.address();
            const listener: Listener = {
                port: typeof address === "object" && address !== null ? address.port : at.port,
                close: (callback) => void server.close(() => callback?.()),
            };
            ready(undefined, listener);
        });
    },
};

let roots: string[] | undefined;

const platform: Platform = {
    transport: nodeTransport,
    defaultCA() {
        const reader = { readFile: () => undefined };
        roots ??= loadDer(reader, "ca", [...rootCertificates]);
        return roots;
    },
    readFile(name) {
        try {
            return readFileSync(name, "latin1");
        } catch {
            return undefined;
        }
    },
};

/** The platform, for the default instance. @internal */
export const nodePlatform = platform;

/**
 * Starts a core with an arena of its own.
 *
 * @throws TlsError `ETLS_BAD_ARENA`, `ETLS_CORE_FAILED`.
 *
 * @example
 * ```ts
 * import { open } from "espruino-tls";
 *
 * const { https, memory } = await open({ arena: 32768 });
 * https.get({ host: "localhost", port: 8443, ca: pem }, (response) => {
 *     response.on("data", (data) => process.stdout.write(data, "latin1"));
 * });
 * ```
 */
export const open = function (options: OpenOptions = {}): Promise<EspruinoTls> {
    return openOn(platform, options);
};
