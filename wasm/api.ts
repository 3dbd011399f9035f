// SPDX-License-Identifier: Apache-2.0
/**
 * The API that a platform's entry file offers, made from its host.
 *
 * @module
 */
import { createHttps } from "../modules/https.ts";
import type { TlsServerApi } from "../modules/https_server.ts";
import type { HttpsWithServer } from "../modules/https.ts";
import { serverFactory } from "../modules/https_server.ts";
import type { MemoryUsage } from "../modules/memory.ts";
import { createSntp } from "../modules/sntp.ts";
import type { Sntp } from "../modules/sntp.ts";
import { createTls } from "../modules/tls.ts";
import type { Tls } from "../modules/tls.ts";
import { createTlsServer } from "../modules/tls_server.ts";
import type { TlsServer, TlsServerOptions } from "../modules/tls_server.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import { startHost } from "./host.ts";
import type { OpenOptions, Platform, WasmHost } from "./host.ts";

/** `tls` with the server role. */
export interface FullTls extends Tls {
    /** Makes a server; `cert` and `key` are needed. @throws TlsError when these cannot be loaded. */
    createServer(
        options: TlsServerOptions,
        onConnection?: (socket: TLSSocket) => void,
    ): TlsServer;
}

/** A core of its own, with an arena of its own. */
export interface EspruinoTls {
    /** What `require("tls")` is on a board. */
    tls: FullTls;
    /** What `require("https")` is on a board. */
    https: HttpsWithServer;
    /** What `require("sntp")` is on a board; it sets the clock of this core, not the machine's. */
    sntp: Sntp;
    /** Sets the clock of this core, milliseconds since 1970; the machine's stays as it is. */
    setTime(ms: number): void;
    /** Statistics of the arena. */
    memory(): MemoryUsage;
    /** Ends everything and wipes the arena. */
    close(): void;
}

/** Makes both modules of a host. @internal */
export const makeApi = function (host: WasmHost): Omit<EspruinoTls, "close"> {
    const tls: FullTls = { ...createTls(host), createServer: createTlsServer(host) };
    const setTime = (ms: number): void => host.setTime(ms);
    const random = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    const sntp = createSntp({ random, ticks: () => performance.now(), ...host.sntp, setTime });
    const https = createHttps(tls, serverFactory(tls as TlsServerApi));
    return { tls, https, sntp, setTime, memory: () => tls.memory() };
};

/** Starts a core on a platform. @internal */
export const openOn = function (platform: Platform, options: OpenOptions): Promise<EspruinoTls> {
    const host = startHost(platform, options);
    return new Promise((resolve, reject) => {
        host.ready((error) => {
            if (error !== undefined) {
                reject(error as Error);
                return;
            }
            const close = function (): void {
                host.binding?.close();
                host.binding = undefined;
            };
            resolve({ ...makeApi(host), close });
        });
    });
};
