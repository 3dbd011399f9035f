// SPDX-License-Identifier: Apache-2.0
/**
 * The package's main module under Node: TCP sockets; the common roots of the web as default `ca`,
 * taken from Node's own.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import net from "node:net";
import type { Listener, Stream, Transport } from "../modules/host.ts";
import { openOn } from "./api.ts";
import type { EspruinoTls } from "./api.ts";
import { describe } from "./describe.ts";
import type { OpenOptions, Platform } from "./host.ts";
import { decryptKeys } from "./private_keys.ts";
import { rootBundle } from "./roots.ts";
import { nodeSntp } from "./udp.ts";

export type { Address, Listener, Stream, Transport } from "../modules/host.ts";
export type { Channel, Sntp, SntpCallback, SntpHost, SntpOptions, SntpTime } from "../modules/sntp.ts";
export type { EspruinoTls, FullTls } from "./api.ts";
export type { EntropySourceState, EntropyState, SeedStore } from "../modules/entropy.ts";
export { toDuplex } from "./duplex.ts";
export type { DuplexStream } from "./duplex.ts";
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

const readFile = function (name: string): string | undefined {
    try {
        return readFileSync(name, "latin1");
    } catch {
        return undefined;
    }
};

const platform: Platform = {
    transport: nodeTransport,
    defaultCA: (roots) => [rootBundle(roots).toString("latin1")],
    readFile,
    describe,
    sntp: nodeSntp,
    decryptKeys: (value, passphrase) => decryptKeys(value, passphrase, readFile),
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
